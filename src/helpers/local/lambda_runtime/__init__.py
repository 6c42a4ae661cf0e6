"""Python functions of the local Lambda, each run in execution environments of its own."""
