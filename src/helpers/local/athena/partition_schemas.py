"""Partitions keep columns of their own in the Data Catalog, which must suit the table's.

https://docs.aws.amazon.com/athena/latest/ug/updates-and-partitions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from helpers.local.athena.errors import USER
from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.partitions import Partition
from helpers.local.athena.tables import Table
from helpers.local.athena.type_texts import parse_type
from helpers.local.athena.types import DataType

_TEXTS = ("varchar", "char")
_WIDER = {
    "tinyint": ("smallint", "integer", "bigint", *_TEXTS),
    "smallint": ("integer", "bigint", *_TEXTS),
    "integer": ("bigint", *_TEXTS),
    "bigint": _TEXTS,
    "real": ("double", *_TEXTS),
    "double": ("real", *_TEXTS),
    "decimal": ("decimal", "real", "double"),
    "varchar": ("tinyint", "smallint", "integer", "bigint", *_TEXTS),
    "char": _TEXTS,
    "boolean": _TEXTS,
    "timestamp": _TEXTS,
    "date": ("timestamp", *_TEXTS),
}


class PartitionSchemaError(AthenaQueryError):
    """A column of a partition has a type that cannot become the table's."""

    def __init__(self, table: Table, column: str, declared: str, partition: str, found: str) -> None:
        super().__init__(
            "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types "
            f"are incompatible and cannot be coerced. The column '{column}' in table '{table.database}.{table.name}' "
            f"is declared as type '{declared}', but partition '{partition}' declared column '{column}' as type "
            f"'{found}'.",
            USER,
            1100,
        )


def check_partition_columns(table: Table, partition: Partition, columns: Mapping[str, DataType]) -> None:
    """Refuse a partition whose columns do not suit the table's.

    Raises
    ------
    PartitionSchemaError
        For the first column that does not.
    """
    for entry in partition.descriptor.get("Columns") or []:
        name = entry["Name"].lower()
        declared = columns.get(name)
        if declared is None or entry.get("Type", "string").lower() == declared.hive:
            continue
        found = parse_type(entry.get("Type") or "string")
        if not _suits(found, declared):
            values = "/".join(f"{key}={value}" for key, value in partition.values.items())
            raise PartitionSchemaError(table, name, declared.hive, values, found.hive)


def _suits(found: DataType, declared: DataType) -> bool:
    if found.children or declared.children:
        if found.name != declared.name:
            return False
        if found.name == "row":
            kinds = dict(zip(declared.fields, declared.children, strict=True))
            return all(f not in kinds or _suits(c, kinds[f]) for f, c in zip(found.fields, found.children, strict=True))
        return all(_suits(one, other) for one, other in zip(found.children, declared.children, strict=True))
    return found.name == declared.name or declared.name in _WIDER.get(found.name, ())
