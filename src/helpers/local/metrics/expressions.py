"""Metric math: arithmetic on time series and numbers, and the functions that sum them up.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import math
import operator
import statistics
from collections.abc import Callable, Mapping
from typing import Any

from helpers.local.metrics.wire import MetricsError

# Values by the beginning of their periods, in seconds since the epoch.
Series = dict[int, float]
Value = Any

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_SUMMARIES: dict[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "MAX": max,
    "MIN": min,
    "STDDEV": statistics.pstdev,
    "SUM": sum,
}
_EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}


def evaluate(text: str, series: Mapping[str, Series], metrics: Mapping[str, Series], period_seconds: int) -> Series:
    """Return the time series of an expression on others, by their ids; `metrics` are those that `METRICS()` means.

    Raises
    ------
    MetricsError
        `ValidationError` if it cannot be read, names what is not there, or is no time series.
    """
    tree = _parsed(text)
    if tree is None:
        raise _wrong(text)
    try:
        value = _Evaluation(text, series, metrics, period_seconds).visit(tree.body)
    except RecursionError as error:
        raise _wrong(text) from error
    if not isinstance(value, dict):
        raise _wrong(text)
    return dict(sorted(value.items()))


def names_in(text: str) -> set[str]:
    """Return the ids that an expression names, nothing if it cannot be read."""
    tree = _parsed(text)
    if tree is None:
        return set()
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def _parsed(text: str) -> ast.Expression | None:
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _wrong(text: str) -> MetricsError:
    return MetricsError("ValidationError", f"Error in expression '{text}': Invalid syntax")


class _Evaluation(ast.NodeVisitor):
    """One expression's value: a number, a time series, or a list of them."""

    def __init__(
        self, text: str, series: Mapping[str, Series], metrics: Mapping[str, Series], period_seconds: int
    ) -> None:
        self._text = text
        self._series = series
        self._metrics = metrics
        self._period = period_seconds

    def generic_visit(self, node: ast.AST) -> Value:
        raise _wrong(self._text)

    def visit_Constant(self, node: ast.Constant) -> Value:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float | str):
            raise _wrong(self._text)
        return node.value if isinstance(node.value, str) else float(node.value)

    def visit_Name(self, node: ast.Name) -> Value:
        if node.id == "REPEAT":
            return node.id
        if node.id not in self._series:
            raise MetricsError("ValidationError", f"Error in expression '{self._text}': Unknown identifier '{node.id}'")
        return self._series[node.id]

    def visit_List(self, node: ast.List) -> Value:
        return [self.visit(element) for element in node.elts]

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Value:
        if not isinstance(node.op, ast.USub):
            raise _wrong(self._text)
        return self._combined(operator.sub, 0.0, self.visit(node.operand))

    def visit_BinOp(self, node: ast.BinOp) -> Value:
        action = _ARITHMETIC.get(type(node.op))
        if action is None:
            raise _wrong(self._text)
        return self._combined(action, self.visit(node.left), self.visit(node.right))

    def visit_Call(self, node: ast.Call) -> Value:
        name = node.func.id.upper() if isinstance(node.func, ast.Name) else ""
        arguments = [self.visit(argument) for argument in node.args]
        if name == "METRICS" and not arguments:
            return list(self._metrics.values())
        if name == "FILL" and len(arguments) == 2:
            return self._filled(*arguments)
        if len(arguments) != 1:
            raise _wrong(self._text)
        (argument,) = arguments
        if name in _EACH and isinstance(argument, dict):
            return {moment: float(_EACH[name](value)) for moment, value in argument.items()}
        if name == "PERIOD":
            return float(self._period)
        if name in _SUMMARIES:
            return self._summary(_SUMMARIES[name], argument)
        raise _wrong(self._text)

    def _summary(self, summary: Callable[[list[float]], float], argument: Value) -> Value:
        if isinstance(argument, dict):
            return float(summary(list(argument.values()))) if argument else 0.0
        if not isinstance(argument, list):
            raise _wrong(self._text)
        moments = sorted({moment for each in argument for moment in each})
        return {moment: float(summary([each[moment] for each in argument if moment in each])) for moment in moments}

    def _filled(self, series: Value, by: Value) -> Value:
        if not isinstance(series, dict) or not (isinstance(by, float) or by == "REPEAT"):
            raise _wrong(self._text)
        every = {moment for each in self._metrics.values() for moment in each}
        filled: Series = {}
        last = None
        for moment in sorted(every):
            value = series.get(moment, last if by == "REPEAT" else by)
            if value is not None:
                filled[moment] = last = value
        return filled

    def _combined(self, action: Callable[[float, float], Any], left: Value, right: Value) -> Value:
        if isinstance(left, float) and isinstance(right, float):
            return _real(action, left, right) or 0.0
        if isinstance(left, dict):
            moments = set(left) & set(right) if isinstance(right, dict) else set(left)
        else:
            moments = set(right) if isinstance(right, dict) else set()
        if not all(isinstance(each, dict | float) for each in (left, right)):
            raise _wrong(self._text)
        found = {}
        for moment in moments:
            one = left[moment] if isinstance(left, dict) else left
            other = right[moment] if isinstance(right, dict) else right
            found[moment] = _real(action, one, other)
        return {moment: value for moment, value in found.items() if value is not None}


def _real(action: Callable[[float, float], Any], one: float, other: float) -> float | None:
    """Return what an action makes of two numbers, None if that is no real number: there is no data point then."""
    try:
        value = action(one, other)
    except (ZeroDivisionError, OverflowError):
        return None
    return value if isinstance(value, float) and math.isfinite(value) else None
