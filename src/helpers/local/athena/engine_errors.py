"""What DuckDB complains about, in Athena's words.

Messages as in Trino, on which Athena engine version 3 is built; error names and types:
https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable

import duckdb
from sqlglot import exp

from helpers.local.athena.errors import (
    GENERIC_INTERNAL,
    SYSTEM,
    AnalysisError,
    BadDataError,
    ColumnNotFoundError,
    CursorError,
    ExecutionError,
    FunctionNotFoundError,
    Position,
    position_of,
)
from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.type_texts import from_duckdb

_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "bigint"}
_CAST_TARGETS = {"INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT", "BOOL": "BOOLEAN"}
_LITERALS = {"INTEGER_LITERAL": "integer", "STRING_LITERAL": "varchar"}
_TRINO_NAMES = {"arg_max": "max_by", "arg_min": "min_by", "substring": "substr"}
_OPERATIONS = {"addition": "+", "subtraction": "-", "multiplication": "*"}
Found = re.Match[str]


def engine_error(error: duckdb.Error, tree: exp.Expr | None = None) -> AthenaQueryError:
    """Turn an error of DuckDB into Athena's.

    Parameters
    ----------
    error
        What DuckDB raised.
    tree
        The query, to tell the line and column of what it names.
    """
    text = str(error)
    for pattern, build in _RULES:
        found = pattern.search(text)
        if found:
            return build(found, tree)
    if os.strerror(errno.ENOSPC) in text:
        full = "The disk under the local AWS is full: make room, then run the query again"
        return AthenaQueryError(f"GENERIC_INTERNAL_ERROR: {full}", SYSTEM, GENERIC_INTERNAL)
    sentence = _first_sentence(text)
    if isinstance(error, duckdb.OutOfRangeException) or "out of range" in text.lower():
        return ExecutionError("NUMERIC_VALUE_OUT_OF_RANGE", sentence)
    if isinstance(error, duckdb.BinderException):
        return AnalysisError("TYPE_MISMATCH", sentence)
    if isinstance(error, duckdb.InvalidInputException):
        return BadDataError(sentence)
    return AthenaQueryError(f"GENERIC_INTERNAL_ERROR: {sentence}", SYSTEM, GENERIC_INTERNAL)


def _first_sentence(text: str) -> str:
    sentence = re.sub(r"^\w+(?: \w+)* Error: ", "", text.strip()).split("\n")[0]
    # The paths under which the engine below reads objects are its own affair.
    return re.sub(r"lab://\S*?/_/", "s3://", sentence)


def _column_position(tree: exp.Expr | None, name: str) -> Position:
    columns = tree.find_all(exp.Column) if tree is not None else ()
    places = [position_of(column) for column in columns if column.name == name]
    return min((place for place in places if place != (1, 1)), default=(1, 1))


def _function_position(tree: exp.Expr | None, name: str) -> Position:
    calls = tree.find_all(exp.Func) if tree is not None else ()
    named = [call for call in calls if name in (call.name.lower(), call.sql_name().lower())]
    return min((position_of(call) for call in named), default=(1, 1))


def _own(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    message = found["message"].strip()
    return BadDataError(message) if found["code"] == "HIVE_BAD_DATA" else ExecutionError(found["code"], message)


def _malformed_line(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    place = f"{found['byte']} [character {found['byte']} line {found['line']}]"
    return CursorError(f"Row is not a valid JSON Object - JSONException: {found['why']} at {place}")


def _cast(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    target = _CAST_TARGETS.get(found["type"], found["type"])
    return ExecutionError("INVALID_CAST_ARGUMENT", f"Cannot cast '{found['value']}' to {target.upper()}")


def _cast_time(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    return ExecutionError("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {found['type']}: {found['value']}")


def _overflow(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    left, right = found["operands"].split(f" {_OPERATIONS[found['operation']]} ", 1)
    message = f"{_INTEGERS[found['type']]} {found['operation']} overflow: "
    return ExecutionError("NUMERIC_VALUE_OUT_OF_RANGE", f"{message}{left} {_OPERATIONS[found['operation']]} {right}")


def _too_large(found: Found, _: exp.Expr | None) -> AthenaQueryError:
    message = f"Out of range for {_INTEGERS[found['type']]}: {found['value']}"
    return ExecutionError("NUMERIC_VALUE_OUT_OF_RANGE", message)


def _missing_function(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    name = found["name"].lower()
    return FunctionNotFoundError(name, _function_position(tree, name))


def _unexpected_parameters(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    name = _TRINO_NAMES.get(found["name"].lower(), found["name"].lower())
    given = re.sub(r"[A-Z]+_LITERAL", lambda word: _LITERALS.get(word[0], "double"), found["types"])
    kinds = ", ".join(from_duckdb(kind).trino if kind.isupper() else kind for kind in given.split(", ") if kind)
    message = f"Unexpected parameters ({kinds}) for function {name}"
    return AnalysisError("FUNCTION_NOT_FOUND", message, _function_position(tree, name))


def _not_grouped(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    message = f"'{found['name']}' must be an aggregate expression or appear in GROUP BY clause"
    return AnalysisError("EXPRESSION_NOT_AGGREGATE", message, _column_position(tree, found["name"]))


def _missing_column(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    return ColumnNotFoundError(found["name"], _column_position(tree, found["name"]))


def _missing_table(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    columns = tree.find_all(exp.Column) if tree is not None else ()
    column = next((column for column in columns if column.table == found["name"]), None)
    name = f"{found['name']}.{column.name}" if column is not None else found["name"]
    return ColumnNotFoundError(name, position_of(column))


def _ambiguous(found: Found, tree: exp.Expr | None) -> AthenaQueryError:
    name = found["name"]
    return AnalysisError("AMBIGUOUS_NAME", f"Column '{name}' is ambiguous", _column_position(tree, name))


def _fixed(code: str, message: str) -> Callable[[Found, exp.Expr | None], AthenaQueryError]:
    return lambda found, _: ExecutionError(code, found.expand(message))


def _fixed_analysis(code: str, message: str) -> Callable[[Found, exp.Expr | None], AthenaQueryError]:
    return lambda _, __: AnalysisError(code, message)


_RULES: tuple[tuple[re.Pattern[str], Callable[[Found, exp.Expr | None], AthenaQueryError]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), build)
    for pattern, build in (
        (r"athena:(?P<code>\w+):(?P<message>[^\n]*)", _own),
        (
            r"Malformed JSON [^\n]*?at byte (?P<byte>\d+) in line (?P<line>\d+): (?P<why>[^\n]*?)\.? *(\n|$)",
            _malformed_line,
        ),
        (
            r"Malformed JSON at byte \d+ of input: .*?Input: \"(?P<value>.*)\"",
            _fixed("INVALID_FUNCTION_ARGUMENT", r"Cannot convert value to JSON: '\g<value>'"),
        ),
        (
            r"Could not parse string \"(?P<value>.*?)\" according to format",
            _fixed("INVALID_FUNCTION_ARGUMENT", r'Invalid format: "\g<value>"'),
        ),
        (
            r"extract specifier \"(?P<unit>[^\"]*)\" not recognized",
            lambda found, _: ExecutionError(
                "INVALID_FUNCTION_ARGUMENT", f"'{found['unit'].lower()}' is not a valid Timestamp field"
            ),
        ),
        (r"Could not convert string '(?P<value>.*?)' to (?P<type>\w+)", _cast),
        (r"(?:invalid|out of range) (?P<type>\w+) field format[^:]*: ?\"(?P<value>.*?)\"", _cast_time),
        (r"(?P<type>date|timestamp) field value out of range: ?\"(?P<value>.*?)\"", _cast_time),
        (
            r"Overflow in (?P<operation>addition|subtraction|multiplication) of (?P<type>INT\d+) "
            r"\((?P<operands>.*?)\)",
            _overflow,
        ),
        (r"with value (?P<value>\S+) can't be cast .* destination type (?P<type>INT\d+)", _too_large),
        (
            r"More than one row returned by a subquery",
            _fixed("SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"),
        ),
        (r"(?:Scalar|Aggregate|Table) Function with name \"?(?P<name>\w+)\"? does not exist", _missing_function),
        (
            r"No function matches [a-z ]+ types '(?P<name>\w+)\((?P<types>.*?)\)'",
            _unexpected_parameters,
        ),
        (r"candidate function for the function call \"(?P<name>\w+)\((?P<types>.*?)\)\"", _unexpected_parameters),
        (r"column \"?(?P<name>[^\"]+?)\"? must appear in the GROUP BY clause", _not_grouped),
        (r"Referenced column \"(?P<name>[^\"]+)\" not found", _missing_column),
        (r"Column \"(?P<name>[^\"]+)\" referenced that exists in the SELECT clause", _missing_column),
        (r"Referenced table \"(?P<name>[^\"]+)\" not found", _missing_table),
        (r"Ambiguous reference to column name \"(?P<name>[^\"]+)\"", _ambiguous),
        (
            r"WHERE clause cannot contain (aggregates|window)",
            _fixed_analysis(
                "EXPRESSION_NOT_SCALAR",
                "WHERE clause cannot contain aggregations, window functions or grouping operations",
            ),
        ),
        (
            r"aggregate function calls cannot be nested",
            _fixed_analysis("NESTED_AGGREGATION", "Cannot nest aggregations inside aggregation"),
        ),
        (
            r"Set operations can only apply to expressions with the same number",
            _fixed_analysis("TYPE_MISMATCH", "UNION query has different number of fields"),
        ),
    )
)
