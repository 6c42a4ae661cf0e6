"""Where an event source mapping starts to read."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from event_sources import EventSources, records_of


def test_trim_horizon_starts_with_the_oldest_record(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"old")
    sources.map(stream, function, StartingPosition="TRIM_HORIZON")
    sources.put(stream, b"new")
    assert records_of(sources.await_records(function, 2)) == [b"old", b"new"]


def test_latest_starts_with_the_first_record_after_the_mapping_was_made(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"old")
    sources.map(stream, function, StartingPosition="LATEST")
    sources.put(stream, b"new")
    assert sources.await_records(function, 1) == [[b"new"]]


def test_at_timestamp_starts_with_the_first_record_of_that_time_or_later(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"before")
    time.sleep(0.05)
    moment = datetime.now(UTC)
    time.sleep(0.05)
    sources.put(stream, b"after")
    sources.map(stream, function, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    sources.put(stream, b"later")
    assert records_of(sources.await_records(function, 2)) == [b"after", b"later"]


def test_at_timestamp_before_the_stream_starts_with_its_oldest_record(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"oldest")
    mapping = sources.map(
        stream,
        function,
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert sources.await_records(function, 1) == [[b"oldest"]]
    assert sources.get(mapping)["StartingPositionTimestamp"] == datetime(2020, 1, 1, tzinfo=UTC)
