"""Note 2 on real Flink: every window arrives, once and with the right count, however the events come."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest
from shop_stream import Windows, as_csv, shop_events, windows_in, windows_of

from helpers.flink import FlinkSession
from helpers.replay import SENDING_CONFIG, replay
from helpers.shard_tasks import parallelism_for
from helpers.zeppelin.note import write_notes
from helpers.zeppelin.run import deploy_note

from .conftest import Streams

BUCKET = "note-events"
EVENTS = shop_events(4000)
EXPECTED = windows_of(EVENTS)


@pytest.fixture(scope="module", autouse=True)
def cut(client: Callable[[str], Any]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="events.csv", Body=as_csv(EVENTS))


@pytest.fixture
def play(client: Callable[[str], Any], local_aws: str) -> Callable[..., None]:
    sending = boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)

    def send(streams: Streams, speed: float | None = None, key: str = "events.csv") -> None:
        replay(client("s3"), sending, BUCKET, key, streams.events, speed=speed)

    return send


@pytest.fixture
def deploy(flink: FlinkSession, local_aws: str, tmp_path: Path) -> Callable[[Streams], str]:
    def start(streams: Streams) -> str:
        shards = [s["ShardId"] for s in streams.kinesis.list_shards(StreamName=streams.events)["Shards"]]
        note = write_notes(tmp_path, streams.parameters())[1]
        return deploy_note(note, flink, local_aws, parallelism_for(streams.events, shards))

    return start


def found(streams: Streams, expected: Windows = EXPECTED) -> Windows:
    return windows_in(streams.kinesis, streams.activity, len(expected))


def test_the_events_have_windows_to_find() -> None:
    assert len(EXPECTED) > 100


@pytest.mark.parametrize("shards", [1, 2, 4])
def test_a_backlog_gives_every_window(
    make_streams: Callable[[int], Streams], play: Callable[..., None], deploy: Callable[[Streams], str], shards: int
) -> None:
    streams = make_streams(shards)
    play(streams)
    deploy(streams)
    assert found(streams) == EXPECTED


@pytest.mark.parametrize("speed", [60.0, 600.0, None])
def test_a_replay_at_any_speed_gives_every_window(
    make_streams: Callable[[int], Streams],
    play: Callable[..., None],
    deploy: Callable[[Streams], str],
    client: Callable[[str], Any],
    speed: float | None,
) -> None:
    # At 60 times its speed a part of the events must do.
    events = EVENTS[:1200] if speed == 60 else EVENTS
    client("s3").put_object(Bucket=BUCKET, Key="part.csv", Body=as_csv(events))
    streams = make_streams(2)
    deploy(streams)
    play(streams, speed, "part.csv")
    assert found(streams, windows_of(events)) == windows_of(events)


def test_a_job_that_waited_long_misses_nothing_of_a_sudden_replay(
    make_streams: Callable[[int], Streams], play: Callable[..., None], deploy: Callable[[Streams], str]
) -> None:
    streams = make_streams(2)
    deploy(streams)
    # Longer than the ten seconds after which silent shards are left out of account; nothing shows that state.
    time.sleep(12)
    play(streams)
    assert found(streams) == EXPECTED


def test_a_silent_shard_does_not_stop_the_others(
    make_streams: Callable[[int], Streams], deploy: Callable[[Streams], str]
) -> None:
    streams = make_streams(2)
    deploy(streams)
    [first, _] = streams.kinesis.list_shards(StreamName=streams.events)["Shards"]
    stamp = {"txn_timestamp": "2026-11-24T00:00:00.000"}
    entries = [
        {"Data": json.dumps(event | stamp).encode(), "PartitionKey": event["user_id"], "ExplicitHashKey": "0"}
        for event in EVENTS[:500]
    ]
    answer = streams.kinesis.put_records(StreamName=streams.events, Records=entries)
    assert {record["ShardId"] for record in answer["Records"]} == {first["ShardId"]}
    # Without a closing tick those windows end that the watermark, five seconds behind the last event, has passed.
    passed = pd.Timestamp(EVENTS[499]["event_time"].removesuffix(" UTC")) - pd.Timedelta(seconds=15)
    ended = {key: n for key, n in windows_of(EVENTS[:500]).items() if pd.Timestamp(key[0]) <= passed}
    assert len(ended) > 5
    assert found(streams, ended) == ended
