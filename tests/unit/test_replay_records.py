"""What an event looks like in the stream."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.events import COLUMNS, join_fields
from helpers.replay.records import MAX_KEY_CHARACTERS, event_time, outgoing, stamped

pytestmark = pytest.mark.faults

FIELDS = [
    "2019-10-01 00:00:00 UTC", "view", "44600062", "2103807459595387724", "",
    "shiseido", "35.79", "541312140", "72d76fde-8bb3-4e00-8c23-a032dfed738c",
]  # fmt: skip
NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


def line(**changes: str) -> bytes:
    return join_fields([changes.get(name, value) for name, value in zip(COLUMNS, FIELDS, strict=True)]) + b"\n"


def test_record_is_one_json_line_with_the_files_text_and_the_time_of_sending() -> None:
    [entry] = stamped(outgoing(line(), "user_id"), NOW)
    assert entry["PartitionKey"] == "541312140"
    data = entry["Data"]
    assert isinstance(data, bytes) and data.endswith(b"}\n") and data.count(b"\n") == 1
    assert json.loads(data) == dict(zip(COLUMNS, FIELDS, strict=True)) | {"txn_timestamp": "2026-01-02T03:04:05.678"}


def test_time_of_sending_is_utc_whatever_the_clock() -> None:
    local = datetime(2026, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    [entry] = stamped(outgoing(line(), "user_id"), local)
    data = entry["Data"]
    assert isinstance(data, bytes)
    assert json.loads(data)["txn_timestamp"] == "2026-01-02T03:04:05.000"


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=300))
def test_any_text_survives_and_sizes_are_exact(text: str) -> None:
    data = line() + line(brand=text, category_code=text)
    records = outgoing(data, "brand")
    entries = stamped(records, NOW)
    for row, entry, record in zip(csv.reader(data.decode().split("\n")[:-1]), entries, records, strict=True):
        sent, key = entry["Data"], entry["PartitionKey"]
        assert isinstance(sent, bytes) and isinstance(key, str)
        assert json.loads(sent) == dict(zip(COLUMNS, row, strict=True)) | {"txn_timestamp": "2026-01-02T03:04:05.678"}
        assert record[2] == len(sent) + len(key.encode())
        assert 1 <= len(key) <= MAX_KEY_CHARACTERS


@pytest.mark.parametrize(
    ("column", "value", "key"),
    [
        ("category_id", "2103807459595387724", "2103807459595387724"),
        ("brand", "", "541312140"),
        ("user_session", "", "541312140"),
        ("brand", "é" * 256, "é" * 256),
        ("brand", "é" * 257, "é" * 256),
    ],
)
def test_partition_key_is_never_empty_nor_too_long(column: str, value: str, key: str) -> None:
    assert outgoing(line(**{column: value}), column)[0][0] == key


def test_event_time_is_read_off_the_record() -> None:
    assert event_time(outgoing(line(), "user_id")[0]) == "2019-10-01 00:00:00 UTC"
