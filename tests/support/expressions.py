"""SQL through the local Athena's engine alone, without its API."""

from __future__ import annotations

import uuid

from helpers.local.athena import engine
from helpers.local.athena.model import AthenaQueryError, QueryContext, QueryResult
from helpers.local.athena.text_forms import to_text


def run(sql: str) -> QueryResult:
    """Run a statement that reads no table."""
    return engine.run(sql, QueryContext(uuid.uuid4().hex, "AwsDataCatalog", "default", "s3://nowhere/results/"))


def rows_of(sql: str) -> list[list[str | None]]:
    """Return the rows of a query as text."""
    result = run(sql)
    return [[to_text(v, column.type) for v, column in zip(row, result.columns, strict=True)] for row in result.rows]


def text_of(expression: str) -> str | None:
    """Return the text of the value of an expression."""
    ((text,),) = rows_of(f"SELECT {expression}")
    return text


def type_of(expression: str) -> str:
    """Return the Trino type of an expression."""
    (column,) = run(f"SELECT {expression}").columns
    return column.type


def failure_of(sql: str) -> tuple[int, int, str]:
    """Run a statement that must fail and return category and type of the error, and its reason."""
    try:
        run(sql)
    except AthenaQueryError as error:
        return error.category, error.error_type, error.reason
    raise AssertionError(f"{sql} has not failed")
