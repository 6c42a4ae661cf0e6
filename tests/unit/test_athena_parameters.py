"""Values for the `?` of an Athena statement."""

from __future__ import annotations

import pytest

from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.parameters import as_expression, placeholders, values_for


@pytest.mark.parametrize(
    "value",
    [
        "42",
        "-1.5",
        "'abc'",
        "'it''s'",
        "1 + 1",
        "DATE '2020-01-01'",
        "NULL",
        "now()",
        "true",
        "1 OR 1=1",
        "ARRAY[1, 2]",
    ],
)
def test_an_expression_is_taken_as_it_is(value: str) -> None:
    assert as_expression(value) == value


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("Washington", "'Washington'"),
        ("abc def", "'abc def'"),
        ("it's", "'it''s'"),
        ("x + 1", "'x + 1'"),
        ("t.x", "'t.x'"),
        ("123e4567-e89b-12d3-a456-426614174000", "'123e4567-e89b-12d3-a456-426614174000'"),
        ("1) FROM t WHERE (1", "'1) FROM t WHERE (1'"),
        ("", "''"),
    ],
)
def test_all_else_is_a_string(value: str, literal: str) -> None:
    assert as_expression(value) == literal


def test_only_real_question_marks_count() -> None:
    assert placeholders("SELECT ?, '?', \"?\" -- ?\n FROM t /* ? */ WHERE a = ?") == 2


def test_values_are_counted() -> None:
    assert values_for("SELECT ?, ?", ["1", "x"]) == ["1", "'x'"]
    assert values_for("SELECT 1", ["1"]) == []
    with pytest.raises(AthenaQueryError, match="expected 2 but found 1") as caught:
        values_for("SELECT ?, ?", ["1"])
    assert caught.value.error_type == 1100
