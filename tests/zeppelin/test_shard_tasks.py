"""Which task of real Flink reads which shard: told beforehand, and seen in the counts of a running job."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any

from helpers.flink import FlinkSession
from helpers.shard_tasks import parallelism_for, task_of_shard

from .conftest import Streams

Shards = list[dict[str, Any]]


def fill(streams: Streams, shards: Shards) -> dict[str, int]:
    """Put another number of records into each shard, and return the numbers by shard id."""
    records = {}
    for number, shard in enumerate(shards):
        records[shard["ShardId"]] = 2**number
        entry = {"Data": b'{"a": 1}', "PartitionKey": "x", "ExplicitHashKey": shard["HashKeyRange"]["StartingHashKey"]}
        answer = streams.kinesis.put_records(StreamName=streams.events, Records=[entry] * 2**number)
        assert {put["ShardId"] for put in answer["Records"]} == {shard["ShardId"]}
    return records


def open_shards(streams: Streams) -> Shards:
    found = streams.kinesis.list_shards(StreamName=streams.events)["Shards"]
    return [shard for shard in found if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]


def start(flink: FlinkSession, streams: Streams, endpoint: str, parallelism: int) -> str:
    flink.execute(f"SET 'parallelism.default' = '{parallelism}'")
    # Unchained, the source gives its records on to another operator, and Flink counts them for each task.
    flink.execute("SET 'pipeline.operator-chaining' = 'false'")
    flink.execute(
        f"""CREATE TABLE events (a INT) WITH ('connector' = 'kinesis', 'stream' = '{streams.events}',
          'aws.region' = 'us-east-1', 'aws.endpoint' = '{endpoint}', 'scan.stream.initpos' = 'TRIM_HORIZON',
          'format' = 'json')"""
    )
    flink.execute("CREATE TABLE nothing (a INT) WITH ('connector' = 'blackhole')")
    job_id = flink.execute("INSERT INTO nothing SELECT a FROM events")
    assert job_id is not None
    return job_id


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def read_by_task(rest_url: str, job_id: str, records: int) -> dict[int, int]:
    """Return how many records each task of the source gave on, once there are `records` of them."""
    deadline = time.monotonic() + 60
    while True:
        source = get(f"{rest_url}/jobs/{job_id}")["vertices"][0]
        subtasks = get(f"{rest_url}/jobs/{job_id}/vertices/{source['id']}")["subtasks"]
        counts = {task["subtask"]: task["metrics"]["write-records"] for task in subtasks}
        if sum(counts.values()) >= records:
            return counts
        assert time.monotonic() < deadline, f"{counts} instead of {records}"
        time.sleep(0.2)


def told(streams: Streams, records: dict[str, int], parallelism: int) -> dict[int, int]:
    counts = Counter(dict.fromkeys(range(parallelism), 0))
    for shard, count in records.items():
        counts[task_of_shard(streams.events, shard, parallelism)] += count
    return dict(counts)


def test_each_task_reads_the_shards_told_beforehand(
    flink: FlinkSession,
    flink_urls: tuple[str, str],
    local_aws: str,
    make_streams: Callable[[int], Streams],
) -> None:
    streams, parallelism = make_streams(5), 3
    records = fill(streams, open_shards(streams))
    job_id = start(flink, streams, local_aws, parallelism)
    found = read_by_task(flink_urls[1], job_id, sum(records.values()))
    assert found == told(streams, records, parallelism)


def test_after_a_split_each_shard_has_a_task_of_its_own(
    flink: FlinkSession, flink_urls: tuple[str, str], local_aws: str, make_streams: Callable[[int], Streams]
) -> None:
    streams = make_streams(2)
    parent = open_shards(streams)[0]
    middle = (int(parent["HashKeyRange"]["StartingHashKey"]) + int(parent["HashKeyRange"]["EndingHashKey"])) // 2
    streams.kinesis.split_shard(
        StreamName=streams.events, ShardToSplit=parent["ShardId"], NewStartingHashKey=str(middle)
    )
    streams.kinesis.get_waiter("stream_exists").wait(StreamName=streams.events, WaiterConfig={"Delay": 1})
    shards = open_shards(streams)
    assert len(shards) == 3
    records = fill(streams, shards)
    parallelism = parallelism_for(streams.events, [shard["ShardId"] for shard in shards])
    job_id = start(flink, streams, local_aws, parallelism)
    found = read_by_task(flink_urls[1], job_id, sum(records.values()))
    assert found == told(streams, records, parallelism)
    assert sorted(count for count in found.values() if count) == [1, 2, 4]
