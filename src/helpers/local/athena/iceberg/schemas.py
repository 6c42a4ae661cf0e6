"""Column types of Iceberg tables, and Athena's for them.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-supported-data-types.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.hive_reader import ColumnDefinition
from helpers.local.athena.types import DataType

_TO_ICEBERG: dict[str, IcebergType] = {
    "boolean": BooleanType(),
    "integer": IntegerType(),
    "bigint": LongType(),
    "real": FloatType(),
    "double": DoubleType(),
    "date": DateType(),
    "timestamp": TimestampType(),
    "timestamp with time zone": TimestamptzType(),
    "time": TimeType(),
    "varchar": StringType(),
    "varbinary": BinaryType(),
}
# Digits of a timestamp's seconds.
_MICROSECONDS = 6
_FROM_ICEBERG = {type(iceberg): name for name, iceberg in _TO_ICEBERG.items()} | {
    UUIDType: "uuid",
    FixedType: "varbinary",
}


def iceberg_type(kind: DataType, ids: Iterator[int] | None = None) -> IcebergType:
    """Return the Iceberg type of a column.

    Parameters
    ----------
    kind
        Athena's type.
    ids
        Numbers for the fields of nested types; the table gives them others.

    Raises
    ------
    AnalysisError
        If Iceberg has no such type.
    """
    ids = ids if ids is not None else itertools.count(10_000)
    if kind.name == "row":
        pairs = list(zip(kind.fields, kind.children, strict=True))
        return StructType(*(NestedField(next(ids), name, iceberg_type(child, ids)) for name, child in pairs))
    if kind.name == "array":
        return ListType(next(ids), iceberg_type(kind.children[0], ids), element_required=False)
    if kind.name == "map":
        key, value = (iceberg_type(child, ids) for child in kind.children)
        return MapType(next(ids), key, next(ids), value, value_required=False)
    if kind.name == "decimal":
        return DecimalType(*kind.arguments)
    if kind.name not in _TO_ICEBERG:
        raise AnalysisError("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind.trino}")
    return _TO_ICEBERG[kind.name]


def athena_type(kind: IcebergType) -> DataType:
    """Return Athena's type of an Iceberg column."""
    if isinstance(kind, StructType):
        children = tuple(athena_type(field.field_type) for field in kind.fields)
        return DataType("row", children=children, fields=tuple(field.name.lower() for field in kind.fields))
    if isinstance(kind, ListType):
        return DataType("array", children=(athena_type(kind.element_type),))
    if isinstance(kind, MapType):
        return DataType("map", children=(athena_type(kind.key_type), athena_type(kind.value_type)))
    if isinstance(kind, DecimalType):
        return DataType("decimal", (kind.precision, kind.scale))
    if isinstance(kind, (TimestampType, TimestamptzType)):
        return DataType(_FROM_ICEBERG[type(kind)], (_MICROSECONDS,))
    return DataType(_FROM_ICEBERG[type(kind)])


def new_schema(columns: Iterable[ColumnDefinition]) -> Schema:
    """Return the schema of a new table; every column may be NULL.

    Raises
    ------
    AnalysisError
        If Iceberg has no type for a column.
    """
    ids = itertools.count(1)
    numbered = [(next(ids), column) for column in columns]
    return Schema(*(NestedField(n, c.name, iceberg_type(c.kind, ids), doc=c.comment) for n, c in numbered))


def column_types(schema: Schema) -> dict[str, DataType]:
    """Return Athena's types of a schema's columns, by name."""
    return {field.name.lower(): athena_type(field.field_type) for field in schema.fields}
