"""What the function on stream 2 takes for a window, and why it sets the rest aside."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from functions.alert.windows import ActivityWindow, PoisonRecordError, parse

NOW = datetime(2026, 11, 24, 12, 0, 0)
GOOD = {
    "window_start": "2019-10-01T00:00:00",
    "window_end": "2019-10-01T00:00:10",
    "user_id": "512345678",
    "actions": 7,
}


def parsed(**changes: Any) -> ActivityWindow:
    return parse(json.dumps(GOOD | changes).encode(), 10, NOW)


def reason(data: bytes) -> str:
    with pytest.raises(PoisonRecordError) as caught:
        parse(data, 10, NOW)
    return str(caught.value)


def test_a_window_as_flink_writes_it() -> None:
    assert parsed() == ActivityWindow(512345678, datetime(2019, 10, 1), datetime(2019, 10, 1, 0, 0, 10), 7)


def test_fractions_of_a_second_numbers_for_ids_and_more_fields_are_fine() -> None:
    window = parsed(window_start="2019-10-01T00:00:00.000", user_id=512345678, brand="x", price=1.5)
    assert window == parsed()


def test_the_largest_ids_keep_every_digit() -> None:
    assert parsed(user_id="9223372036854775807").user_id == 9223372036854775807


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{"window_start": ', "no JSON: Expecting value"),
        (b"", "no JSON: Expecting value"),
        (b'{"actions": \xff}', "byte 13 is not UTF-8"),
        (b"[" * 100_000, "no JSON: nested too deep"),
        (b"[1]", "a JSON list instead of an object"),
        (b'{"actions": NaN}', "NaN is not a number of JSON"),
        (b"{}", "window_start and window_end and user_id and actions missing"),
    ],
)
def test_what_is_no_json_object(data: bytes, why: str) -> None:
    assert why in reason(data)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"user_id": None}, "user_id missing"),
        ({"window_start": "yesterday"}, "window_start 'yesterday' is not a time like 2019-10-01T00:00:00"),
        ({"window_end": 1569888010}, "window_end 1569888010 is not a time"),
        ({"window_end": "2019-10-01T00:00:00"}, "is not after window_start"),
        ({"window_end": "2019-09-30T23:59:50"}, "is not after window_start"),
        ({"window_end": "2019-10-01T00:01:00"}, "a window of 0:01:00 instead of 10 s"),
        ({"window_start": "2026-11-24T12:05:00", "window_end": "2026-11-24T12:05:10"}, "lies in the future"),
        ({"actions": -1}, "actions is -1: a window has at least one"),
        ({"actions": 0}, "actions is 0: a window has at least one"),
        ({"actions": 7.5}, "actions Decimal('7.5') is not a whole number"),
        ({"actions": True}, "actions True is not a whole number"),
        ({"actions": "many"}, "actions 'many' is not a whole number"),
        ({"actions": 2**63}, "actions is larger than 64 bits"),
        ({"user_id": "12x"}, "user_id '12x' is not a whole number"),
        ({"user_id": "-5"}, "user_id is -5: it cannot be negative"),
        ({"user_id": ["1"]}, "user_id ['1'] is not a whole number"),
    ],
)
def test_a_window_that_cannot_be(changes: dict[str, Any], why: str) -> None:
    assert why in reason(json.dumps(GOOD | changes).encode())


def test_a_window_that_ends_now_is_taken_with_some_minutes_for_the_clocks() -> None:
    window = parsed(window_start="2026-11-24T12:04:50", window_end="2026-11-24T12:05:00")
    assert window.window_end == datetime(2026, 11, 24, 12, 5)
