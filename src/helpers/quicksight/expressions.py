"""Calculated fields that aggregate: sums, their quotients, and shares of a total.

https://docs.aws.amazon.com/quicksight/latest/user/calculated-field-aggregations.html
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from helpers.quicksight.errors import NotDrawnError

_AGGREGATIONS = {
    "sum": "sum", "avg": "mean", "min": "min", "max": "max", "count": "count", "distinct_count": "nunique",
    "median": "median",
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COLUMN = re.compile(r"\{([^{}]+)\}")


def aggregate(expression: str, rows: pd.DataFrame, by: dict[str, pd.Series]) -> pd.Series:
    """Evaluate a calculated field for each group of rows.

    Parameters
    ----------
    expression
        In Quick Sight's language, such as `sum({abandoned}) / sum({carted})`.
    rows
        The columns that it names.
    by
        Keys of the groups, aligned with `rows`, by the name of their column.

    Returns
    -------
    Series
        float64, indexed by the groups.

    Raises
    ------
    NotDrawnError
        If it uses what is not known here.
    """
    # Braces make Python's grammar do for the rest of the language.
    text = _COLUMN.sub(lambda match: f"column({match[1]!r})", expression)
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise NotDrawnError(f"the calculated field {expression}") from None
    found = _evaluate(tree, rows, by, expression)
    return found.astype("float64").replace([float("inf"), float("-inf")], float("nan"))


def _evaluate(node: ast.expr, rows: pd.DataFrame, by: dict[str, pd.Series], expression: str) -> Any:
    match node:
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            sides = (_evaluate(side, rows, by, expression) for side in (left, right))
            return _OPERATORS[type(op)](*sides)
        case ast.Constant(value) if isinstance(value, int | float):
            return value
        case ast.Call(ast.Name("percentOfTotal"), [measure, *partition]):
            values = _evaluate(measure, rows, by, expression)
            levels = [name for name in _names(partition) if name in by]
            if not levels:
                return values / values.sum()
            return values / values.groupby(level=levels).transform("sum")
        case ast.Call(ast.Name(function), [ast.Call(ast.Name("column"), [ast.Constant(name)])]) if (
            function in _AGGREGATIONS
        ):
            return rows[str(name)].groupby(list(by.values()), observed=True).agg(_AGGREGATIONS[function])
    raise NotDrawnError(f"the calculated field {expression}")


def _names(nodes: list[ast.expr]) -> list[str]:
    calls = (call for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call))
    return [str(arg.value) for call in calls for arg in call.args if isinstance(arg, ast.Constant)]
