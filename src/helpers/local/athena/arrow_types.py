"""Columns of a result as DuckDB hands them to Arrow, made what Athena would give."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from helpers.local.athena.errors import ExecutionError


def with_bigints(table: pa.Table, described: list[str]) -> pa.Table:
    """Sums of integers are HUGEINT in DuckDB, which Arrow has not; in Athena they are bigint."""
    for number, text in enumerate(described):
        if text in ("HUGEINT", "UHUGEINT", "UBIGINT"):
            try:
                column = table.column(number).cast(pa.int64())
            except pa.ArrowInvalid as error:
                message = "bigint overflow in sum or product"
                raise ExecutionError("NUMERIC_VALUE_OUT_OF_RANGE", message) from error
            table = table.set_column(number, table.field(number).name, column)
    return table


def in_zone(table: pa.Table, number: int, zone: str) -> pa.Table:
    """Moments in a time zone, of which DuckDB keeps only the instant or the local time."""
    column = table.column(number)
    if column.type.tz is None:
        column = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest")
    return table.set_column(number, table.field(number).name, column.cast(pa.timestamp("us", zone)))


def is_of_months(column: pa.ChunkedArray) -> bool:
    """Return whether intervals count months; DuckDB has one type for both kinds."""
    return any(value is not None and value[0] for value in column.to_pylist())
