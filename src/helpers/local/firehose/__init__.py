"""Amazon Data Firehose to S3, as AWS documents it: buffers, prefixes, transformation, and nothing lost."""
