"""The Expression of GetPartitions: a WHERE clause over partition keys.

Operators and key types as the GetPartitions API reference lists them; a value is compared by the type
of its key, so `month > 9` on an int key holds for partition "10".
"""

from __future__ import annotations

import datetime
import decimal
import operator
import re
from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.local.glue.errors import InvalidInputError

Predicate = Callable[[list[str]], bool]

_NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"
_INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint", "long")
_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}


class UnsupportedExpressionError(InvalidInputError):
    """The expression, or a part of it, is none that Glue understands."""

    def __init__(self, part: str) -> None:
        super().__init__(f"Unsupported expression '{part}'")


def predicate(expression: str, keys: list[dict[str, Any]]) -> Predicate:
    """Return a function that tells whether a partition with given values satisfies `expression`.

    Parameters
    ----------
    expression
        The WHERE clause.
    keys
        The table's partition keys, with Name and Type.

    Raises
    ------
    InvalidInputError
        If the expression cannot be parsed, or names what is no partition key.
    """
    try:
        parsed = sqlglot.parse_one(f"SELECT 1 WHERE {expression}", read="trino")
    except SqlglotError as error:
        raise UnsupportedExpressionError(expression) from error
    where = parsed.args.get("where")
    if not isinstance(where, exp.Where):
        raise UnsupportedExpressionError(expression)
    types = {key["Name"].lower(): key.get("Type", "string").lower() for key in keys}
    positions = {name: position for position, name in enumerate(types)}
    for column in where.find_all(exp.Column):
        if column.name.lower() not in types:
            raise UnsupportedExpressionError(column.sql())
    evaluation = _Evaluation(types, positions)
    return lambda values: evaluation.holds(where.this, values) is True


class _Evaluation:
    """Three-valued evaluation of a condition over one partition's values."""

    def __init__(self, types: dict[str, str], positions: dict[str, int]) -> None:
        self._types = types
        self._positions = positions

    def holds(self, node: exp.Expr, values: list[str]) -> bool | None:
        if isinstance(node, exp.Paren):
            return self.holds(node.this, values)
        if isinstance(node, exp.And):
            return _and(self.holds(node.left, values), self.holds(node.right, values))
        if isinstance(node, exp.Or):
            left, right = self.holds(node.left, values), self.holds(node.right, values)
            return _not(_and(_not(left), _not(right)))
        if isinstance(node, exp.Not):
            return _not(self.holds(node.this, values))
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return self._value(node.this, values, "string") is None
        if isinstance(node, exp.In):
            options = [exp.EQ(this=node.this, expression=option) for option in node.expressions]
            answers = [self.holds(option, values) for option in options]
            return True if True in answers else None if None in answers else False
        if isinstance(node, exp.Between):
            low = self._compare(operator.ge, node.this, node.args["low"], values)
            return _and(low, self._compare(operator.le, node.this, node.args["high"], values))
        if isinstance(node, exp.Like):
            text, pattern = (self._value(part, values, "string") for part in (node.this, node.expression))
            return None if text is None or pattern is None else _like(str(pattern)).fullmatch(str(text)) is not None
        comparison = _COMPARISONS.get(type(node))
        if comparison is None:
            raise UnsupportedExpressionError(node.sql())
        return self._compare(comparison, node.this, node.expression, values)

    def _compare(
        self,
        comparison: Callable[[Any, Any], bool],
        left: exp.Expr,
        right: exp.Expr,
        values: list[str],
    ) -> bool | None:
        type_ = next(
            (self._types[side.name.lower()] for side in (left, right) if isinstance(side, exp.Column)), "string"
        )
        first, second = self._value(left, values, type_), self._value(right, values, type_)
        return None if first is None or second is None else comparison(first, second)

    def _value(self, node: exp.Expr, values: list[str], type_: str) -> Any:
        if isinstance(node, exp.Column):
            text = values[self._positions[node.name.lower()]]
            return None if text == _NULL_VALUE else _typed(text, type_)
        if isinstance(node, exp.Paren):
            return self._value(node.this, values, type_)
        if isinstance(node, exp.Null):
            return None
        if isinstance(node, exp.Cast):
            return self._value(node.this, values, type_)
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
            return _typed(f"-{node.this.name}", type_)
        if isinstance(node, exp.Literal):
            return _typed(node.name, type_)
        raise UnsupportedExpressionError(node.sql())


def _typed(text: str, type_: str) -> Any:
    base = type_.partition("(")[0]
    try:
        if base in _INTEGERS:
            return int(text)
        if base == "decimal":
            return decimal.Decimal(text)
        if base == "date":
            return datetime.date.fromisoformat(text)
        if base == "timestamp":
            return datetime.datetime.fromisoformat(text)
    except (ValueError, decimal.InvalidOperation) as error:
        raise InvalidInputError(f"{text} is not a value of type {type_}") from error
    if base in ("string", "varchar", "char"):
        return text
    raise InvalidInputError(f"Unsupported partition key type in expression: {type_}")


def _like(pattern: str) -> re.Pattern[str]:
    parts = (".*" if char == "%" else "." if char == "_" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.S)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
