"""DDL: databases, tables, views and partitions in the Data Catalog.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from helpers.local import in_process
from helpers.local.athena import alter_table, create_table, database_ddl, partition_ddl, tables, view_ddl
from helpers.local.athena.errors import DdlError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import definition
from helpers.local.athena.iceberg.catalog import is_iceberg
from helpers.local.athena.located import TASK, Located
from helpers.local.athena.model import Column, QueryContext, QueryResult
from helpers.local.in_process import ServiceCallError


def run(substatement: str, sql: str, context: QueryContext) -> QueryResult:
    """Run a DDL statement.

    Raises
    ------
    AthenaQueryError
        As Hive words it.
    """
    try:
        lines = _lines(substatement, HiveReader(sql), context)
    except ServiceCallError as error:
        raise DdlError(f"{TASK}. {error.code}(message:{error.message})") from error
    rows: list[tuple[Any, ...]] = [(line,) for line in lines or []]
    return QueryResult("DDL", substatement, [Column("result", "varchar")] if rows else [], rows)


def _lines(substatement: str, reader: HiveReader, context: QueryContext) -> list[str] | None:
    if substatement in alter_table.ALTERATIONS:
        alter_table.alter(substatement, reader, context)
        return None
    return _OTHERS[substatement](reader, context)


def _drop_table(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("DROP", "TABLE")
    if_exists = reader.accept("IF", "EXISTS")
    located = Located(reader.table(), context)
    reader.accept("PURGE")
    reader.done()
    held = tables.glue_entry(located.database, located.table)
    if held is not None and held.get("TableType") == "VIRTUAL_VIEW":
        raise DdlError("SemanticException [Error 10132]: Cannot drop a view with DROP TABLE")
    if held is None:
        if if_exists:
            return
        raise DdlError(f"SemanticException [Error 10001]: Table not found {located.database}.{located.table}")
    if is_iceberg(held):
        definition.drop(located.database, located.table, held["StorageDescriptor"]["Location"])
        return
    in_process.call("glue", "DeleteTable", {"DatabaseName": located.database, "Name": located.table})


def _msck(reader: HiveReader, context: QueryContext) -> list[str]:
    reader.expect("MSCK", "REPAIR", "TABLE")
    located = Located(reader.table(), context)
    reader.done()
    entry = located.entry()
    if is_iceberg(entry):
        raise DdlError("SemanticException MSCK REPAIR TABLE is not supported for Iceberg tables")
    return partition_ddl.repair(located.request(), entry)


_OTHERS: Mapping[str, Callable[[HiveReader, QueryContext], list[str] | None]] = {
    "CREATE_DATABASE": database_ddl.create_database,
    "DROP_DATABASE": database_ddl.drop_database,
    "ALTER_DATABASE": database_ddl.alter_database,
    "CREATE_TABLE": create_table.create_table,
    "DROP_TABLE": _drop_table,
    "DROP_VIEW": view_ddl.drop_view,
    "CREATE_VIEW": view_ddl.create_view,
    "MSCK_REPAIR": _msck,
}
STATEMENTS = {*_OTHERS, *alter_table.ALTERATIONS}
