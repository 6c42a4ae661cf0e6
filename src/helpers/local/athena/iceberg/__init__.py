"""Iceberg tables of the local Athena; pyiceberg keeps their format, DuckDB reads their data files."""
