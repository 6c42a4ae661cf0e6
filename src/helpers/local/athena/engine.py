"""Run one statement of any kind and say what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.local.athena import create_table_as, ddl, explain, insert, show, unload
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import maintenance, row_writes
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine, literals
from helpers.local.athena.statements import classify, parse_query, without_comments

_WRITES = {
    "CREATE_TABLE_AS_SELECT": create_table_as.run,
    "INSERT": insert.run,
    "UNLOAD": unload.run,
}


def run(sql: str, context: QueryContext, parameters: Sequence[str] = ()) -> QueryResult:
    """Run a statement.

    Parameters
    ----------
    sql
        One statement, with or without `?`.
    context
        What it runs with.
    parameters
        Values for the `?`, as SQL text.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    statement_type, substatement = classify(sql)
    text = without_comments(sql).strip().rstrip(";").strip()
    values = literals(list(parameters))
    if substatement == "SELECT":
        with Engine(context) as engine:
            rows = engine.run(parse_query(sql), values)
        return QueryResult("DML", "SELECT", rows.columns, rows.tuples(), rows.bytes_scanned)
    if substatement in _WRITES:
        return _WRITES[substatement](HiveReader(text), context, values)
    if substatement in row_writes.SUBSTATEMENTS:
        return row_writes.run(substatement, text, context, values)
    if substatement in maintenance.STATEMENTS:
        return maintenance.run(substatement, text, context)
    if substatement in ddl.STATEMENTS:
        return ddl.run(substatement, text, context)
    if substatement == "EXPLAIN":
        return explain.run(text, context, values)
    return show.run(statement_type, substatement, text, context)
