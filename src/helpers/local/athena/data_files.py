"""The data files that a query writes: format, compression, one folder for each partition."""

from __future__ import annotations

import secrets
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from helpers.local import in_process
from helpers.local.athena.errors import ExecutionError, NotSupportedError
from helpers.local.athena.formats import FORMATS, LAZY_SIMPLE, OPEN_CSV, FileFormat
from helpers.local.athena.model import Column, QueryContext
from helpers.local.athena.query import Engine
from helpers.local.athena.storage import NULL_PARTITION

# https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
MOST_PARTITIONS = 100
_PARQUET_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4", "NONE": "uncompressed"}
_TEXT_CODECS = {"GZIP": ("gzip", ".gz"), "ZSTD": ("zstd", ".zst"), "NONE": ("none", "")}


@dataclass(frozen=True)
class Layout:
    """Where files go and how they are written; `delimiter` is for text."""

    location: str
    format: str
    compression: str
    delimiter: str = "\x01"

    @property
    def file_format(self) -> FileFormat:
        if self.format == "CSV":
            text = FORMATS["TEXTFILE"]
            return FileFormat(OPEN_CSV, text.input_format, text.output_format)
        return FORMATS[self.format]

    @property
    def serde_parameters(self) -> dict[str, str]:
        if self.file_format.serde == LAZY_SIMPLE:
            return {"field.delim": self.delimiter, "serialization.format": self.delimiter}
        return {"serialization.format": "1"}


@dataclass
class Written:
    """What was written: `s3://` URIs of the files, locations by partition values, and the rows in all."""

    rows: int
    objects: list[str] = field(default_factory=list)
    partitions: dict[tuple[str, ...], str] = field(default_factory=dict)


def write_files(
    engine: Engine, table: str, columns: list[Column], keys: list[str], layout: Layout, context: QueryContext
) -> Written:
    """Write the rows of a table of the engine to S3.

    Raises
    ------
    ExecutionError
        If there are more than `MOST_PARTITIONS` partitions.
    NotSupportedError
        If the local Athena does not write the format or the compression.
    """
    options, suffix = _options(layout)
    rows = int(engine.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    written = Written(rows)
    if rows == 0:
        return written
    _check_partitions(engine, table, keys)
    partitioned = f", PARTITION_BY ({', '.join(_quoted(key) for key in keys)})" if keys else ""
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{secrets.randbelow(100000):05d}_{secrets.token_hex(3)[:5]}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "out"
        target = folder if keys else Path(temporary) / "out.data"
        select = _select(table, columns, keys, layout)
        with engine.guarded():
            engine.connection.execute(f"COPY ({select}) TO '{target.as_posix()}' ({options}{partitioned})")
        files = sorted(path for path in folder.rglob("*") if path.is_file()) if keys else [target]
        for path in files:
            place = path.parent.relative_to(folder).as_posix() + "/" if keys else ""
            uri = f"{layout.location}{place}{stamp}_{uuid.uuid4()}{suffix}"
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            in_process.s3_request("PUT", bucket, key, path.read_bytes(), context.s3_headers)
            written.objects.append(uri)
            if keys:
                values = tuple(unquote(part.partition("=")[2]) for part in place.rstrip("/").split("/"))
                written.partitions[values] = layout.location + place
    return written


def _options(layout: Layout) -> tuple[str, str]:
    if layout.format == "PARQUET":
        if layout.compression not in _PARQUET_CODECS:
            raise NotSupportedError(f"Parquet with {layout.compression}")
        return f"FORMAT parquet, COMPRESSION {_PARQUET_CODECS[layout.compression]}", ""
    if layout.format in ("ORC", "AVRO"):
        raise NotSupportedError(f"writing {layout.format} files")
    if layout.compression not in _TEXT_CODECS:
        raise NotSupportedError(f"{layout.format} with {layout.compression}")
    codec, suffix = _TEXT_CODECS[layout.compression]
    if layout.format in ("JSON", "JSONFILE"):
        return f"FORMAT json, COMPRESSION {codec}", suffix
    delimiter = layout.delimiter.replace("'", "''")
    quoting = "QUOTE '\"', FORCE_QUOTE *" if layout.format == "CSV" else "QUOTE '', ESCAPE '', NULLSTR '\\N'"
    return f"FORMAT csv, HEADER false, DELIMITER '{delimiter}', {quoting}, COMPRESSION {codec}", suffix


def _select(table: str, columns: list[Column], keys: list[str], layout: Layout) -> str:
    listed = []
    for column in columns:
        name = _quoted(column.name)
        if column.name in keys:
            listed.append(f"coalesce({name}::VARCHAR, '{NULL_PARTITION}') AS {name}")
        elif layout.format in ("TEXTFILE", "CSV") and column.type == "timestamp":
            listed.append(f"strftime({name}, '%Y-%m-%d %H:%M:%S.%g') AS {name}")
        else:
            listed.append(name)
    return f"SELECT {', '.join(listed)} FROM {table}"


def _check_partitions(engine: Engine, table: str, keys: list[str]) -> None:
    if not keys:
        return
    listed = ", ".join(_quoted(key) for key in keys)
    found = engine.connection.execute(f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM {table})").fetchall()
    if found[0][0] > MOST_PARTITIONS:
        message = f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets"
        raise ExecutionError("HIVE_TOO_MANY_OPEN_PARTITIONS", message)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
