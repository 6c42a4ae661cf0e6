"""Why queries fail, in Athena's words.

Error categories and types: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

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
    """The text is no SQL, or not of a kind that runs."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        place = "" if position is None else f"line {position[0]}:{position[1]}: "
        super().__init__(place + message, USER, SYNTAX)


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
        first = _first_written(node.parts) if isinstance(node, exp.Column) else node
        for part in (first, node, node.this if isinstance(node.this, exp.Expr) else node):
            line, end = part.meta.get("line"), part.meta.get("col")
            if line and end:
                length = part.meta.get("end", 0) - part.meta.get("start", 0)
                return int(line), max(1, int(end) - int(length))
        node = node.parent
    return 1, 1


def _first_written(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Return the part with which a column's name begins in the text: a table may have been put before it since."""
    first, last = parts[0], parts[-1]
    begins_there = first.meta.get("end", -9) + 2 == last.meta.get("start") or len(parts) > 2
    return first if begins_there else last
