"""Why queries fail, in Athena's words.

Error categories and types: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations

import re

import duckdb
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from helpers.local.athena.model import AthenaQueryError

USER, SYSTEM = 2, 1
# Types of the Athena error catalog.
GENERIC_INTERNAL, USER_ERROR, DDL_FAILED, SYNTAX, BAD_DATA = 200, 1000, 1003, 1006, 1100
# The type that Athena reports with a Trino error name; other names of users' errors have 1000.
_TYPES = {
    "DIVISION_BY_ZERO": 1001,
    "TYPE_MISMATCH": 1002,
    "COLUMN_NOT_FOUND": 1006,
    "CATALOG_NOT_FOUND": 1006,
    "INVALID_CAST_ARGUMENT": 1100,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1100,
    "INVALID_PARAMETER_USAGE": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200,
    "TABLE_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
}

Position = tuple[int, int]


class ScanLimitError(AthenaQueryError):
    """A query read more than its workgroup allows."""

    def __init__(self) -> None:
        super().__init__("Bytes scanned limit was exceeded", USER, USER_ERROR)


class QuerySyntaxError(AthenaQueryError):
    """The text is no SQL."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__(f"line {position[0]}:{position[1]}: {message}", USER, SYNTAX)


class AnalysisError(AthenaQueryError):
    """The SQL names what does not exist, or uses it wrongly."""

    def __init__(self, code: str, message: str, position: Position = (1, 1)) -> None:
        reason = f"{code}: line {position[0]}:{position[1]}: {message}"
        super().__init__(reason, USER, _TYPES.get(code, USER_ERROR))
        self.code = code


class TableNotFoundError(AnalysisError):
    """There is no such table."""

    def __init__(self, catalog: str, database: str, table: str, position: Position = (1, 1)) -> None:
        name = f"{catalog.lower()}.{database}.{table}"
        super().__init__("TABLE_NOT_FOUND", f"Table '{name}' does not exist", position)


class SchemaNotFoundError(AnalysisError):
    """There is no such database."""

    def __init__(self, database: str, position: Position = (1, 1)) -> None:
        super().__init__("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", position)


class ColumnNotFoundError(AnalysisError):
    """A column is in none of the tables."""

    def __init__(self, column: str, position: Position) -> None:
        text = f"Column '{column}' cannot be resolved or requester is not authorized to access requested resources"
        super().__init__("COLUMN_NOT_FOUND", text, position)


class TypeMismatchError(AnalysisError):
    """An operator or function got types that it does not take."""

    def __init__(self, message: str, position: Position) -> None:
        super().__init__("TYPE_MISMATCH", message, position)


class FunctionNotFoundError(AnalysisError):
    """There is no such function."""

    def __init__(self, name: str, position: Position = (1, 1)) -> None:
        super().__init__("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", position)


class NotSupportedError(AthenaQueryError):
    """Something that Athena can do and the local one cannot."""

    def __init__(self, what: str) -> None:
        super().__init__(f"NOT_SUPPORTED: {what} is not available in the local Athena", USER, 1200)


class BadDataError(AthenaQueryError):
    """A file does not hold what its table says."""

    def __init__(self, message: str) -> None:
        super().__init__(f"HIVE_BAD_DATA: {message}", USER, BAD_DATA)


class CursorError(AthenaQueryError):
    """A file cannot be read to its end."""

    def __init__(self, message: str) -> None:
        super().__init__(f"HIVE_CURSOR_ERROR: {message}", USER, BAD_DATA)


