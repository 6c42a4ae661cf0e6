"""The data files that a query writes: one for each partition and bucket, in the format of a table.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import bz2
import gzip
import secrets
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from helpers.local import in_process
from helpers.local.athena import avro_files
from helpers.local.athena.bucketing import bucket_sql
from helpers.local.athena.errors import ExecutionError, NotSupportedError
from helpers.local.athena.formats import FORMATS, LAZY_SIMPLE, OPEN_CSV, FileFormat
from helpers.local.athena.hive_text import delimited_line, json_line, quoted_line
from helpers.local.athena.query import Engine
from helpers.local.athena.source import quoted
from helpers.local.athena.source import text as sql_text
from helpers.local.athena.types import DataType

# https://docs.aws.amazon.com/athena/latest/ug/ctas-considerations-limitations.html
MOST_PARTITIONS = 100
_PARQUET_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4", "NONE": "uncompressed"}
_ORC_CODECS = {"ZLIB": "zlib", "GZIP": "zlib", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4", "NONE": "uncompressed"}
_AVRO_CODECS = {"DEFLATE": "deflate", "SNAPPY": "snappy", "ZSTD": "zstandard", "BZIP2": "bzip2", "NONE": "null"}
# Hadoop's readers keep one block of this size in memory.
_BLOCK_BYTES = 256 * 1024


def _hadoop_blocks(codec: str) -> Callable[[bytes], bytes]:
    def compress(data: bytes) -> bytes:
        written = []
        for start in range(0, len(data), _BLOCK_BYTES):
            plain = data[start : start + _BLOCK_BYTES]
            packed = bytes(pa.Codec(codec).compress(plain, asbytes=True))
            written += [len(plain).to_bytes(4, "big"), len(packed).to_bytes(4, "big"), packed]
        return b"".join(written)

    return compress


_TEXT_CODECS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    # The highest level takes five times as long for a few percent.
    "GZIP": (".gz", lambda data: gzip.compress(data, 5)),
    "BZIP2": (".bz2", bz2.compress),
    "ZSTD": (".zst", lambda data: bytes(pa.Codec("zstd").compress(data))),
    "SNAPPY": (".snappy", _hadoop_blocks("snappy")),
    "LZ4": (".lz4", _hadoop_blocks("lz4_raw")),
    "NONE": ("", bytes),
}
_TEXT_FORMATS = ("TEXTFILE", "JSON", "CSV")


@dataclass(frozen=True)
class Layout:
    """How files are written; `delimiter` and `header`, a first line of names, are for text."""

    format: str
    compression: str
    delimiter: str = "\x01"
    buckets: tuple[str, ...] = ()
    bucket_count: int = 0
    header: bool = False

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
    partitions: dict[tuple[str | None, ...], str] = field(default_factory=dict)


def check_layout(layout: Layout) -> None:
    """Refuse a format or a compression that the local Athena does not write.

    Raises
    ------
    NotSupportedError
        If it does not.
    """
    codecs = {"PARQUET": _PARQUET_CODECS, "ORC": _ORC_CODECS, "AVRO": _AVRO_CODECS}.get(layout.format, _TEXT_CODECS)
    if layout.compression not in codecs:
        raise NotSupportedError(f"{layout.format} with {layout.compression}")


def write_files(
    engine: Engine,
    table: str,
    columns: dict[str, DataType],
    keys: list[str],
    layout: Layout,
    location_of: Callable[[tuple[str | None, ...]], str],
) -> Written:
    """Write the rows of a table of the engine to S3.

    Parameters
    ----------
    engine, table
        Where the rows are.
    columns, keys
        The table's columns in order, and which of them are partition keys.
    layout
        How to write.
    location_of
        From partition values to the folder of their files.

    Raises
    ------
    ExecutionError
        If there are more than `MOST_PARTITIONS` partitions.
    """
    rows = int(engine.connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
    written = Written(rows)
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}_{secrets.randbelow(100000):05d}_{secrets.token_hex(3)[:5]}"
    stored = {name: kind for name, kind in columns.items() if name not in keys}
    with tempfile.TemporaryDirectory() as temporary, engine.guarded():
        for values, bucket, condition in _parts(engine, table, columns, keys, layout, location_of) if rows else ():
            location = location_of(values)
            data = _data(engine, f"{table} WHERE {condition}", stored, layout, Path(temporary) / "part")
            bucket_name = f"_bucket-{bucket:05d}" if bucket is not None else ""
            uri = f"{location}{stamp}_{uuid.uuid4()}{bucket_name}{_suffix(layout)}"
            bucket_and_key = uri.removeprefix("s3://").partition("/")
            in_process.s3_request("PUT", bucket_and_key[0], bucket_and_key[2], data, engine.context.s3_headers)
            written.objects.append(uri)
            if keys:
                written.partitions[values] = location
    return written


def hive_path(keys: list[str], values: tuple[str | None, ...]) -> str:
    """Return the folder of a partition below its table, `KEY=VALUE/…/`, special characters escaped as Hive does."""
    texts = ["__HIVE_DEFAULT_PARTITION__" if value in (None, "") else _escaped(str(value)) for value in values]
    return "".join(f"{key}={text}/" for key, text in zip(keys, texts, strict=True))


def _escaped(value: str) -> str:
    special = "\"#%'*/:=?\\\x7f{[]^"
    return "".join(f"%{ord(mark):02X}" if ord(mark) < 32 or mark in special else mark for mark in value)


def _parts(
    engine: Engine,
    table: str,
    columns: dict[str, DataType],
    keys: list[str],
    layout: Layout,
    location_of: Callable[[tuple[str | None, ...]], str],
) -> Iterator[tuple[tuple[str | None, ...], int | None, str]]:
    """Yield partition values, bucket and condition of each file."""
    listed = [f"{quoted(key)}::VARCHAR" for key in keys]
    bucket = ""
    if layout.bucket_count:
        bucket = bucket_sql({name: columns[name] for name in layout.buckets}, layout.bucket_count)
        listed.append(bucket)
    if not listed:
        yield (), None, "TRUE"
        return
    found = engine.connection.execute(f"SELECT DISTINCT {', '.join(listed)} FROM {table} ORDER BY ALL").fetchall()
    if len({row[: len(keys)] for row in found}) > MOST_PARTITIONS or len(found) > MOST_PARTITIONS:
        raise ExecutionError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS",
            f"Exceeded limit of {MOST_PARTITIONS} open writers for partitions/buckets. You may need to manually clean "
            f"the data at location '{location_of(found[0][: len(keys)])}' before retrying. Athena will not delete data "
            "in your account.",
        )
    for row in found:
        conditions = [
            f"{name} IS NULL" if value is None else f"{name} = {value if isinstance(value, int) else sql_text(value)}"
            for name, value in zip(listed, row, strict=True)
        ]
        yield row[: len(keys)], row[-1] if bucket else None, " AND ".join(conditions)


def _suffix(layout: Layout) -> str:
    return _TEXT_CODECS[layout.compression][0] if layout.format in _TEXT_FORMATS else ""


def _data(engine: Engine, source: str, columns: dict[str, DataType], layout: Layout, path: Path) -> bytes:
    listed = ", ".join(map(quoted, columns))
    if layout.format == "PARQUET":
        codec = _PARQUET_CODECS[layout.compression]
        target = sql_text(path.as_posix())
        engine.connection.execute(f"COPY (SELECT {listed} FROM {source}) TO {target} (FORMAT parquet, CODEC {codec})")
        return path.read_bytes()
    if layout.format == "ORC":
        return _orc(engine.connection.sql(f"SELECT {listed} FROM {source}").to_arrow_table(), layout)
    if layout.format == "AVRO":
        return _avro(engine.connection.sql(f"SELECT {listed} FROM {source}").to_arrow_table(), layout)
    line = {"JSON": json_line, "CSV": quoted_line, "TEXTFILE": delimited_line}[layout.format]
    lines = engine.connection.sql(f"SELECT {line(columns, layout.delimiter)} FROM {source}").to_arrow_table()
    header = [layout.delimiter.join(columns)] if layout.header else []
    text = "".join(f"{line}\n" for line in [*header, *lines.column(0).to_pylist()])
    return _TEXT_CODECS[layout.compression][1](text.encode())


def _orc(table: pa.Table, layout: Layout) -> bytes:
    try:
        from pyarrow import orc
    except ImportError as error:
        raise NotSupportedError("writing ORC on this system, whose pyarrow cannot do it,") from error
    sink = pa.BufferOutputStream()
    orc.write_table(table, sink, compression=_ORC_CODECS[layout.compression])
    return bytes(sink.getvalue().to_pybytes())


def _avro(table: pa.Table, layout: Layout) -> bytes:
    try:
        return avro_files.write_table(table, _AVRO_CODECS[layout.compression])
    except avro_files.AvroError as error:
        raise ExecutionError("HIVE_WRITER_OPEN_ERROR", f"Failed to write Avro: {error}") from error
