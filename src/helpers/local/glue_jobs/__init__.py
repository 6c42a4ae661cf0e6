"""Glue's Python shell jobs, really run: the script from S3, its arguments, its end and its log."""
