"""CREATE TABLE AS with `table_type = 'ICEBERG'`: the rows of a query as a new Iceberg table.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.hive_reader import ColumnDefinition
from helpers.local.athena.iceberg import commits
from helpers.local.athena.iceberg.definition import create_table
from helpers.local.athena.iceberg.properties import iceberg_properties
from helpers.local.athena.iceberg.schemas import new_schema
from helpers.local.athena.located import Located
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.writes import OUTPUT, check_named, check_target, materialized, names, stored


def run(
    located: Located, query: tuple[str, bool], properties: dict[str, Any], context: QueryContext, values: list[exp.Expr]
) -> QueryResult:
    """Run a CREATE TABLE AS of an Iceberg table.

    Parameters
    ----------
    located
        The new table.
    query
        SQL text, and whether the table gets its rows.
    properties
        Of the WITH clause.
    context, values
        What the query runs with, and the values of its `?`.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    location = properties.pop("location", None)
    if location is None or str(properties.pop("is_external", "true")).lower() != "false":
        message = "Iceberg tables need the table properties 'location' and is_external = false"
        raise AnalysisError("INVALID_TABLE_PROPERTY", message)
    location = str(location).rstrip("/") + "/"
    fields = names(properties.pop("partitioning", []))
    properties = iceberg_properties({key: str(value) for key, value in properties.items()})
    check_target(location, f"{located.database}.{located.table}")
    with Engine(context) as engine:
        columns = materialized(engine, query[0], values)
        check_named(columns)
        definitions = [ColumnDefinition(name, stored(kind)) for name, kind in columns.items()]
        schema = new_schema(definitions)
        rows = commits.rows_of(engine, OUTPUT if query[1] else f"{OUTPUT} WHERE FALSE", schema)
        scanned = engine.filesystem.bytes_read
    table = create_table(located.database, located.table, schema, fields, location, properties)
    written = commits.append(table, rows)
    return QueryResult(
        "DDL", "CREATE_TABLE_AS_SELECT", bytes_scanned=scanned, written_objects=written, rows_written=rows.num_rows
    )
