"""Exclusion patterns as AWS's developer guide gives them."""

from __future__ import annotations

import pytest

from helpers.local.crawler.exclusions import exclusion

FILES = [
    "departments/finance.json", "departments/market-us.json", "departments/market-ap.json",
    "employees/hr.json", "employees/john.csv", "employees/juan.txt",
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("departments/**", FILES[:3]),
        ("departments/market*", FILES[1:3]),
        ("**.csv", ["employees/john.csv"]),
        ("employees/*.csv", ["employees/john.csv"]),
        ("*.csv", []),
        ("*/*.{csv,txt}", ["employees/john.csv", "employees/juan.txt"]),
        ("*", []),
        ("departments*", []),
        ("departments**", FILES[:3]),
        ("employees/hr.jso?", ["employees/hr.json"]),
        ("employees/[a-j]*", ["employees/hr.json", "employees/john.csv", "employees/juan.txt"]),
        ("employees/[!h]*", ["employees/john.csv", "employees/juan.txt"]),
        ("employees?hr.json", []),
    ],
)
def test_the_examples_of_the_guide(pattern: str, left_out: list[str]) -> None:
    assert [name for name in FILES if exclusion(pattern).fullmatch(name)] == left_out


@pytest.mark.parametrize(
    ("day", "left_out"), [("01", False), ("07", False), ("08", True), ("09", True), ("10", True), ("31", True)]
)
def test_all_days_of_january_but_the_first_week(day: str, left_out: bool) -> None:
    assert (exclusion("2015/01/{[!0],0[8-9]}**").fullmatch(f"2015/01/{day}/x.csv") is not None) is left_out


def test_a_backslash_takes_a_special_character_as_it_is() -> None:
    assert exclusion(r"a\{1\}\*.csv").fullmatch("a{1}*.csv")
    assert not exclusion(r"a\*.csv").fullmatch("ab.csv")


def test_a_dot_and_a_plus_are_no_special_characters() -> None:
    assert exclusion("a+.csv").fullmatch("a+.csv")
    assert not exclusion("a+.csv").fullmatch("aa.csv")
    assert not exclusion("a.csv").fullmatch("aXcsv")
