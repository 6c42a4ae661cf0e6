"""SHOW and DESCRIBE: text as Athena prints it.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from typing import Any

from helpers.local import in_process
from helpers.local.athena import partition_ddl, tables
from helpers.local.athena.errors import DdlError, NotSupportedError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg.catalog import current_columns, is_iceberg, load
from helpers.local.athena.iceberg.description import described
from helpers.local.athena.located import Located
from helpers.local.athena.model import Column, QueryContext, QueryResult, StatementType
from helpers.local.athena.show_create import Printed, show_create_table, show_create_view

_WIDTH = 20


def run(statement_type: StatementType, substatement: str, sql: str, context: QueryContext) -> QueryResult:
    """Run a statement that only looks.

    Raises
    ------
    AthenaQueryError
        As Athena words it.
    """
    if substatement not in _STATEMENTS:
        raise NotSupportedError(f"{substatement.replace('_', ' ')}")
    reader = HiveReader(sql)
    view = _described_view(reader, context) if substatement in ("DESCRIBE_TABLE", "SHOW_COLUMNS") else None
    if view is not None:
        described = [Column("column", "varchar"), Column("type", "varchar")]
        return QueryResult("UTILITY", "DESC_VIEW", described, [(line,) for line in view])
    reader = HiveReader(sql)
    names, lines = _STATEMENTS[substatement](reader, context)
    columns = [Column(name, "string") for name in names]
    return QueryResult(statement_type, substatement, columns, [(line,) for line in lines])


def _pattern(reader: HiveReader) -> Callable[[str], bool]:
    """Read `['pattern']` or `[LIKE 'pattern']`: `*` for anything, `|` for a choice."""
    reader.accept("LIKE")
    if reader.at_end:
        return lambda name: True
    wanted = reader.text().lower()
    reader.done()
    choices = [choice.replace("%", "*").replace(".*", "*") for choice in wanted.split("|")]
    return lambda name: any(fnmatch.fnmatchcase(name, choice) for choice in choices)


def _database(reader: HiveReader, context: QueryContext) -> str:
    database = reader.name() if reader.accept("IN") or reader.accept("FROM") else context.database
    if not tables.database_exists(database):
        raise DdlError(f"SemanticException [Error 10072]: Database does not exist: {database}")
    return database


def _databases(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW")
    if not reader.accept("SCHEMAS"):
        reader.expect("DATABASES")
    wanted = _pattern(reader)
    names = [database["Name"] for database in in_process.pages("glue", "GetDatabases", {}, "DatabaseList")]
    return ("database_name",), sorted(filter(wanted, names))


def _list_tables(reader: HiveReader, context: QueryContext, *, views: bool) -> Printed:
    database = _database(reader, context)
    wanted = _pattern(reader)
    held = in_process.pages("glue", "GetTables", {"DatabaseName": database}, "TableList")
    names = [t["Name"] for t in held if not views or t.get("TableType") == "VIRTUAL_VIEW"]
    return ("views" if views else "tab_name",), sorted(filter(wanted, names))


def _tables(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW", "TABLES")
    return _list_tables(reader, context, views=False)


def _views(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW", "VIEWS")
    return _list_tables(reader, context, views=True)


def _columns(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW", "COLUMNS")
    if not reader.accept("IN"):
        reader.expect("FROM")
    name = reader.table()
    if reader.accept("IN") or reader.accept("FROM"):
        name = type(name)(name.table, reader.name(), name.catalog)
    entry = Located(name, context).entry()
    columns = [*current_columns(entry), *entry.get("PartitionKeys", [])]
    return ("field",), [column["Name"].ljust(_WIDTH) for column in columns]


def _partitions(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW", "PARTITIONS")
    located = Located(reader.table(), context)
    entry = located.entry()
    keys = partition_ddl.keys_of(entry)
    if not keys:
        message = f"Table {located.database}.{located.table} is not a partitioned table"
        raise DdlError(f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. {message}")
    lines = [
        "/".join(f"{k}={v}" for k, v in zip(keys, p, strict=True)) for p in partition_ddl.existing(located.request())
    ]
    return ("partition",), lines


def _properties(reader: HiveReader, context: QueryContext) -> Printed:
    reader.expect("SHOW", "TBLPROPERTIES")
    located = Located(reader.table(), context)
    parameters = located.entry().get("Parameters", {})
    if reader.accept("("):
        wanted = reader.value()
        missing = f"Table {located.database}.{located.table} does not have property: {wanted}"
        return ("prpt_name", "prpt_value"), [f"{wanted}\t{parameters[wanted]}" if wanted in parameters else missing]
    return ("prpt_name", "prpt_value"), [f"{key}\t{value}" for key, value in sorted(parameters.items())]


def _described_view(reader: HiveReader, context: QueryContext) -> list[str] | None:
    """Return the columns of the view that DESCRIBE or SHOW COLUMNS names, None if it names a table."""
    for words in (("SHOW", "COLUMNS"), ("DESCRIBE",), ("DESC",), ("VIEW",), ("IN",), ("FROM",)):
        reader.accept(*words)
    name = reader.table()
    if reader.accept("IN") or reader.accept("FROM"):
        name = type(name)(name.table, reader.name(), name.catalog)
    located = Located(name, context)
    entry = tables.glue_entry(located.database, located.table)
    if entry is None or entry.get("TableType") != "VIRTUAL_VIEW":
        return None
    columns = tables.find("awsdatacatalog", located.database, located.table)
    assert isinstance(columns, tables.View)
    return [f"{column}\t{kind}" for column, kind in columns.columns.items()]


def _describe(reader: HiveReader, context: QueryContext) -> Printed:
    if not reader.accept("DESC"):
        reader.expect("DESCRIBE")
    reader.accept("VIEW")
    detailed = reader.accept("EXTENDED") or reader.accept("FORMATTED")
    located = Located(reader.table(), context)
    entry = located.entry()
    if is_iceberg(entry) and reader.at_end and not detailed:
        return ("col_name", "data_type", "comment"), described(load(located.database, located.table))
    keys = entry.get("PartitionKeys") or []
    columns = [*current_columns(entry), *keys]
    if reader.accept("PARTITION"):
        partition_ddl.existing_partition(located.request(), entry, reader.partition())
    if not reader.at_end:
        wanted = reader.name()
        columns, keys = [column for column in columns if column["Name"] == wanted], []
        if not columns:
            raise DdlError(f"SemanticException [Error 10006]: Invalid column reference {wanted}")
    lines = [_described(column) for column in columns]
    if keys:
        head = "\t".join(
            text.ljust(_WIDTH + 2 * (n == 0)) for n, text in enumerate(("# col_name", "data_type", "comment"))
        )
        lines += ["\t \t ", "# Partition Information\t \t ", head, "\t \t ", *(_described(key) for key in keys)]
    if detailed:
        lines += ["\t \t ", "# Detailed Table Information\t \t ", *_details(located, entry)]
    return ("col_name", "data_type", "comment"), lines


def _described(column: Mapping[str, str]) -> str:
    parts = (column["Name"], column.get("Type", "string"), column.get("Comment") or "")
    return "\t".join(part.ljust(_WIDTH) for part in parts)


def _details(located: Located, entry: Mapping[str, Any]) -> list[str]:
    facts = {
        "Database:": located.database,
        "Owner:": entry.get("Owner", ""),
        "Location:": entry["StorageDescriptor"].get("Location", ""),
        "Table Type:": entry.get("TableType", ""),
        "SerDe Library:": entry["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", ""),
        "InputFormat:": entry["StorageDescriptor"].get("InputFormat", ""),
        "OutputFormat:": entry["StorageDescriptor"].get("OutputFormat", ""),
    }
    lines = [f"{key.ljust(_WIDTH)}\t{value.ljust(_WIDTH)}\t " for key, value in facts.items()]
    parameters = sorted(entry.get("Parameters", {}).items())
    return [
        *lines,
        "Table Parameters:\t \t ",
        *(f"\t{key.ljust(_WIDTH)}\t{value.ljust(_WIDTH)}" for key, value in parameters),
    ]


_STATEMENTS: Mapping[str, Callable[[HiveReader, QueryContext], Printed]] = {
    "SHOW_DATABASES": _databases,
    "SHOW_TABLES": _tables,
    "SHOW_VIEWS": _views,
    "SHOW_COLUMNS": _columns,
    "SHOW_PARTITIONS": _partitions,
    "SHOW_TBLPROPERTIES": _properties,
    "SHOW_CREATE_TABLE": show_create_table,
    "SHOW_CREATE_VIEW": show_create_view,
    "DESCRIBE_TABLE": _describe,
}
