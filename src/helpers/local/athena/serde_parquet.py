"""Parquet: columns by name in any case, missing ones NULL, types as far as they go together.

https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local import in_process
from helpers.local.athena.errors import BadDataError
from helpers.local.athena.source import Source, quoted, text
from helpers.local.athena.storage import CountingFileSystem, Preparation
from helpers.local.athena.types import DataType
from helpers.local.in_process import StoredObject

# From an object to the schema of the Parquet that DuckDB reads of it.
Schemas = Callable[[StoredObject], pa.Schema]
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads Parquet files."""
    return columnar_reader(source, filesystem, None, lambda stored: _schema(stored.bucket, stored.key, stored.etag))


def columnar_reader(
    source: Source, filesystem: CountingFileSystem, preparation: Preparation | None, schema_of: Schemas
) -> str:
    """Return the SELECT that reads files which are Parquet, or become it by `preparation`; one part for each schema."""
    number = filesystem.add_reader(preparation)
    groups: dict[pa.Schema, list[int]] = {}
    for index, stored in enumerate(source.objects):
        groups.setdefault(schema_of(stored), []).append(index)
    selects = []
    for schema, indexes in groups.items():
        part = replace(source, files=[source.files[index] for index in indexes])
        by_name = {field.name.lower(): field for field in reversed(list(schema))}
        values = {
            name: column_value(name, kind, by_name.get(name), part.objects[0]) for name, kind in source.columns.items()
        }
        selects.append(part.select(values, part.scan("read_parquet", number)))
    return " UNION ALL BY NAME ".join(selects)


@lru_cache(maxsize=10_000)
def _schema(bucket: str, key: str, etag: str) -> pa.Schema:
    try:
        return pq.read_schema(pa.BufferReader(in_process.read_object(bucket, key))).remove_metadata()
    except (pa.ArrowException, OSError) as error:
        raise BadDataError(f"Not valid Parquet file: s3://{bucket}/{key} expected magic number: PAR1") from error


def column_value(name: str, kind: DataType, field: pa.Field | None, stored: StoredObject) -> str:
    """Return the expression of a table's column over the column of a file, None if the file does not have it.

    Raises
    ------
    BadDataError
        If their types do not go together.
    """
    if field is None:
        return f"NULL::{kind.duckdb}"
    if not _suits(field.type, kind):
        raise BadDataError(
            f"Field {name}'s type {_physical(field.type)} in parquet file {stored.uri} is incompatible with type "
            f"{kind.hive} defined in table schema"
        )
    return _converted(quoted(field.name), field.type, kind)


def _suits(stored: pa.DataType, kind: DataType) -> bool:
    """Return whether Athena reads a stored type as a declared one."""
    stored = stored.value_type if pa.types.is_dictionary(stored) else stored
    if pa.types.is_null(stored):
        return True
    if kind.name == "row":
        return pa.types.is_struct(stored) and all(
            _suits(found.type, child)
            for name, child in zip(kind.fields, kind.children, strict=True)
            for found in _fields(stored, name)
        )
    if kind.name == "array":
        return _is_list(stored) and _suits(stored.value_type, kind.children[0])
    if kind.name == "map":
        return pa.types.is_map(stored) and all(
            _suits(found, child)
            for found, child in zip((stored.key_type, stored.item_type), kind.children, strict=True)
        )
    texts = pa.types.is_string(stored) or pa.types.is_large_string(stored) or _is_binary(stored)
    if kind.name in ("varchar", "char", "varbinary"):
        return texts
    if kind.name in _INTEGERS:
        return pa.types.is_integer(stored)
    if kind.name in ("real", "double"):
        return pa.types.is_floating(stored) or pa.types.is_decimal(stored)
    if kind.name == "decimal":
        return pa.types.is_decimal(stored) or pa.types.is_integer(stored)
    if kind.name == "date":
        return pa.types.is_date(stored)
    if kind.name == "timestamp":
        return pa.types.is_timestamp(stored)
    return not texts and (kind.name != "boolean" or pa.types.is_boolean(stored))


def _converted(value: str, stored: pa.DataType, kind: DataType) -> str:
    """Return a stored value in its declared type; the fields of a struct go by name."""
    stored = stored.value_type if pa.types.is_dictionary(stored) else stored
    if pa.types.is_null(stored):
        return f"NULL::{kind.duckdb}"
    if kind.name == "row" and [field.name for field in stored] != list(kind.fields):
        fields = []
        for name, child in zip(kind.fields, kind.children, strict=True):
            found = _fields(stored, name)
            inner = (
                _converted(f"struct_extract({value}, {text(found[0].name)})", found[0].type, child)
                if found
                else f"NULL::{child.duckdb}"
            )
            fields.append(f"{text(name)}: {inner}")
        return f"CASE WHEN {value} IS NOT NULL THEN {{{', '.join(fields)}}} END"
    if kind.name == "array" and kind.children[0].children:
        item = _converted("item", stored.value_type, kind.children[0])
        return f"list_transform({value}, lambda item : {item})::{kind.duckdb}"
    if kind.name in ("varchar", "char"):
        decoded = f"decode({value})" if _is_binary(stored) else f"{value}::VARCHAR"
        return f"left({decoded}, {kind.arguments[0]})" if kind.arguments else decoded
    return f"{value}::{kind.duckdb}"


def _fields(struct: pa.StructType, name: str) -> list[pa.Field]:
    return [field for field in struct if field.name.lower() == name]


def _is_list(stored: pa.DataType) -> bool:
    return bool(pa.types.is_list(stored) or pa.types.is_large_list(stored) or pa.types.is_fixed_size_list(stored))


def _is_binary(stored: pa.DataType) -> bool:
    return bool(pa.types.is_binary(stored) or pa.types.is_large_binary(stored) or pa.types.is_fixed_size_binary(stored))


def _physical(stored: pa.DataType) -> str:
    """Return the name of Parquet's physical type."""
    stored = stored.value_type if pa.types.is_dictionary(stored) else stored
    checks = (
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_float32, "FLOAT"),
        (pa.types.is_floating, "DOUBLE"),
        (pa.types.is_decimal, "FIXED_LEN_BYTE_ARRAY"),
        (pa.types.is_date, "INT32"),
        (pa.types.is_nested, "GROUP"),
        (pa.types.is_timestamp, "INT64"),
        (pa.types.is_time, "INT64"),
    )
    if pa.types.is_integer(stored):
        return "INT64" if stored.bit_width == 64 else "INT32"
    return next((name for check, name in checks if check(stored)), "BINARY")
