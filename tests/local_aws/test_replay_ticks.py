"""Ticks move the clock of every shard, from the first to the last moment of a replay; they are no traffic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from helpers.events import COLUMNS, HEADER
from helpers.replay import count_records, replay
from helpers.replay.shards import list_shards, open_shards
from helpers.replay.ticks import TICK_TYPE

BUCKET, KEY, STREAM = "closing-source", "events.csv", "closing-stream"
LAST, CLOSING = "2019-10-31 23:30:00 UTC", "2019-11-01 00:30:00 UTC"


@pytest.fixture
def kinesis(client: Callable[[str], Any]) -> Iterator[Any]:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=4)
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig={"Delay": 1})
    yield kinesis
    kinesis.delete_stream(StreamName=STREAM)


@pytest.fixture
def s3(client: Callable[[str], Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    lines = [f"{LAST},view,1,2,,brand,1.00,{user},s\n".encode() for user in (7, 7, 8)]
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=HEADER + b"".join(lines))
    return s3


def all_events(kinesis: Any) -> dict[str, list[dict[str, str]]]:
    """Return the events of every shard, nothing left out."""
    found = {}
    for shard in list_shards(kinesis, STREAM):
        where = {"StreamName": STREAM, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        records = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**where)["ShardIterator"])["Records"]
        found[shard["ShardId"]] = [json.loads(record["Data"]) for record in records]
    return found


def test_every_open_shard_begins_and_ends_with_a_tick(s3: Any, kinesis: Any) -> None:
    kinesis.split_shard(StreamName=STREAM, ShardToSplit="shardId-000000000001", NewStartingHashKey=str(2**126 + 2**125))
    kinesis.get_waiter("stream_exists").wait(StreamName=STREAM, WaiterConfig={"Delay": 1})
    replay(s3, kinesis, BUCKET, KEY, STREAM)
    events = all_events(kinesis)
    still_open = [shard["ShardId"] for shard in open_shards(kinesis, STREAM)]
    assert len(still_open) == 5
    for shard, found in events.items():
        ticks = [event["event_time"] for event in found if event["event_type"] == TICK_TYPE]
        assert ticks == ([LAST, CLOSING] if shard in still_open else [])
        assert not found or (found[0]["event_type"], found[-1]["event_type"]) == (TICK_TYPE, TICK_TYPE)


def test_closing_ticks_are_an_hour_later_on_both_clocks_and_of_the_same_shape(s3: Any, kinesis: Any) -> None:
    replay(s3, kinesis, BUCKET, KEY, STREAM)
    closing = all_events(kinesis)["shardId-000000000000"][-1]
    assert tuple(closing) == (*COLUMNS, "txn_timestamp")
    assert closing["event_time"] == CLOSING
    sent = datetime.fromisoformat(closing["txn_timestamp"]) - datetime.now(UTC).replace(tzinfo=None)
    assert 3500 < sent.total_seconds() <= 3600
    assert float(closing["price"]) == 0


def test_ticks_are_in_no_count(s3: Any, kinesis: Any) -> None:
    report = replay(s3, kinesis, BUCKET, KEY, STREAM)
    assert (report.read, report.sent, report.last_event) == (3, 3, LAST)
    assert sum(report.per_shard.values()) == sum(count_records(kinesis, STREAM).values()) == 3


def test_a_shard_without_traffic_hears_the_shops_time(s3: Any, kinesis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpers.replay.ticks.SILENT_SECONDS", 0.2)
    monkeypatch.setattr("helpers.replay.pace.STEP_SECONDS", 0.05)
    times = [f"2019-10-01 00:0{minute}:00 UTC" for minute in range(4)]
    lines = [f"{time},view,1,2,,brand,1.00,7,s\n".encode() for time in times]
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=HEADER + b"".join(lines))
    replay(s3, kinesis, BUCKET, KEY, STREAM, speed=180)
    events = all_events(kinesis)
    busy = [shard for shard, found in events.items() if any(event["event_type"] == "view" for event in found)]
    assert len(busy) == 1
    for shard in events.keys() - set(busy):
        clock = [event["event_time"] for event in events[shard]]
        assert len(clock) >= 5 and clock == sorted(clock)
        assert clock[0] == times[0] and clock[-2] <= times[-1] < clock[-1]