class ExecutionError(AthenaQueryError):
    """A value could not be computed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}", USER, _TYPES.get(code, USER_ERROR))


class DdlError(AthenaQueryError):
    """A DDL statement failed; worded as Hive does."""

    def __init__(self, message: str) -> None:
        super().__init__(f"FAILED: {message}", USER, DDL_FAILED)


def position_of(node: exp.Expr | None) -> Position:
    """Return line and column, both from 1, at which a node of the syntax tree begins."""
    while node is not None:
        first = node.parts[0] if isinstance(node, exp.Column) else node
        for part in (first, node, node.this if isinstance(node.this, exp.Expr) else node):
            line, end = part.meta.get("line"), part.meta.get("col")
            if line and end:
                length = part.meta.get("end", 0) - part.meta.get("start", 0)
                return int(line), max(1, int(end) - int(length))
        node = node.parent
    return 1, 1


def syntax_error(error: ParseError | TokenError, sql: str) -> QuerySyntaxError:
    """Turn a parser's complaint into Athena's: `line 1:8: mismatched input 'x'. Expecting: <expression>`."""
    details = getattr(error, "errors", None) or [{}]
    first = details[0]
    line, column, found = first.get("line") or 1, first.get("col") or 1, first.get("highlight") or ""
    column = max(1, int(column) - max(len(found) - 1, 0))
    if not found or int(column) > len(sql):
        found = "<EOF>"
    return QuerySyntaxError(f"mismatched input '{found}'. Expecting: <expression>", (int(line), column))


_MALFORMED_JSON = re.compile(
    r"Malformed JSON .*?at byte (?P<byte>\d+) in line (?P<line>\d+): (?P<why>[^\n]*?)\.? *(\n|$)"
)
_CAST = re.compile(r"Could not convert string '(?P<value>.*?)' to (?P<type>\w+)", re.DOTALL)
_CAST_TIME = re.compile(r"(?:invalid|out of range) (?P<type>\w+) field (?:format|value)[^:]*: ?\"(?P<value>.*?)\"")
_INDEX = re.compile(r"array subscript (?P<index>-?\d+) of (?P<length>\d+)")
_TRINO_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "bigint"}


def execution_error(error: duckdb.Error) -> AthenaQueryError:
    """Turn an error of the engine below into Athena's."""
    text = str(error)
    own = re.search(r"athena:(?P<code>\w+):(?P<message>[^\n]*)", text)
    if own and own["code"] == "HIVE_BAD_DATA":
        return BadDataError(own["message"].strip())
    if own:
        return ExecutionError(own["code"], own["message"].strip())
    malformed = _MALFORMED_JSON.search(text)
    if malformed:
        place = f"{malformed['byte']} [character {malformed['byte']} line {malformed['line']}]"
        return CursorError(f"Row is not a valid JSON Object - JSONException: {malformed['why']} at {place}")
    cast = _CAST.search(text)
    if cast:
        target = _TRINO_INTEGERS.get(cast["type"], cast["type"].lower())
        return ExecutionError("INVALID_CAST_ARGUMENT", f"Cannot cast '{cast['value']}' to {target.upper()}")
    cast = _CAST_TIME.search(text)
    if cast:
        message = f"Value cannot be cast to {cast['type']}: {cast['value']}"
        return ExecutionError("INVALID_CAST_ARGUMENT", message)
    if isinstance(error, duckdb.OutOfRangeException) or "out of range" in text.lower():
        return ExecutionError("NUMERIC_VALUE_OUT_OF_RANGE", _first_sentence(text))
    if "More than one row returned by a subquery" in text:
        return ExecutionError("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows")
    missing = re.search(r"(?:Scalar|Aggregate|Table) Function with name \"?(\w+)\"? does not exist", text, re.I)
    if missing:
        return FunctionNotFoundError(missing[1].lower())
    grouped = re.search(r"column \"?([^\"]+?)\"? must appear in the GROUP BY clause", text)
    if grouped:
        message = f"'{grouped[1]}' must be an aggregate expression or appear in GROUP BY clause"
        return AnalysisError("EXPRESSION_NOT_AGGREGATE", message)
    unknown = re.search(r"Referenced column \"([^\"]+)\" not found", text)
    if unknown:
        return ColumnNotFoundError(unknown[1], (1, 1))
    if isinstance(error, duckdb.BinderException):
        return AnalysisError("TYPE_MISMATCH", _first_sentence(text))
    if isinstance(error, duckdb.InvalidInputException):
        return BadDataError(_first_sentence(text))
    return AthenaQueryError(f"GENERIC_INTERNAL_ERROR: {_first_sentence(text)}", SYSTEM, GENERIC_INTERNAL)


def _first_sentence(text: str) -> str:
    sentence = re.sub(r"^\w+(?: \w+)* Error: ", "", text.strip()).split("\n")[0]
    # The paths under which the engine below reads objects are its own affair.
    return re.sub(r"lab://\S*?/_/", "s3://", sentence)
