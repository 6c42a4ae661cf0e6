"""S3 in front of the emulator's: AWS's checks, the details of its refusals, headers of its answers."""
