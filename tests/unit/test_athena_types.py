"""Types as the catalog, Trino and DuckDB write them, and the text of values."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpers.local.athena.text_forms import java_double, java_float, to_text
from helpers.local.athena.type_texts import UnknownTypeError, from_duckdb, parse_type

UTC, NEW_YORK = ZoneInfo("UTC"), ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("hive", "trino", "duckdb"),
    [
        ("string", "varchar", "VARCHAR"),
        ("int", "integer", "INTEGER"),
        ("float", "real", "FLOAT"),
        ("binary", "varbinary", "BLOB"),
        ("timestamp", "timestamp", "TIMESTAMP"),
        ("decimal(10,2)", "decimal(10,2)", "DECIMAL(10,2)"),
        ("decimal(5,0)", "decimal(5,0)", "DECIMAL(5,0)"),
        ("varchar(10)", "varchar(10)", "VARCHAR"),
        ("char(3)", "char(3)", "VARCHAR"),
        ("array<int>", "array(integer)", "INTEGER[]"),
        ("map<string,double>", "map(varchar, double)", "MAP(VARCHAR, DOUBLE)"),
        ("struct<a:int,b:string>", "row(a integer, b varchar)", 'STRUCT("a" INTEGER, "b" VARCHAR)'),
        (
            "array<struct<a:int,b:map<string,array<date>>>>",
            "array(row(a integer, b map(varchar, array(date))))",
            'STRUCT("a" INTEGER, "b" MAP(VARCHAR, DATE[]))[]',
        ),
    ],
)
def test_one_type_in_three_languages(hive: str, trino: str, duckdb: str) -> None:
    for kind in (parse_type(hive), parse_type(trino)):
        assert (kind.hive, kind.trino, kind.duckdb) == (hive, trino, duckdb)


@pytest.mark.parametrize(
    ("text", "trino"),
    [
        ("decimal", "decimal(10,0)"),
        ("decimal(7)", "decimal(7,0)"),
        ("BIGINT", "bigint"),
        ("timestamp(3)", "timestamp"),
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("interval day to second", "interval day to second"),
        ("interval year to month", "interval year to month"),
        ("double precision", "double"),
        ("struct < a : int >", "row(a integer)"),
    ],
)
def test_other_spellings(text: str, trino: str) -> None:
    assert parse_type(text).trino == trino


@pytest.mark.parametrize("text", ["", "foo", "array", "array<", "array<int", "struct<a>", "int int", "map<int>>"])
def test_what_is_no_type_is_refused(text: str) -> None:
    with pytest.raises(UnknownTypeError, match="cannot recognize input near") as refused:
        parse_type(text)
    assert text in refused.value.reason


@pytest.mark.parametrize(
    ("described", "trino"),
    [
        ("HUGEINT", "bigint"),
        ("UTINYINT", "smallint"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
        ("TIMESTAMP_NS", "timestamp"),
        ('"NULL"', "unknown"),
        ("TUPLE(INTEGER, VARCHAR)", "row(field0 integer, field1 varchar)"),
        ('STRUCT(a INTEGER, "b c" VARCHAR)[]', 'array(row(a integer, "b c" varchar))'),
        ("MAP(VARCHAR, DECIMAL(10,2)[])", "map(varchar, array(decimal(10,2)))"),
        ("INTEGER[][]", "array(array(integer))"),
    ],
)
def test_what_duckdb_describes(described: str, trino: str) -> None:
    assert from_duckdb(described).trino == trino


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "varchar", None),
        ("", "varchar", ""),
        (True, "boolean", "true"),
        (7, "bigint", "7"),
        (1e10, "double", "1.0E10"),
        (0.1, "real", "0.1"),
        (Decimal("1.5"), "decimal(10,2)", "1.50"),
        (b"\x01\xff", "varbinary", "01 ff"),
        (date(2019, 10, 1), "date", "2019-10-01"),
        (time(1, 2, 3, 4000), "time", "01:02:03.004"),
        (datetime(2019, 10, 1, 1, 2, 3, 4000), "timestamp", "2019-10-01 01:02:03.004"),
        (datetime(2019, 10, 1, tzinfo=UTC), "timestamp with time zone", "2019-10-01 00:00:00.000 UTC"),
        (
            datetime(2019, 10, 1, tzinfo=NEW_YORK),
            "timestamp with time zone",
            "2019-10-01 00:00:00.000 America/New_York",
        ),
        ((0, 1, 3_600_000_000_000), "interval day to second", "1 01:00:00.000"),
        ((0, 0, -1_500_000_000), "interval day to second", "-0 00:00:01.500"),
        ((14, 0, 0), "interval year to month", "1-2"),
        ((-14, 0, 0), "interval year to month", "-1-2"),
        (["a", None, "b,c"], "array(varchar)", "[a, null, b,c]"),
        ([("k", 7), ("l", None)], "map(varchar, integer)", "{k=7, l=null}"),
        ({"a": 1, "b": [1.0]}, "row(a integer, b array(double))", "{a=1, b=[1.0]}"),
    ],
)
def test_values_print_as_athena_prints_them(value: Any, kind: str, text: str | None) -> None:
    assert to_text(value, kind) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9_999_999.0, "9999999.0"),
        (10_000_000.0, "1.0E7"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (-123456789.125, "-1.23456789125E8"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_doubles_print_as_java_prints_them(value: float, text: str) -> None:
    assert java_double(value) == text


def test_a_real_has_the_digits_of_a_32_bit_float() -> None:
    assert java_float(0.1) == "0.1"
    assert java_float(16_777_216.0) == "1.6777216E7"
