"""What the retention period of a stream ends."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.local.kinesis import stored
from helpers.local.kinesis.shards import list_shards, split_shard
from helpers.local.kinesis.streams import create_stream
from helpers.local.kinesis.writing import put_record

HOUR = 3_600_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time in milliseconds, as a list of one that a test may change."""
    now = [1_700_000_000_000]
    for module in ("stored", "shards", "writing", "reading", "streams"):
        monkeypatch.setattr(f"helpers.local.kinesis.{module}.now_millis", lambda: now[0])
    return now


@pytest.fixture
def stream(clock: list[int]) -> dict[str, Any]:
    stored.emulator._streams.pop("kept", None)
    create_stream({"StreamName": "kept", "ShardCount": 1})
    return stored.stream_called("kept")


def put(key: str) -> None:
    put_record({"StreamName": "kept", "Data": "eA==", "PartitionKey": key})


def keys(stream: dict[str, Any]) -> list[str]:
    stored.expire(stream)
    return [record["PartitionKey"] for shard in stream["shards"].values() for record in shard["records"]]


def test_a_record_is_kept_for_24_hours_and_not_longer(clock: list[int], stream: dict[str, Any]) -> None:
    put("first")
    clock[0] += HOUR
    put("second")
    clock[0] += 23 * HOUR
    assert keys(stream) == ["first", "second"]
    clock[0] += 1
    assert keys(stream) == ["second"]


def test_a_longer_retention_keeps_records_and_brings_none_back(clock: list[int], stream: dict[str, Any]) -> None:
    put("gone")
    clock[0] += 25 * HOUR
    put("kept")
    assert keys(stream) == ["kept"]
    stream["RetentionPeriodHours"] = 48
    clock[0] += 47 * HOUR
    assert keys(stream) == ["kept"]


def test_a_closed_shard_is_listed_until_its_records_have_expired(clock: list[int], stream: dict[str, Any]) -> None:
    put("old")
    split_shard({"StreamName": "kept", "ShardToSplit": "0", "NewStartingHashKey": "100"})
    clock[0] += 24 * HOUR
    assert [s["ShardId"][-1] for s in list_shards({"StreamName": "kept"})["Shards"]] == ["0", "1", "2"]
    clock[0] += 1
    assert [s["ShardId"][-1] for s in list_shards({"StreamName": "kept"})["Shards"]] == ["1", "2"]
    split_shard({"StreamName": "kept", "ShardToSplit": "1", "NewStartingHashKey": "50"})
    assert [s["ShardId"][-1] for s in list_shards({"StreamName": "kept"})["Shards"]] == ["1", "2", "3", "4"]
