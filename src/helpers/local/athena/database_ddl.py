"""DDL of databases: CREATE, ALTER and DROP DATABASE.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

from typing import Any

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.errors import DdlError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.located import TASK
from helpers.local.athena.model import QueryContext


def create_database(reader: HiveReader, context: QueryContext) -> None:
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
        raise DdlError(f"{TASK}. Database {wanted['Name']} already exists")
    in_process.call("glue", "CreateDatabase", {"DatabaseInput": wanted})


def drop_database(reader: HiveReader, context: QueryContext) -> None:
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
        raise DdlError(f"{TASK}. {message}")
    for table in held:
        in_process.call("glue", "DeleteTable", {"DatabaseName": name, "Name": table["Name"]})
    in_process.call("glue", "DeleteDatabase", {"Name": name})


def alter_database(reader: HiveReader, context: QueryContext) -> None:
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
