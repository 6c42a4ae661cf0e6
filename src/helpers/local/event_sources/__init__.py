"""Lambda's event source mappings on Kinesis, as AWS documents them, in front of the emulator's own."""
