"""CREATE EXTERNAL TABLE.

https://docs.aws.amazon.com/athena/latest/ug/create-table.html
"""

from __future__ import annotations

import re
import time
from typing import Any

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.errors import DdlError
from helpers.local.athena.formats import FORMATS, LAZY_SIMPLE, FileFormat
from helpers.local.athena.hive_reader import ColumnDefinition, HiveReader
from helpers.local.athena.iceberg import definition
from helpers.local.athena.located import TASK, Located
from helpers.local.athena.model import QueryContext

_PLAIN_NAME = re.compile(r"[a-z0-9_]+")


def create_table(reader: HiveReader, context: QueryContext) -> None:
    reader.expect("CREATE")
    if not reader.accept("EXTERNAL"):
        if definition.is_create(reader.sql):
            definition.create(HiveReader(reader.sql), context.database)
            return
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
        raise DdlError(f"{TASK}. AlreadyExistsException(message:Table {located.table} already exists.)")
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
    check_columns(columns, keys)
    if location is None:
        raise DdlError(f"{TASK}. MetaException(message:No location was provided for table {located.table})")
    if not re.match(r"s3[an]?://[^/]+", location):
        raise DdlError(f"{TASK}. MetaException(message:The S3 location provided {location} is not valid.)")
    serde_parameters.setdefault("serialization.format", serde_parameters.get("field.delim", "1"))
    return {
        "Name": located.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Retention": 0,
        "PartitionKeys": [glue_column(key) for key in keys],
        "Parameters": parameters | {"transient_lastDdlTime": str(int(time.time()))},
        "StorageDescriptor": {
            "Columns": [glue_column(column) for column in columns],
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


def check_columns(columns: list[ColumnDefinition], keys: list[ColumnDefinition]) -> None:
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {name}")
    for key in keys:
        if key.name in names:
            raise DdlError("SemanticException [Error 10035]: Column repeated in partitioning columns")


def glue_column(column: ColumnDefinition) -> dict[str, str]:
    found = {"Name": column.name, "Type": column.kind.hive}
    return found | ({"Comment": column.comment} if column.comment is not None else {})
