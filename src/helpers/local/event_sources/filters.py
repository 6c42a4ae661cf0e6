"""Event filtering: patterns of `FilterCriteria`, checked and matched.

Rules: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html, and for the `data`
of Kinesis records https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from helpers.local.kinesis.shard_log import Record

Pattern = dict[str, Any]

_ABSENT: Any = object()
_MOST_NUMBERS = 5_000_000_000
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


@lru_cache(maxsize=256)
def compiled(text: str) -> Pattern:
    """Return a filter pattern.

    Raises
    ------
    ValueError
        If it is no pattern, or one for `data` that is not JSON.
    """
    pattern = json.loads(text)
    _check(pattern)
    data = pattern.get("data")
    if data is not None and not isinstance(data, dict):
        raise ValueError("a pattern for data must be a JSON object")
    return dict(pattern)


def passes(patterns: tuple[Pattern, ...], record: Record) -> bool:
    """Return whether a record satisfies one of the patterns; every record does if there are none."""
    if not patterns:
        return True
    fields: dict[str, Any] = {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": record.key,
        "sequenceNumber": record.sequence_number,
        "approximateArrivalTimestamp": record.arrival / 1000,
        "eventSource": "aws:kinesis",
        "eventName": "aws:kinesis:record",
        "eventVersion": "1.0",
    }
    try:
        data = json.loads(record.data)
    except ValueError:
        # Data that is not JSON satisfies no pattern for it, not even one that asks for a missing field.
        return any("data" not in pattern and _matches(pattern, fields) for pattern in patterns)
    return any(_matches(pattern, {**fields, "data": data}) for pattern in patterns)


def _check(pattern: Any) -> None:
    if not isinstance(pattern, dict) or not pattern:
        raise ValueError("a pattern must be an object that is not empty")
    for name, rule in pattern.items():
        if name == "$or":
            if not isinstance(rule, list) or len(rule) < 2:
                raise ValueError("$or needs two patterns at least")
            for option in rule:
                _check(option)
        elif isinstance(rule, dict):
            _check(rule)
        elif not isinstance(rule, list) or not rule:
            raise ValueError("a rule must be an array that is not empty")
        else:
            for value in rule:
                _check_rule(value)


def _check_rule(rule: Any) -> None:
    if rule is None or isinstance(rule, str | int | float):
        return
    if not isinstance(rule, dict) or len(rule) != 1:
        raise ValueError("a rule must be a value or one comparison")
    ((operator, operand),) = rule.items()
    if operator in ("prefix", "suffix", "equals-ignore-case"):
        valid = isinstance(operand, str)
    elif operator == "exists":
        valid = isinstance(operand, bool)
    elif operator == "numeric":
        valid = _is_numeric_rule(operand)
    elif operator == "anything-but":
        valid = _is_negated_rule(operand)
    else:
        valid = False
    if not valid:
        raise ValueError(f"not a comparison: {operator}")


def _is_numeric_rule(operand: Any) -> bool:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    return all(sign in _COMPARISONS and _is_number(bound) and abs(bound) <= _MOST_NUMBERS for sign, bound in pairs)


def _is_negated_rule(operand: Any) -> bool:
    if isinstance(operand, dict):
        return len(operand) == 1 and next(iter(operand)) in ("prefix", "suffix", "equals-ignore-case")
    values = operand if isinstance(operand, list) else [operand]
    return bool(values) and all(isinstance(value, str) or _is_number(value) for value in values)


def _matches(pattern: Pattern, value: Any) -> bool:
    if isinstance(value, list):
        return any(_matches(pattern, item) for item in value)
    for name, rule in pattern.items():
        if name == "$or":
            if not any(_matches(option, value) for option in rule):
                return False
            continue
        member = value.get(name, _ABSENT) if isinstance(value, dict) else _ABSENT
        if isinstance(rule, dict):
            if not _matches(rule, member):
                return False
        elif not any(_satisfies(one, member) for one in rule):
            return False
    return True


def _satisfies(rule: Any, value: Any) -> bool:
    if isinstance(rule, dict) and "exists" in rule:
        # A leaf alone exists: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
        return bool(rule["exists"]) == (value is not _ABSENT and not isinstance(value, dict))
    if isinstance(value, list):
        return any(_satisfies(rule, item) for item in value)
    if value is _ABSENT:
        return False
    if not isinstance(rule, dict):
        return _equal(rule, value)
    ((operator, operand),) = rule.items()
    if operator == "numeric":
        pairs = zip(operand[::2], operand[1::2], strict=True)
        return _is_number(value) and all(_COMPARISONS[sign](value, bound) for sign, bound in pairs)
    if operator == "anything-but":
        if isinstance(operand, dict):
            return not _satisfies(operand, value)
        return not any(_equal(one, value) for one in (operand if isinstance(operand, list) else [operand]))
    if not isinstance(value, str):
        return False
    if operator == "prefix":
        return value.startswith(operand)
    if operator == "suffix":
        return value.endswith(operand)
    return value.casefold() == str(operand).casefold()


def _equal(rule: Any, value: Any) -> bool:
    if isinstance(rule, bool) or isinstance(value, bool):
        return rule is value
    return bool(rule == value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
