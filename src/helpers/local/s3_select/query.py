"""The SQL of S3 Select, run by DuckDB over the object's records."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
import re
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.local.s3_select.errors import SelectError
from helpers.local.s3_select.records import table
from helpers.local.s3_select.request import SelectRequest

# `FROM S3Object`, with a JSON path after it.
_PATH = r"(?:\s*\[\*\]|\.\w+|\.\"[^\"]+\"|\[['\"][^'\"]+['\"]\])*"
_FROM = re.compile(rf"(?P<from>\bfrom\s+)s3object\b(?P<path>{_PATH})", re.I)
_STEP = re.compile(r"\[(\*)\]|\.(\w+)|\.\"([^\"]+)\"|\[['\"]([^'\"]+)['\"]\]")


def run(content: bytes, request: SelectRequest) -> bytes:
    """Return the records that `request` selects from an object, serialized as it asks.

    Raises
    ------
    SelectError
        If the SQL or the object is not valid.
    """
    found = _FROM.search(request.expression)
    if found is None:
        raise SelectError("ParseSelectMissingFrom", "The SQL expression has no FROM S3Object clause.")
    path = [next(filter(None, step)) for step in _STEP.findall(found["path"])]
    sql = request.expression[: found.start()] + found["from"] + "s3object" + request.expression[found.end() :]
    records = table(content, request, path)
    if not records.num_columns:
        return b""
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.register("s3object", records)
        try:
            cursor = connection.execute(sql)
            names = _names(sql, [description[0] for description in cursor.description or []])
            rows = cursor.fetchall()
        except duckdb.Error as error:
            raise SelectError("ParseUnexpectedToken", str(error).partition("\n")[0]) from error
    return _serialized(names, rows, request).encode()


def _names(sql: str, given: list[str]) -> list[str]:
    """Return the columns' names; an expression without an alias is named by its place."""
    try:
        parsed = sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError:
        return given
    projections = parsed.selects if isinstance(parsed, exp.Select) else []
    if len(projections) != len(given):
        return given
    named = (exp.Column, exp.Alias, exp.Star)
    return [
        name if isinstance(projection, named) else f"_{place}"
        for place, (name, projection) in enumerate(zip(given, projections, strict=True), start=1)
    ]


def _serialized(names: list[str], rows: list[tuple[Any, ...]], request: SelectRequest) -> str:
    options = request.output_options
    delimiter = options.get("RecordDelimiter") or "\n"
    if request.output_format == "JSON":
        lines = (json.dumps(dict(zip(names, row, strict=True)), default=_plain) for row in rows)
        return "".join(line + delimiter for line in lines)
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=options.get("FieldDelimiter") or ",",
        quotechar=options.get("QuoteCharacter") or '"',
        quoting=csv.QUOTE_ALL if options.get("QuoteFields", "").upper() == "ALWAYS" else csv.QUOTE_MINIMAL,
        lineterminator=delimiter,
    )
    writer.writerows(rows)
    return out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else str(value)
