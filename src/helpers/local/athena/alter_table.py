"""ALTER TABLE of a table with Hive's metadata, and the choice between those and Iceberg tables.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from helpers.local.athena import partition_ddl
from helpers.local.athena.create_table import check_columns, glue_column
from helpers.local.athena.errors import DdlError, QuerySyntaxError
from helpers.local.athena.hive_reader import ColumnDefinition, HiveReader
from helpers.local.athena.iceberg import definition
from helpers.local.athena.iceberg.catalog import is_iceberg
from helpers.local.athena.located import TASK, Located, update
from helpers.local.athena.model import QueryContext
from helpers.local.athena.tokens import NOT_SUPPORTED


def alter(substatement: str, reader: HiveReader, context: QueryContext) -> None:
    """Run an ALTER TABLE.

    Raises
    ------
    AthenaQueryError
        As Hive words it.
    """
    reader.expect("ALTER", "TABLE")
    located = Located(reader.table(), context)
    entry = located.entry()
    if is_iceberg(entry):
        if substatement not in definition.ALTERATIONS:
            words = substatement.replace("_", " ")
            raise DdlError(f"SemanticException {words} is not supported for Iceberg tables")
        definition.alter(substatement, reader, located.database, located.table)
    elif substatement in _OF_HIVE:
        _OF_HIVE[substatement](reader, located, entry)
    else:
        raise QuerySyntaxError(NOT_SUPPORTED)


def _add_columns(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
    reader.expect("ADD")
    if not reader.accept("COLUMNS"):
        reader.expect("COLUMN")
    added = reader.columns()
    held = entry["StorageDescriptor"]["Columns"]
    for column in added:
        if column.name in {c["Name"] for c in [*held, *entry.get("PartitionKeys", [])]}:
            raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {column.name}")
    entry["StorageDescriptor"]["Columns"] = [*held, *map(glue_column, added)]
    update(located, entry)


def _replace_columns(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
    reader.expect("REPLACE", "COLUMNS")
    columns = reader.columns()
    check_columns(columns, [])
    entry["StorageDescriptor"]["Columns"] = [glue_column(column) for column in columns]
    update(located, entry)


def _change_column(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
    reader.expect("CHANGE")
    reader.accept("COLUMN")
    old = reader.name()
    changed = ColumnDefinition(reader.name(), reader.type(), reader.text() if reader.accept("COMMENT") else None)
    columns = [c for c in entry["StorageDescriptor"]["Columns"] if c["Name"] != old]
    position = next((n for n, c in enumerate(entry["StorageDescriptor"]["Columns"]) if c["Name"] == old), None)
    if position is None:
        raise DdlError(f"{TASK}. Invalid column reference {old}")
    if reader.accept("FIRST"):
        position = 0
    elif reader.accept("AFTER"):
        after = reader.name()
        position = [c["Name"] for c in columns].index(after) + 1
    entry["StorageDescriptor"]["Columns"] = [*columns[:position], glue_column(changed), *columns[position:]]
    update(located, entry)


def _set_properties(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
    reader.expect("SET", "TBLPROPERTIES")
    entry["Parameters"] = {**entry.get("Parameters", {}), **reader.properties()}
    update(located, entry)


def _set_location(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
    partition = reader.partition() if reader.accept("PARTITION") else None
    reader.expect("SET", "LOCATION")
    location = reader.text()
    if partition is None:
        entry["StorageDescriptor"]["Location"] = location
        update(located, entry)
    else:
        partition_ddl.set_location(located.request(), entry, partition, location)


def _on_partitions(
    action: Callable[[HiveReader, dict[str, Any], dict[str, Any]], list[str] | None],
) -> Callable[[HiveReader, Located, dict[str, Any]], None]:
    def statement(reader: HiveReader, located: Located, entry: dict[str, Any]) -> None:
        action(reader, located.request(), entry)

    return statement


_OF_HIVE: Mapping[str, Callable[[HiveReader, Located, dict[str, Any]], None]] = {
    "ALTER_TABLE_ADD_COLUMN": _add_columns,
    "ALTER_TABLE_REPLACE_COLUMN": _replace_columns,
    "ALTER_TABLE_CHANGE_COLUMN": _change_column,
    "ALTER_TABLE_PROPERTIES": _set_properties,
    "ALTER_TABLE_SET_LOCATION": _set_location,
    "ALTER_TABLE_ADD_PARTITION": _on_partitions(partition_ddl.add),
    "ALTER_TABLE_DROP_PARTITION": _on_partitions(partition_ddl.drop),
    "ALTER_TABLE_RENAME_PARTITION": _on_partitions(partition_ddl.rename),
}
ALTERATIONS = {*_OF_HIVE, *definition.ALTERATIONS}
