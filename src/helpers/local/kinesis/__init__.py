"""Kinesis Data Streams in front of the emulator's own: throughput, limits and errors as AWS has them."""
