"""Comparison operators of Lambda's event filters.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from helpers.local.event_sources import filters
from helpers.local.kinesis.shard_log import Record


def passes(pattern: dict[str, Any], data: Any, key: str = "key") -> bool:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return filters.passes((filters.compiled(json.dumps(pattern)),), Record("1", 1000, key, raw))


@pytest.mark.parametrize(
    ("rule", "passing", "failing"),
    [
        ([None], [None], ["", 0, False]),
        ([""], [""], [None, " "]),
        (["Seattle"], ["Seattle", ["x", "Seattle"]], ["seattle", None]),
        ([{"equals-ignore-case": "seattle"}], ["Seattle"], ["Seattl", 1]),
        (["a", "b"], ["a", "b"], ["c"]),
        ([{"anything-but": ["a"]}], ["b", 1], ["a"]),
        ([{"anything-but": 1}], [2, "1"], [1, 1.0]),
        ([{"anything-but": {"prefix": "a"}}], ["ba"], ["ab"]),
        ([{"numeric": ["=", 100]}], [100, 100.0], [99, "100", True]),
        ([{"numeric": [">", 10, "<=", 20]}], [10.1, 20], [10, 20.1]),
        ([{"exists": True}], ["", None, 0], []),
        ([{"prefix": "us-"}], ["us-east"], ["eu-us-", 1]),
        ([{"suffix": ".png"}], ["a.png"], ["a.png.jpg"]),
        ([True], [True], [1, "true", False]),
        ([1], [1, 1.0], [True, "1"]),
    ],
)
def test_a_rule_lets_its_values_pass(rule: list[Any], passing: list[Any], failing: list[Any]) -> None:
    assert [value for value in passing if not passes({"data": {"v": rule}}, {"v": value})] == []
    assert [value for value in failing if passes({"data": {"v": rule}}, {"v": value})] == []


def test_every_field_of_a_pattern_must_hold() -> None:
    pattern = {"data": {"city": ["Seattle"], "n": [1]}, "partitionKey": ["key"]}
    assert passes(pattern, {"city": "Seattle", "n": 1})
    assert not passes(pattern, {"city": "Seattle", "n": 2})
    assert not passes(pattern, {"city": "Seattle", "n": 1}, key="other")


def test_or_combines_fields() -> None:
    pattern = {"data": {"$or": [{"city": ["Seattle"]}, {"n": [1]}], "x": [1]}}
    assert passes(pattern, {"city": "Seattle", "x": 1})
    assert passes(pattern, {"n": 1, "x": 1})
    assert not passes(pattern, {"n": 1, "x": 2})
    assert not passes(pattern, {"x": 1})


def test_a_missing_field_satisfies_only_the_rule_that_it_does_not_exist() -> None:
    assert passes({"data": {"a": {"b": [{"exists": False}]}}}, {"c": 1})
    assert passes({"data": {"a": {"b": [{"exists": False}]}}}, {"a": {"c": 1}})
    assert not passes({"data": {"a": {"b": [{"exists": False}]}}}, {"a": {"b": 1}})
    assert not passes({"data": {"a": [{"anything-but": ["x"]}]}}, {})


def test_exists_works_on_leaves_alone() -> None:
    assert not passes({"data": {"person": [{"exists": True}]}}, {"person": {"name": "x"}})
    assert passes({"data": {"person": {"name": [{"exists": True}]}}}, {"person": {"name": "x"}})


def test_objects_in_an_array_are_looked_into() -> None:
    assert passes({"data": {"items": {"n": [2]}}}, {"items": [{"n": 1}, {"n": 2}]})
    assert not passes({"data": {"items": {"n": [3]}}}, {"items": [{"n": 1}, {"n": 2}]})


@pytest.mark.parametrize("data", [b"text", b"", b"\xff", b"{"])
def test_data_that_is_not_json_satisfies_no_pattern_for_it(data: bytes) -> None:
    assert not passes({"data": {"a": [{"exists": False}]}}, data)
    assert passes({"partitionKey": ["key"]}, data)


def test_without_patterns_every_record_passes() -> None:
    assert filters.passes((), Record("1", 1000, "key", b"\xff"))
