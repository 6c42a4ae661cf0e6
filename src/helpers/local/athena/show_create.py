"""SHOW CREATE TABLE and SHOW CREATE VIEW, line by line as Hive prints them.

https://docs.aws.amazon.com/athena/latest/ug/show-create-table.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.local.athena import tables
from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.formats import LAZY_SIMPLE
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg.catalog import is_iceberg, load
from helpers.local.athena.iceberg.description import create_statement
from helpers.local.athena.located import Located
from helpers.local.athena.model import QueryContext

Printed = tuple[tuple[str, ...], list[str]]
# The clauses of ROW FORMAT DELIMITED, in the order in which Hive reads them.
_DELIMITERS = (
    ("field.delim", "FIELDS TERMINATED BY"),
    ("escape.delim", "ESCAPED BY"),
    ("collection.delim", "COLLECTION ITEMS TERMINATED BY"),
    ("mapkey.delim", "MAP KEYS TERMINATED BY"),
    ("line.delim", "LINES TERMINATED BY"),
)
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def show_create_table(reader: HiveReader, context: QueryContext) -> Printed:
    """Return the column names and the lines of SHOW CREATE TABLE."""
    reader.expect("SHOW", "CREATE", "TABLE")
    name = reader.table()
    located = Located(name, context)
    entry = located.entry()
    if entry.get("TableType") == "VIRTUAL_VIEW":
        return _view(located)
    written = f"{name.database}.{name.table}" if name.database else name.table
    if is_iceberg(entry):
        return ("createtab_stmt",), create_statement(load(located.database, located.table), written)
    descriptor = entry["StorageDescriptor"]
    parameters = {key: value for key, value in entry.get("Parameters", {}).items() if key != "EXTERNAL"}
    comment = parameters.pop("comment", None)
    lines = [f"CREATE EXTERNAL TABLE `{written}`(", *_definitions(descriptor["Columns"])]
    if comment is not None:
        lines.append(f"COMMENT '{_escaped(comment)}'")
    if entry.get("PartitionKeys"):
        lines += ["PARTITIONED BY ( ", *_definitions(entry["PartitionKeys"])]
    if descriptor.get("BucketColumns"):
        listed = ", \n  ".join(descriptor["BucketColumns"])
        lines += ["CLUSTERED BY ( ", f"  {listed}) ", f"INTO {descriptor.get('NumberOfBuckets')} BUCKETS"]
    lines += _row_format(descriptor.get("SerdeInfo", {}))
    lines += ["STORED AS INPUTFORMAT ", f"  '{descriptor.get('InputFormat', '')}' "]
    lines += ["OUTPUTFORMAT ", f"  '{descriptor.get('OutputFormat', '')}'"]
    lines += ["LOCATION", f"  '{descriptor.get('Location', '')}'"]
    return ("createtab_stmt",), [*lines, "TBLPROPERTIES (", *_pairs(parameters, ")")]


def show_create_view(reader: HiveReader, context: QueryContext) -> Printed:
    """Return the column names and the lines of SHOW CREATE VIEW."""
    reader.expect("SHOW", "CREATE", "VIEW")
    located = Located(reader.table(), context)
    located.entry()
    return _view(located)


def _view(located: Located) -> Printed:
    found = tables.find("awsdatacatalog", located.database, located.table)
    if not isinstance(found, tables.View):
        raise AnalysisError("NOT_SUPPORTED", f"Relation '{located.database}.{located.table}' is a table, not a view")
    return ("Create View",), [f"CREATE VIEW {located.database}.{located.table} AS", *found.sql.split("\n")]


def _row_format(serde: Mapping[str, Any]) -> list[str]:
    library = serde.get("SerializationLibrary", "")
    options = dict(serde.get("Parameters") or {})
    delimited = set(options) <= {key for key, _ in _DELIMITERS} | {"serialization.format"}
    if library == LAZY_SIMPLE and "field.delim" in options and delimited:
        clauses = [f"  {words} '{_escaped(options[key])}' " for key, words in _DELIMITERS if key in options]
        return ["ROW FORMAT DELIMITED ", *clauses]
    # Hive does not print the format that every SerDe has by default.
    shown = {key: value for key, value in options.items() if (key, value) != ("serialization.format", "1")}
    lines = ["ROW FORMAT SERDE ", f"  '{library}' "]
    return [*lines, "WITH SERDEPROPERTIES ( ", *_pairs(shown)] if shown else lines


def _definitions(columns: list[Mapping[str, str]]) -> list[str]:
    lines = []
    for column in columns:
        comment = f" COMMENT '{_escaped(column['Comment'])}'" if column.get("Comment") else ""
        lines.append(f"  `{column['Name']}` {column.get('Type', 'string')}{comment}, ")
    return [*lines[:-1], lines[-1][:-2] + ")"] if lines else []


def _pairs(properties: Mapping[str, str], closing: str = ") ") -> list[str]:
    lines = [f"  '{_escaped(key)}'='{_escaped(value)}', " for key, value in sorted(properties.items())]
    return [*lines[:-1], lines[-1][:-2] + closing] if lines else [closing]


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(mark, f"\\u{ord(mark):04x}" if ord(mark) < 32 else mark) for mark in value)
