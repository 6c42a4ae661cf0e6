"""The Lambda function on stream 1: the cheap variation, without Flink."""
