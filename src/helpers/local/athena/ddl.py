"""DDL: databases, tables, views and partitions in the Data Catalog.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any

from helpers.local import in_process
from helpers.local.athena import partition_ddl, tables
from helpers.local.athena.errors import AnalysisError, DdlError, ExecutionError, NotSupportedError
from helpers.local.athena.formats import FORMATS, LAZY_SIMPLE, FileFormat
from helpers.local.athena.hive_reader import ColumnDefinition, HiveReader
from helpers.local.athena.model import Column, QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.statements import TableName, parse_query
from helpers.local.athena.tables import VIEW_PREFIX, VIEW_SUFFIX
from helpers.local.athena.types import parse_type
from helpers.local.in_process import ServiceCallError

_TASK = "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask"
_PLAIN_NAME = re.compile(r"[a-z0-9_]+")


class Located:
    """A table's name with the context's database where it names none."""

    def __init__(self, name: TableName, context: QueryContext) -> None:
        self.database = name.database or context.database
        self.table = name.table

    def entry(self) -> dict[str, Any]:
        """Return the Data Catalog's entry.

        Raises
        ------
        DdlError
            If there is no such table.
        """
        found = tables.glue_entry(self.database, self.table)
        if found is None:
            raise DdlError(f"SemanticException [Error 10001]: Table not found {self.database}.{self.table}")
        return found

    def request(self) -> dict[str, Any]:
        return {"DatabaseName": self.database, "TableName": self.table}


def run(substatement: str, sql: str, context: QueryContext) -> QueryResult:
    """Run a DDL statement.

    Raises
    ------
    AthenaQueryError
        As Hive words it.
    """
    try:
        lines = STATEMENTS[substatement](HiveReader(sql), context)
    except ServiceCallError as error:
        raise DdlError(f"{_TASK}. {error.code}(message:{error.message})") from error
    rows: list[tuple[Any, ...]] = [(line,) for line in lines or []]
    return QueryResult("DDL", substatement, [Column("result", "varchar")] if rows else [], rows)


def table_input(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an entry that UpdateTable takes."""
    taken = ("Name", "Description", "Owner", "Retention", "StorageDescriptor", "PartitionKeys", "ViewOriginalText")
    more = ("ViewExpandedText", "TableType", "Parameters")
    return {key: entry[key] for key in (*taken, *more) if key in entry}


def update(located: Located, entry: dict[str, Any]) -> None:
    """Store a changed entry."""
    in_process.call("glue", "UpdateTable", {"DatabaseName": located.database, "TableInput": table_input(entry)})


# -- Databases --------------------------------------------------------------------------------------


