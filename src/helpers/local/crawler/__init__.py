"""Glue crawlers that really read: S3 objects become tables of the Data Catalog."""
