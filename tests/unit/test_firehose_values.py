"""JSON values become values of a table's column types, or are told not to fit."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from helpers.local.athena.type_texts import parse_type
from helpers.local.firehose.json_values import ValueMismatchError, arrow_type, converted


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("bigint", 2**62 + 1, 2**62 + 1),
        ("bigint", "2103807459595387724", 2103807459595387724),
        ("int", 5.0, 5),
        ("double", "35.79", 35.79),
        ("boolean", "TRUE", True),
        ("string", "text", "text"),
        ("string", 1.5, "1.5"),
        ("string", {"a": [1]}, '{"a":[1]}'),
        ("decimal(10,2)", 1.5, Decimal("1.50")),
        ("date", "2019-10-01", date(2019, 10, 1)),
        ("timestamp", "2019-10-01 00:00:01.5", datetime(2019, 10, 1, 0, 0, 1, 500_000)),
        ("timestamp", "2019-10-01T02:00:00+02:00", datetime(2019, 10, 1)),
        ("timestamp", 1569888000, datetime(2019, 10, 1)),
        ("timestamp", 1569888000123, datetime(2019, 10, 1, 0, 0, 0, 123_000)),
        ("array<int>", [1, "2", None], [1, 2, None]),
        ("map<string,int>", {"a": 1}, [("a", 1)]),
        ("struct<a:int,b:string>", {"A": 1}, {"a": 1, "b": None}),
        ("binary", "aGk=", b"hi"),
        ("bigint", None, None),
    ],
)
def test_values_that_fit(kind: str, value: Any, expected: Any) -> None:
    parsed = parse_type(kind)
    found = converted(value, parsed)
    assert found == expected
    assert pa.array([found], arrow_type(parsed)).type == arrow_type(parsed)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("tinyint", 128),
        ("int", 1.5),
        ("bigint", "many"),
        ("bigint", True),
        ("double", [1]),
        ("boolean", 1),
        ("date", "2019-02-30"),
        ("timestamp", "yesterday"),
        ("array<int>", 1),
        ("struct<a:int>", "x"),
        ("decimal(4,2)", "x"),
    ],
)
def test_values_that_do_not_fit(kind: str, value: Any) -> None:
    with pytest.raises(ValueMismatchError):
        converted(value, parse_type(kind))