def _create_database(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("CREATE")
    if not reader.accept("SCHEMA"):
        reader.expect("DATABASE")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    wanted: dict[str, Any] = {"Name": reader.name()}
    while not reader.at_end:
        if reader.accept("COMMENT"):
            wanted["Description"] = reader.text()
        elif reader.accept("LOCATION"):
            wanted["LocationUri"] = reader.text()
        else:
            reader.expect("WITH", "DBPROPERTIES")
            wanted["Parameters"] = reader.properties()
    if tables.database_exists(wanted["Name"]):
        if missing_only:
            return
        raise DdlError(f"{_TASK}. Database {wanted['Name']} already exists")
    in_process.call("glue", "CreateDatabase", {"DatabaseInput": wanted})


def _drop_database(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("DROP")
    if not reader.accept("SCHEMA"):
        reader.expect("DATABASE")
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    cascade = reader.accept("CASCADE")
    reader.accept("RESTRICT")
    reader.done()
    if not tables.database_exists(name):
        if if_exists:
            return
        raise DdlError(f"SemanticException [Error 10072]: Database does not exist: {name}")
    held = list(in_process.pages("glue", "GetTables", {"DatabaseName": name}, "TableList"))
    if held and not cascade:
        message = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        raise DdlError(f"{_TASK}. {message}")
    for table in held:
        in_process.call("glue", "DeleteTable", {"DatabaseName": name, "Name": table["Name"]})
    in_process.call("glue", "DeleteDatabase", {"Name": name})


def _alter_database(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("ALTER")
    if not reader.accept("SCHEMA"):
        reader.expect("DATABASE")
    name = reader.name()
    reader.expect("SET", "DBPROPERTIES")
    properties = reader.properties()
    if not tables.database_exists(name):
        raise DdlError(f"SemanticException [Error 10072]: Database does not exist: {name}")
    stored = in_process.call("glue", "GetDatabase", {"Name": name})["Database"]
    kept = {key: stored[key] for key in ("Name", "Description", "LocationUri", "Parameters") if key in stored}
    kept["Parameters"] = {**kept.get("Parameters", {}), **properties}
    in_process.call("glue", "UpdateDatabase", {"Name": name, "DatabaseInput": kept})


# -- Tables -----------------------------------------------------------------------------------------


def _create_table(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("CREATE")
    if not reader.accept("EXTERNAL"):
        if re.search(r"table_type'\s*=\s*'iceberg", reader.sql, re.IGNORECASE):
            raise NotSupportedError("an Iceberg table")
        raise DdlError("ParseException line 1:0 Create table statement must be an EXTERNAL table")
    reader.expect("TABLE")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    located = Located(reader.table(), context)
    if not _PLAIN_NAME.fullmatch(located.table):
        raise DdlError(f"SemanticException [Error 10002]: Invalid table name {located.table}")
    columns = reader.columns()
    wanted = _table_input(located, columns, reader)
    if not tables.database_exists(located.database):
        raise DdlError(f"SemanticException [Error 10072]: Database does not exist: {located.database}")
    if tables.glue_entry(located.database, located.table) is not None:
        if missing_only:
            return
        raise DdlError(f"{_TASK}. AlreadyExistsException(message:Table {located.table} already exists.)")
    in_process.call("glue", "CreateTable", {"DatabaseName": located.database, "TableInput": wanted})


def _table_input(located: Located, columns: list[ColumnDefinition], reader: HiveReader) -> dict[str, Any]:
    keys: list[ColumnDefinition] = []
    parameters = {"EXTERNAL": "TRUE"}
    chosen: FileFormat = FORMATS["TEXTFILE"]
    serde, serde_parameters, location = None, {}, None
    buckets: dict[str, Any] = {}
    while not reader.at_end:
        if reader.accept("COMMENT"):
            parameters["comment"] = reader.text()
        elif reader.accept("PARTITIONED", "BY"):
            keys = reader.columns()
        elif reader.accept("CLUSTERED", "BY"):
            buckets["BucketColumns"] = reader.names()
            reader.expect("INTO")
            buckets["NumberOfBuckets"] = int(reader.value())
            reader.expect("BUCKETS")
        elif reader.accept("ROW", "FORMAT", "DELIMITED"):
            serde, serde_parameters = LAZY_SIMPLE, _delimited(reader)
        elif reader.accept("ROW", "FORMAT", "SERDE"):
            serde = reader.text()
        elif reader.accept("WITH", "SERDEPROPERTIES"):
            serde_parameters = reader.properties()
        elif reader.accept("STORED", "AS", "INPUTFORMAT"):
            input_format = reader.text()
            reader.expect("OUTPUTFORMAT")
            chosen = FileFormat(serde or LAZY_SIMPLE, input_format, reader.text())
        elif reader.accept("STORED", "AS"):
            chosen = _format(reader)
        elif reader.accept("LOCATION"):
            location = reader.text()
        elif reader.accept("TBLPROPERTIES"):
            parameters |= reader.properties()
        else:
            raise reader.error("Expecting: 'COMMENT', 'LOCATION', 'PARTITIONED', 'ROW', 'STORED', 'TBLPROPERTIES'")
    _check_columns(columns, keys)
    if location is None:
        raise DdlError(f"{_TASK}. MetaException(message:No location was provided for table {located.table})")
    if not re.match(r"s3[an]?://[^/]+", location):
        raise DdlError(f"{_TASK}. MetaException(message:The S3 location provided {location} is not valid.)")
    serde_parameters.setdefault("serialization.format", serde_parameters.get("field.delim", "1"))
    return {
        "Name": located.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Retention": 0,
        "PartitionKeys": [_glue_column(key) for key in keys],
        "Parameters": parameters | {"transient_lastDdlTime": str(int(time.time()))},
        "StorageDescriptor": {
            "Columns": [_glue_column(column) for column in columns],
            "Location": location,
            "InputFormat": chosen.input_format,
            "OutputFormat": chosen.output_format,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": serde or chosen.serde, "Parameters": serde_parameters},
            "BucketColumns": [],
            "SortColumns": [],
            "Parameters": {},
            "StoredAsSubDirectories": False,
        }
        | buckets,
    }


def _format(reader: HiveReader) -> FileFormat:
    if reader.at_end or reader.tokens[reader.index][1].upper() not in FORMATS:
        raise reader.error(f"Expecting: {', '.join(repr(name) for name in FORMATS)}")
    return FORMATS[reader.name().upper()]


def _delimited(reader: HiveReader) -> dict[str, str]:
    found: dict[str, str] = {}
    clauses = (
        (("FIELDS", "TERMINATED", "BY"), "field.delim"),
        (("ESCAPED", "BY"), "escape.delim"),
        (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "collection.delim"),
        (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
        (("LINES", "TERMINATED", "BY"), "line.delim"),
        (("NULL", "DEFINED", "AS"), "serialization.null.format"),
    )
    taken = True
    while taken:
        taken = False
        for words, key in clauses:
            if reader.accept(*words):
                found[key] = reader.text()
                taken = True
    return found


def _check_columns(columns: list[ColumnDefinition], keys: list[ColumnDefinition]) -> None:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {name}")
    for key in keys:
        if key.name in names:
            raise DdlError("SemanticException [Error 10035]: Column repeated in partitioning columns")


def _glue_column(column: ColumnDefinition) -> dict[str, str]:
    found = {"Name": column.name, "Type": column.kind.hive}
    return found | ({"Comment": column.comment} if column.comment is not None else {})


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
    in_process.call("glue", "DeleteTable", {"DatabaseName": located.database, "Name": located.table})


def _drop_view(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("DROP", "VIEW")
    if_exists = reader.accept("IF", "EXISTS")
    located = Located(reader.table(), context)
    reader.done()
    held = tables.glue_entry(located.database, located.table)
    if held is None and if_exists:
        return
    name = f"awsdatacatalog.{located.database}.{located.table}"
    if held is None:
        raise AnalysisError("TABLE_NOT_FOUND", f"View '{name}' does not exist")
    if held.get("TableType") != "VIRTUAL_VIEW":
        message = f"View '{name}' does not exist, but a table with that name exists. Did you mean DROP TABLE {name}?"
        raise AnalysisError("TABLE_NOT_FOUND", message)
    in_process.call("glue", "DeleteTable", {"DatabaseName": located.database, "Name": located.table})


def _altered(reader: HiveReader, context: QueryContext) -> tuple[Located, dict[str, Any]]:
    reader.expect("ALTER", "TABLE")
    located = Located(reader.table(), context)
    return located, located.entry()


def _add_columns(reader: HiveReader, context: QueryContext) -> None:
    located, entry = _altered(reader, context)
    reader.expect("ADD")
    if not reader.accept("COLUMNS"):
        reader.expect("COLUMN")
    added = reader.columns()
    held = entry["StorageDescriptor"]["Columns"]
    for column in added:
        if column.name in {c["Name"] for c in [*held, *entry.get("PartitionKeys", [])]}:
            raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {column.name}")
    entry["StorageDescriptor"]["Columns"] = [*held, *map(_glue_column, added)]
    update(located, entry)


def _replace_columns(reader: HiveReader, context: QueryContext) -> None:
    located, entry = _altered(reader, context)
    reader.expect("REPLACE", "COLUMNS")
    columns = reader.columns()
    _check_columns(columns, [])
    entry["StorageDescriptor"]["Columns"] = [_glue_column(column) for column in columns]
    update(located, entry)


def _change_column(reader: HiveReader, context: QueryContext) -> None:
    located, entry = _altered(reader, context)
    reader.expect("CHANGE")
    reader.accept("COLUMN")
    old = reader.name()
    changed = ColumnDefinition(reader.name(), reader.type(), reader.text() if reader.accept("COMMENT") else None)
    columns = [c for c in entry["StorageDescriptor"]["Columns"] if c["Name"] != old]
    position = next((n for n, c in enumerate(entry["StorageDescriptor"]["Columns"]) if c["Name"] == old), None)
    if position is None:
        raise DdlError(f"{_TASK}. Invalid column reference {old}")
    if reader.accept("FIRST"):
        position = 0
    elif reader.accept("AFTER"):
        after = reader.name()
        position = [c["Name"] for c in columns].index(after) + 1
    entry["StorageDescriptor"]["Columns"] = [*columns[:position], _glue_column(changed), *columns[position:]]
    update(located, entry)


def _set_properties(reader: HiveReader, context: QueryContext) -> None:
    located, entry = _altered(reader, context)
    reader.expect("SET", "TBLPROPERTIES")
    entry["Parameters"] = {**entry.get("Parameters", {}), **reader.properties()}
    update(located, entry)


def _set_location(reader: HiveReader, context: QueryContext) -> None:
    located, entry = _altered(reader, context)
    partition = reader.partition() if reader.accept("PARTITION") else None
    reader.expect("SET", "LOCATION")
    location = reader.text()
    if partition is None:
        entry["StorageDescriptor"]["Location"] = location
        update(located, entry)
    else:
        partition_ddl.set_location(located.request(), entry, partition, location)


def _create_view(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("CREATE")
    replace = reader.accept("OR", "REPLACE")
    reader.expect("VIEW")
    located = Located(reader.table(), context)
    reader.expect("AS")
    query = reader.rest()
    with Engine(context) as engine:
        columns = engine.describe(parse_query(query))
    held = tables.glue_entry(located.database, located.table)
    if held is not None and (not replace or held.get("TableType") != "VIRTUAL_VIEW"):
        kind = "View" if held.get("TableType") == "VIRTUAL_VIEW" else "Table"
        raise ExecutionError("ALREADY_EXISTS", f"{kind} already exists: '{located.database}.{located.table}'")
    stored = {
        "originalSql": query,
        "catalog": "awsdatacatalog",
        "schema": context.database,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
    }
    encoded = base64.b64encode(json.dumps(stored).encode()).decode("ascii")
    wanted = {
        "Name": located.table,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "ViewOriginalText": f"{VIEW_PREFIX}{encoded}{VIEW_SUFFIX}",
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": column.name, "Type": parse_type(column.type).hive} for column in columns],
            "Location": "",
            "Compressed": False,
            "NumberOfBuckets": 0,
            "SerdeInfo": {},
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        },
    }
    action = "CreateTable" if held is None else "UpdateTable"
    in_process.call("glue", action, {"DatabaseName": located.database, "TableInput": wanted})


def _on_partitions(
    action: Callable[[HiveReader, dict[str, Any], dict[str, Any]], list[str] | None],
) -> Callable[[HiveReader, QueryContext], list[str] | None]:
    def statement(reader: HiveReader, context: QueryContext) -> list[str] | None:
        located, entry = _altered(reader, context)
        return action(reader, located.request(), entry)

    return statement


def _msck(reader: HiveReader, context: QueryContext) -> list[str]:
    reader.expect("MSCK", "REPAIR", "TABLE")
    located = Located(reader.table(), context)
    reader.done()
    return partition_ddl.repair(located.request(), located.entry())


STATEMENTS: dict[str, Callable[[HiveReader, QueryContext], list[str] | None]] = {
    "CREATE_DATABASE": _create_database,
    "DROP_DATABASE": _drop_database,
    "ALTER_DATABASE": _alter_database,
    "CREATE_TABLE": _create_table,
    "DROP_TABLE": _drop_table,
    "DROP_VIEW": _drop_view,
    "CREATE_VIEW": _create_view,
    "ALTER_TABLE_ADD_COLUMN": _add_columns,
    "ALTER_TABLE_REPLACE_COLUMN": _replace_columns,
    "ALTER_TABLE_CHANGE_COLUMN": _change_column,
    "ALTER_TABLE_PROPERTIES": _set_properties,
    "ALTER_TABLE_SET_LOCATION": _set_location,
    "ALTER_TABLE_ADD_PARTITION": _on_partitions(partition_ddl.add),
    "ALTER_TABLE_DROP_PARTITION": _on_partitions(partition_ddl.drop),
    "ALTER_TABLE_RENAME_PARTITION": _on_partitions(partition_ddl.rename),
    "MSCK_REPAIR": _msck,
}
