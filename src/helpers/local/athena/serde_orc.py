"""ORC: read by pyarrow and handed to DuckDB as Parquet, with only the columns that the query uses.

https://docs.aws.amazon.com/athena/latest/ug/orc-serde.html
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local import in_process
from helpers.local.athena.errors import BadDataError, NotSupportedError
from helpers.local.athena.listing import real_address
from helpers.local.athena.memory_file import MemoryFile
from helpers.local.athena.serde_parquet import columnar_reader
from helpers.local.athena.source import Source
from helpers.local.athena.storage import Content, CountingFileSystem


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads ORC files."""

    def prepare(path: str, raw: memoryview) -> Content:
        counted = _Counted(raw)
        orc = _open(counted, *real_address(path))
        wanted = [field.name for field in orc.schema if field.name.lower() in source.columns]
        counted.bytes_read = 0
        table = orc.read(columns=wanted)
        if not wanted:
            # DuckDB reads no Parquet without columns; the rows are what counts.
            table = pa.table({"nothing": pa.nulls(orc.nrows, pa.int8())})
        written = io.BytesIO()
        pq.write_table(table, written, compression="none")
        data = memoryview(written.getvalue())
        footer_bytes = int.from_bytes(data[-8:-4], "little") + 8
        stored_bytes = min(counted.bytes_read, raw.nbytes) if wanted else 0
        return Content(data, stored_bytes, 4, data.nbytes - footer_bytes)

    return columnar_reader(source, filesystem, prepare, lambda stored: _schema(stored.bucket, stored.key, stored.etag))


class _Counted(MemoryFile):
    """An object in memory that counts the bytes read of it."""

    def __init__(self, raw: memoryview) -> None:
        super().__init__(raw)
        self.bytes_read = 0

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._data.nbytes - self._position)
        buffer[:size] = self._data[self._position : self._position + size]
        self._position += size
        self.bytes_read += size
        return size


@lru_cache(maxsize=10_000)
def _schema(bucket: str, key: str, etag: str) -> pa.Schema:
    schema: pa.Schema = _open(pa.BufferReader(in_process.read_object(bucket, key)), bucket, key).schema
    return schema.remove_metadata()


def _open(file: Any, bucket: str, key: str) -> Any:
    try:
        from pyarrow import orc
    except ImportError as error:
        raise NotSupportedError("ORC on this system, whose pyarrow has no reader for it,") from error
    try:
        return orc.ORCFile(file)
    except (pa.ArrowException, OSError) as error:
        raise BadDataError(f"Malformed ORC file. Cannot read file: s3://{bucket}/{key}") from error
