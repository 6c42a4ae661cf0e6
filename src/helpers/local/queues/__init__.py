"""Queues and messages of the local SQS, refused in AWS's words."""
