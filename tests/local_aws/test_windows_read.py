"""Windows read back from stream 2, every one of them and nothing else."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from helpers.bot_rule import BotRule
from helpers.windows import COLUMNS, read_windows


@pytest.fixture
def stream(client: Callable[[str], Any]) -> Iterator[str]:
    kinesis, name = client("kinesis"), f"windows-{uuid.uuid4().hex[:8]}"
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    yield name
    kinesis.delete_stream(StreamName=name)


def window(user: int | str, start: str = "2019-10-01T00:00:10", actions: int = 6) -> bytes:
    row = {"window_start": start, "window_end": "2019-10-01T00:00:20", "user_id": user, "actions": actions}
    return json.dumps(row).encode()


def put(kinesis: Any, stream: str, *records: bytes) -> None:
    entries = [{"Data": data, "PartitionKey": str(number)} for number, data in enumerate(records)]
    assert kinesis.put_records(StreamName=stream, Records=entries)["FailedRecordCount"] == 0


def test_a_stream_without_windows_has_their_columns(client: Callable[[str], Any], stream: str) -> None:
    windows = read_windows(client("kinesis"), stream, BotRule())
    assert windows.empty
    assert list(windows.columns) == COLUMNS
    assert [str(each) for each in windows.dtypes] == ["datetime64[s]", "datetime64[s]", "str", "int64"]


def test_windows_of_every_shard_come_sorted_a_double_twice(client: Callable[[str], Any], stream: str) -> None:
    kinesis = client("kinesis")
    users = [512345678, 512345679, 512345680, 512345681]
    put(kinesis, stream, *map(window, users), window("512345678"), window(7, "2019-10-01 00:00:00", 12))
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    assert len(shards) == 2
    windows = read_windows(kinesis, stream, BotRule())
    assert windows["user_id"].tolist() == ["7", "512345678", "512345678", "512345679", "512345680", "512345681"]
    assert windows["actions"].tolist() == [12, 6, 6, 6, 6, 6]
    assert (windows["window_end"] - windows["window_start"] == pd.Timedelta(seconds=10)).all()


def test_only_what_arrived_since_is_read(client: Callable[[str], Any], stream: str) -> None:
    kinesis = client("kinesis")
    put(kinesis, stream, window(1), window(2))
    arrived = max(
        record["ApproximateArrivalTimestamp"]
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]
        for record in kinesis.get_records(
            ShardIterator=kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )["Records"]
    )
    while (since := datetime.now(UTC)) <= arrived + timedelta(milliseconds=2):
        pass
    put(kinesis, stream, window(3))
    assert read_windows(kinesis, stream, BotRule(), since)["user_id"].tolist() == ["3"]


def test_records_that_are_no_windows_are_left_out_with_a_warning(
    client: Callable[[str], Any], stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    kinesis = client("kinesis")
    others = [b"{", b"[]", b"7", b"{}", b"\xff", window(1, "tomorrow"), window(1, "2019-10-01T00:00:00Z"), b"null"]
    put(kinesis, stream, *others, window(9))
    with caplog.at_level(logging.WARNING, "helpers.windows"):
        assert read_windows(kinesis, stream, BotRule())["user_id"].tolist() == ["9"]
    assert caplog.messages == [f"{len(others)} records of {stream} are no windows and are left out."]
