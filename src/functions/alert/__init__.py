"""The Lambda function on stream 2."""
