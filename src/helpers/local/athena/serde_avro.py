"""Avro: read in Python and handed to DuckDB as Parquet; columns go by name.

https://docs.aws.amazon.com/athena/latest/ug/avro-serde.html
"""

from __future__ import annotations

import io
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local import in_process
from helpers.local.athena import avro_files
from helpers.local.athena.errors import BadDataError
from helpers.local.athena.listing import real_address
from helpers.local.athena.serde_parquet import columnar_reader
from helpers.local.athena.source import Source
from helpers.local.athena.storage import Content, CountingFileSystem

# Parquet ends with the length of its footer and `PAR1`.
_END_BYTES = 8


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads Avro files."""

    def prepare(path: str, raw: memoryview) -> Content:
        bucket, key = real_address(path)
        try:
            table = avro_files.read_table(raw)
        except avro_files.AvroError as error:
            raise _bad(bucket, key, error) from error
        written = io.BytesIO()
        pq.write_table(table, written, compression="none")
        data = memoryview(written.getvalue())
        # Rows lie one after the other: whatever is asked for, all of the file is read. It counts with the end of
        # what DuckDB reads in its place, which DuckDB needs whatever it looks for.
        return Content(data, raw.nbytes, data.nbytes - _END_BYTES, data.nbytes)

    return columnar_reader(source, filesystem, prepare, lambda stored: _schema(stored.bucket, stored.key, stored.etag))


@lru_cache(maxsize=10_000)
def _schema(bucket: str, key: str, etag: str) -> pa.Schema:
    try:
        return avro_files.read_schema(in_process.read_object(bucket, key))
    except avro_files.AvroError as error:
        raise _bad(bucket, key, error) from error


def _bad(bucket: str, key: str, error: Exception) -> BadDataError:
    return BadDataError(f"Error reading Avro file s3://{bucket}/{key}: {error}")
