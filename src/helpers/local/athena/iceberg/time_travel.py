"""`FOR TIMESTAMP AS OF` and `FOR VERSION AS OF`: which version of an Iceberg table they mean.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-time-travel-and-version-travel-queries.html
"""

from __future__ import annotations

import duckdb
from pyiceberg.table import Table as IcebergTable
from sqlglot import exp

from helpers.local.athena.errors import ExecutionError
from helpers.local.athena.iceberg.versions import Version
from helpers.local.athena.translate import to_duckdb


def version_of(table: IcebergTable, wanted: exp.Expr, connection: duckdb.DuckDBPyConnection) -> Version:
    """Return the version that a query names.

    Parameters
    ----------
    table
        The Iceberg table.
    wanted
        sqlglot's `Version` node.
    connection
        Where its value is computed.

    Raises
    ------
    ExecutionError
        If it has no such version, or the value is of the wrong type.
    """
    value = exp.select(exp.alias_(wanted.expression.copy(), "version"))
    timed = wanted.name.upper() in ("TIMESTAMP", "SYSTEM_TIME")
    chosen = "epoch_ms(version::TIMESTAMPTZ)" if timed else "version"
    try:
        found = connection.sql(f"SELECT {chosen} FROM ({to_duckdb(value)})").fetchall()[0][0]
    except duckdb.Error as error:
        written = wanted.expression.sql("trino")
        raise ExecutionError("INVALID_ARGUMENTS", f"Invalid version of an Iceberg table: {written}") from error
    if timed and found is not None:
        return Version.at_time(table, int(found))
    if isinstance(found, int):
        return Version.numbered(table, found)
    return Version.named(table, str(found))
