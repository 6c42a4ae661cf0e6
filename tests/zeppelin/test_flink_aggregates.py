"""Flink's Kinesis connector takes aggregates apart: the windows are those of a plain replay, ticks included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from shop_stream import as_csv, shop_events, windows_in, windows_of

from functions.shared.kpl import MAGIC
from helpers.flink import FlinkSession
from helpers.replay import SENDING_CONFIG, replay
from helpers.shard_tasks import parallelism_for
from helpers.zeppelin.note import write_notes
from helpers.zeppelin.run import deploy_note

from .conftest import Streams

BUCKET = "note-aggregates"
EVENTS = shop_events(6000, seed=5)
EXPECTED = windows_of(EVENTS)


@pytest.mark.parametrize("backlog", [True, False], ids=["backlog", "live"])
def test_windows_of_an_aggregated_replay_are_those_of_the_events(
    make_streams: Callable[[int], Streams],
    client: Callable[[str], Any],
    flink: FlinkSession,
    local_aws: str,
    tmp_path: Path,
    backlog: bool,
) -> None:
    streams = make_streams(2)
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="events.csv", Body=as_csv(EVENTS))
    sending = boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)
    shards = [shard["ShardId"] for shard in streams.kinesis.list_shards(StreamName=streams.events)["Shards"]]
    note = write_notes(tmp_path, streams.parameters())[1]

    def play() -> None:
        replay(s3, sending, BUCKET, "events.csv", streams.events, aggregate=True)

    if backlog:
        play()
    job = deploy_note(note, flink, local_aws, parallelism_for(streams.events, shards))
    if not backlog:
        play()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED)) == EXPECTED
    assert flink.failure(job) is None
    for shard in shards:
        where = {"StreamName": streams.events, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.kinesis.get_shard_iterator(**where)["ShardIterator"]
        kinds = [
            record["Data"].startswith(MAGIC)
            for record in streams.kinesis.get_records(ShardIterator=iterator)["Records"]
        ]
        assert kinds[0] is False and kinds[-1] is False and any(kinds), "a tick, aggregates, a tick"
