"""CloudWatch's embedded metric format, which the emulator does not know: metrics that lie in log lines."""
