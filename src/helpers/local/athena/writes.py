"""What CREATE TABLE AS, INSERT INTO and UNLOAD share: their properties, and the rows they write."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from helpers.local import in_process
from helpers.local.athena import partition_ddl
from helpers.local.athena.data_files import Layout, check_layout
from helpers.local.athena.errors import AnalysisError, ExecutionError
from helpers.local.athena.formats import FORMATS
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.query import Engine
from helpers.local.athena.source import quoted
from helpers.local.athena.statements import parse_query
from helpers.local.athena.types import DataType

OUTPUT = "athena_output"
# Types of values that a table cannot hold are kept as text.
_AS_TEXT = ("unknown", "json", "time", "uuid", "ipaddress", "interval day to second", "interval year to month")


def with_properties(reader: HiveReader) -> dict[str, Any]:
    """Read `(key = value, …)` of a WITH, where a value may be an ARRAY."""
    reader.expect("(")
    found: dict[str, Any] = {}
    while True:
        key = reader.name()
        reader.expect("=")
        found[key] = _array(reader) if reader.accept("ARRAY") else reader.value()
        if not reader.accept(","):
            reader.expect(")")
            return found


def _array(reader: HiveReader) -> list[str]:
    reader.expect("[")
    found: list[str] = []
    while not reader.accept("]"):
        found.append(reader.value())
        reader.accept(",")
    return found


def names(value: Any) -> list[str]:
    """Return the names of a property: one, or an array of them."""
    return [str(name).lower() for name in (value if isinstance(value, list) else [value])]


def take_layout(properties: dict[str, Any]) -> Layout:
    """Take what says how to write files out of the properties.

    Raises
    ------
    AthenaQueryError
        If there is no such format or compression.
    """
    kind = str(properties.pop("format", "PARQUET")).upper()
    if kind not in FORMATS:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Invalid value for 'format' property: {kind}")
    own = [properties.pop(key, None) for key in ("write_compression", f"{kind.lower()}_compression", "compression")]
    properties.pop("compression_level", None)
    default = {"ORC": "ZLIB", "AVRO": "DEFLATE"}.get(kind, "GZIP")
    compression = next((str(value).upper() for value in own if value), default)
    delimiter = str(properties.pop("field_delimiter", "\x01"))
    layout = Layout(kind.replace("JSONFILE", "JSON"), compression.replace("UNCOMPRESSED", "NONE"), delimiter)
    check_layout(layout)
    return layout


def check_target(location: str, table: str) -> None:
    """Refuse a location that is none, or holds objects.

    Raises
    ------
    ExecutionError
        As Athena words it.
    """
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not in_process.bucket_exists(bucket):
        raise ExecutionError(
            "HIVE_METASTORE_ERROR", f"The S3 location provided to save your query results is invalid: {location}"
        )
    if in_process.list_objects(bucket, prefix):
        raise ExecutionError(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{table}' already exists: {location}. You may need to manually clean the data "
            f"at location '{location}' before retrying. Athena will not delete data in your account.",
        )


def materialized(engine: Engine, query: str, values: list[exp.Expr]) -> dict[str, DataType]:
    """Run a query into the table `OUTPUT` of the engine and return its columns.

    Raises
    ------
    AthenaQueryError
        If the query fails, or two columns have one name.
    """
    found, sql = engine.prepare(parse_query(query), values)
    repeated = next((name for name in found if found.count(name) > 1), None)
    if repeated is not None:
        raise AnalysisError("DUPLICATE_COLUMN_NAME", f"Column name '{repeated}' specified more than once")
    with engine.guarded():
        kinds = engine.column_types(sql)
        listed = ", ".join(
            f"#{number}::{stored(kind).duckdb} AS {quoted(name)}"
            for number, (name, kind) in enumerate(zip(found, kinds, strict=True), start=1)
        )
        engine.connection.execute(f"CREATE TEMP TABLE {OUTPUT} AS SELECT {listed} FROM ({sql})")
    return dict(zip(found, kinds, strict=True))


def stored(kind: DataType) -> DataType:
    """Return the type that a column gets in a table."""
    return DataType("varchar") if kind.name in _AS_TEXT else kind


def check_named(columns: dict[str, DataType]) -> None:
    """Refuse columns without a name or a type.

    Raises
    ------
    AnalysisError
        As Athena words it.
    """
    for number, (name, kind) in enumerate(columns.items(), start=1):
        if re.fullmatch(r"_col\d+", name):
            raise AnalysisError("MISSING_COLUMN_NAME", f"Column name not specified at position {number}")
        if kind.name == "unknown":
            raise AnalysisError("COLUMN_TYPE_UNKNOWN", f"Column type is unknown at position {number}")


def check_partition_keys(columns: dict[str, DataType], keys: list[str]) -> None:
    """Refuse partition keys that are not the last columns, in their order.

    Raises
    ------
    AthenaQueryError
        As Athena words it.
    """
    missing = [key for key in keys if key not in columns]
    if missing:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Partition columns [{', '.join(missing)}] not present in schema")
    if keys and len(keys) == len(columns):
        raise AnalysisError("INVALID_TABLE_PROPERTY", "Table contains only partition columns")
    if keys and list(columns)[-len(keys) :] != keys:
        raise AthenaQueryError(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order as "
            f"the table properties: [{', '.join(keys)}]"
        )


def add_partitions(request: dict[str, Any], entry: Any, partitions: dict[tuple[str | None, ...], str]) -> None:
    """Store the partitions that the Data Catalog has not yet."""
    texts = {
        tuple("__HIVE_DEFAULT_PARTITION__" if v is None else v for v in p): place for p, place in partitions.items()
    }
    known = {tuple(values) for values in partition_ddl.existing(request)}
    missing = [(list(values), place) for values, place in texts.items() if values not in known]
    if missing:
        partition_ddl.create(request, dict(entry), missing)
