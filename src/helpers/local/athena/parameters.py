"""Values for the `?` of a statement, from ExecutionParameters or from EXECUTE … USING.

Athena reads each value as a SQL expression; one that does not parse, or names a column, is a string.
"""

from __future__ import annotations

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from helpers.local.athena.model import AthenaQueryError

_INVALID_PARAMETER_USAGE = 1100  # Athena's error type


class ParameterCountError(AthenaQueryError):
    """A statement has more or fewer `?` than there are values."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(
            f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected {expected} but found {found}",
            2,
            _INVALID_PARAMETER_USAGE,
        )


def values_for(statement: str, given: list[str]) -> list[str]:
    """Return one SQL expression for each `?` of `statement`.

    Parameters
    ----------
    statement
        SQL; a `?` within a string or comment does not count.
    given
        Values as they were sent.

    Raises
    ------
    ParameterCountError
        If their number is wrong. Values for a statement without any `?` are ignored, as by Athena.
    """
    expected = placeholders(statement)
    if expected == 0:
        return []
    if expected != len(given):
        raise ParameterCountError(expected, len(given))
    return [as_expression(value) for value in given]


def placeholders(statement: str) -> int:
    """Return the number of `?` in `statement`; 0 if it cannot be read at all."""
    try:
        tokens = sqlglot.tokenize(statement, read="trino")
    except SqlglotError:
        return 0
    return sum(token.token_type is TokenType.PLACEHOLDER for token in tokens)


def as_expression(value: str) -> str:
    """Return `value` if it is an expression without column names, else a string literal of it."""
    try:
        parsed = sqlglot.parse_one(f"SELECT ({value}\n)", read="trino")
    except SqlglotError:
        return _literal(value)
    projections = parsed.selects if isinstance(parsed, exp.Select) else []
    if not value.strip() or len(projections) != 1 or parsed.find(exp.Column, exp.Alias, exp.From, exp.Placeholder):
        return _literal(value)
    return value


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
