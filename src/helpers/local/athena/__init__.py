"""Athena on the laptop: Trino SQL on DuckDB over Glue tables, results as AWS stores them."""
