"""CloudWatch Logs in front of the emulator's: AWS's checks and words, filter patterns and what uses them."""
