"""S3 Select on DuckDB: SQL over one CSV, JSON or Parquet object, answered as an event stream."""
