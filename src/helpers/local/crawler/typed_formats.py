"""Files that carry their own schema: Avro, ORC and Parquet, in the order of Glue's classifiers.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from helpers.local.athena import avro_files
from helpers.local.crawler.schema import FoundSchema

_ARROW_SIMPLE = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "uint8": "smallint",
    "uint16": "int", "uint32": "bigint", "uint64": "bigint", "float": "float", "halffloat": "float",
    "double": "double", "string": "string", "large_string": "string", "binary": "binary", "large_binary": "binary",
    "date32[day]": "date",
}  # fmt: skip


def built_in(data: memoryview) -> FoundSchema | None:
    """Classify a whole file by its magic; None if it has none of these or cannot be read."""
    reader = _READERS.get(bytes(data[:4])) or _READERS.get(bytes(data[:3]))
    if reader is None:
        return None
    try:
        return reader(data)
    except (pa.ArrowException, avro_files.AvroError, OSError):
        return None


def _avro(data: memoryview) -> FoundSchema:
    literal, record_bytes = avro_files.read_declaration(data)
    columns = _columns(avro_files.read_schema(data))
    return FoundSchema("avro", columns, record_bytes=record_bytes, avro_schema=literal)


def _orc(data: memoryview) -> FoundSchema:
    file = orc.ORCFile(pa.BufferReader(data))
    mean = len(data) / max(file.nrows, 1)
    return FoundSchema("orc", _columns(file.schema), record_bytes=mean, records=file.nrows)


def _parquet(data: memoryview) -> FoundSchema:
    file = pq.ParquetFile(pa.BufferReader(data))
    rows = file.metadata.num_rows
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    mean = sum(group.total_byte_size for group in groups) / max(rows, 1)
    return FoundSchema("parquet", _columns(file.schema_arrow), record_bytes=mean, records=rows)


_READERS: dict[bytes, Callable[[memoryview], FoundSchema]] = {b"Obj\x01": _avro, b"ORC": _orc, b"PAR1": _parquet}


def _columns(schema: pa.Schema) -> dict[str, str]:
    return {entry.name.lower(): arrow_type(entry.type) for entry in schema}


def arrow_type(kind: pa.DataType) -> str:
    """Return the Hive type of a column."""
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{arrow_type(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{arrow_type(kind.key_type)},{arrow_type(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{f.name.lower()}:{arrow_type(f.type)}" for f in kind) + ">"
    if pa.types.is_dictionary(kind):
        return arrow_type(kind.value_type)
    return _ARROW_SIMPLE.get(str(kind), "string")
