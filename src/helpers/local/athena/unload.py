"""UNLOAD: the rows of a query as files, without a table.

https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from __future__ import annotations

from sqlglot import exp

from helpers.local.athena.data_files import hive_path, write_files
from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.writes import (
    OUTPUT,
    check_partition_keys,
    check_target,
    materialized,
    names,
    stored,
    take_layout,
    with_properties,
)


def run(reader: HiveReader, context: QueryContext, values: list[exp.Expr]) -> QueryResult:
    """Run an UNLOAD.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    reader.expect("UNLOAD")
    query = _in_brackets(reader)
    reader.expect("TO")
    location = reader.text().rstrip("/") + "/"
    properties = with_properties(reader) if reader.accept("WITH") else {}
    reader.done()
    if "format" not in properties:
        raise AnalysisError("INVALID_TABLE_PROPERTY", "Property 'format' is required for UNLOAD")
    layout = take_layout(properties)
    keys = names(properties.pop("partitioned_by", []))
    if properties:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Property '{next(iter(properties))}' is not supported by UNLOAD")
    check_target(location, "unload")
    with Engine(context) as engine:
        columns = {name: stored(kind) for name, kind in materialized(engine, query, values).items()}
        check_partition_keys(columns, keys)
        written = write_files(engine, OUTPUT, columns, keys, layout, lambda row: location + hive_path(keys, row))
        bytes_scanned = engine.filesystem.bytes_read
    return QueryResult(
        "DML",
        "UNLOAD",
        bytes_scanned=bytes_scanned,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _in_brackets(reader: HiveReader) -> str:
    """Take `(query)` and return the query."""
    if reader.at_end or reader.tokens[reader.index][1] != "(":
        raise reader.error("Expecting: '('")
    depth = 0
    for number in range(reader.index, len(reader.tokens)):
        value = reader.tokens[number][1]
        depth += (value == "(") - (value == ")")
        if depth == 0:
            first, last = reader.tokens[reader.index][2], reader.tokens[number][2]
            reader.index = number + 1
            return reader.sql[first.end() : last.start("mark")]
    raise reader.error("Expecting: ')'")
