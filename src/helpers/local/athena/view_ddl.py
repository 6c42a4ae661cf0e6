"""DDL of views: CREATE VIEW and DROP VIEW.

https://docs.aws.amazon.com/athena/latest/ug/create-view.html
"""

from __future__ import annotations

import base64
import json

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.errors import AnalysisError, ExecutionError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.located import Located
from helpers.local.athena.model import QueryContext
from helpers.local.athena.query import Engine
from helpers.local.athena.statements import parse_query
from helpers.local.athena.tables import VIEW_PREFIX, VIEW_SUFFIX
from helpers.local.athena.type_texts import parse_type


def create_view(reader: HiveReader, context: QueryContext) -> None:
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


def drop_view(reader: HiveReader, context: QueryContext) -> None:
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
