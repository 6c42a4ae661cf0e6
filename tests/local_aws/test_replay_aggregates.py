"""A replay in aggregates arrives as a plain one does, for every reader that the lab has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from delivering import Deliveries
from shop_stream import as_csv, shop_events

from functions.shared.kpl import MAGIC, deaggregate, user_records
from helpers.partition_keys import hash_key
from helpers.replay import SENDING_CONFIG, ReplayReport, count_records, read_shard, replay
from helpers.replay.aggregation import AGGREGATE_BYTES
from helpers.replay.shards import list_shards, open_shards
from helpers.replay.ticks import is_tick

pytestmark = pytest.mark.faults

BUCKET, KEY = "aggregates-source", "events.csv"
EVENTS = [event | {"user_session": str(i)} for i, event in enumerate(shop_events(5000, users=300))]
_numbers = count()


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=as_csv(EVENTS))
    return s3


@pytest.fixture
def kinesis(local_aws: str) -> Any:
    return boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)


def make_stream(kinesis: Any, shards: int) -> str:
    name = f"aggregates-{next(_numbers)}"
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    return name


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    name = make_stream(kinesis, 3)
    yield name
    kinesis.delete_stream(StreamName=name)


def raw_records(kinesis: Any, stream: str) -> dict[str, list[dict[str, Any]]]:
    """Return what lies in each shard, as it lies there."""
    found = {}
    for shard in list_shards(kinesis, stream):
        where = {"StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator, records = kinesis.get_shard_iterator(**where)["ShardIterator"], []
        while iterator:
            answer = kinesis.get_records(ShardIterator=iterator)
            records += answer["Records"]
            iterator = None if answer["MillisBehindLatest"] == 0 else answer["NextShardIterator"]
        found[shard["ShardId"]] = records
    return found


def arrived(kinesis: Any, stream: str) -> dict[str, list[dict[str, str]]]:
    return {
        shard: [json.loads(record["Data"]) for record in read_shard(kinesis, stream, shard)]
        for shard in raw_records(kinesis, stream)
    }


def numbers_by_user(shards: dict[str, list[dict[str, str]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for events in shards.values():
        for event in events:
            found.setdefault(event["user_id"], []).append(int(event["user_session"]))
    return found


EXPECTED = numbers_by_user({"": EVENTS})


def test_the_same_events_arrive_on_the_same_shards_as_from_a_plain_replay(s3: Any, kinesis: Any, stream: str) -> None:
    plain = make_stream(kinesis, 3)
    reports = [replay(s3, kinesis, BUCKET, KEY, name, aggregate=name == stream) for name in (stream, plain)]
    counts = [count_records(kinesis, name) for name in (stream, plain)]
    assert reports[0].per_shard == reports[1].per_shard == counts[0] == counts[1]
    aggregated, single = (arrived(kinesis, name) for name in (stream, plain))
    assert numbers_by_user(aggregated) == numbers_by_user(single) == EXPECTED
    for shard, events in aggregated.items():
        numbers = [int(event["user_session"]) for event in events]
        assert numbers == sorted(numbers)
        keys = {record["PartitionKey"] for record in read_shard(kinesis, stream, shard)}
        assert keys == {event["user_id"] for event in events}
    assert reports[0].requests < reports[1].requests / 5
    assert (reports[0].sent, reports[0].maybe_doubled, reports[0].reordered) == (len(EVENTS), 0, 0)


def test_every_key_in_an_aggregate_belongs_to_its_shard_and_none_is_too_large(
    s3: Any, kinesis: Any, stream: str
) -> None:
    replay(s3, kinesis, BUCKET, KEY, stream, aggregate=True)
    ranges = {shard["ShardId"]: shard["HashKeyRange"] for shard in open_shards(kinesis, stream)}
    for shard, records in raw_records(kinesis, stream).items():
        aggregates = [record for record in records if record["Data"].startswith(MAGIC)]
        assert len(aggregates) >= 2
        for record in aggregates:
            assert len(record["Data"]) + len(record["PartitionKey"]) <= AGGREGATE_BYTES
            for key, _ in user_records(record["Data"], record["PartitionKey"]):
                bounds = ranges[shard]
                assert int(bounds["StartingHashKey"]) <= hash_key(key) <= int(bounds["EndingHashKey"])
        assert all(is_tick(record["Data"]) for record in records if record not in aggregates)


def test_shards_split_and_merged_meanwhile(s3: Any, kinesis: Any, stream: str) -> None:
    open_now = open_shards(kinesis, stream)
    bounds = open_now[0]["HashKeyRange"]
    middle = (int(bounds["StartingHashKey"]) + int(bounds["EndingHashKey"])) // 2 + 1

    def reshard(sent: int) -> None:
        if not sent or len(list_shards(kinesis, stream)) > 3:
            return
        kinesis.split_shard(StreamName=stream, ShardToSplit=open_now[0]["ShardId"], NewStartingHashKey=str(middle))
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        kinesis.merge_shards(
            StreamName=stream, ShardToMerge=open_now[1]["ShardId"], AdjacentShardToMerge=open_now[2]["ShardId"]
        )
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})

    key = "long.csv"
    events = [event | {"user_session": str(i)} for i, event in enumerate(shop_events(12_000, users=300))]
    s3.put_object(Bucket=BUCKET, Key=key, Body=as_csv(events))
    report = replay(s3, kinesis, BUCKET, key, stream, aggregate=True, progress=reshard)
    assert len(list_shards(kinesis, stream)) == 6
    found = numbers_by_user(arrived(kinesis, stream))
    assert {user: list(dict.fromkeys(numbers)) for user, numbers in found.items()} == numbers_by_user({"": events})
    assert 0 < sum(map(len, found.values())) - len(events) <= report.maybe_doubled < len(events)
    by_range = {shard["ShardId"]: shard["HashKeyRange"] for shard in list_shards(kinesis, stream)}
    taken = [
        record
        for shard, span in by_range.items()
        for record in read_shard(kinesis, stream, shard)
        if int(span["StartingHashKey"]) <= hash_key(record["PartitionKey"]) <= int(span["EndingHashKey"])
    ]
    assert len({json.loads(record["Data"])["user_session"] for record in taken}) == len(taken) == len(events)


def test_pace_is_kept_and_nothing_waits_for_an_aggregate_to_fill(s3: Any, kinesis: Any, stream: str) -> None:
    slow = [event | {"event_time": f"2019-10-01 00:0{i // 2}:00 UTC"} for i, event in enumerate(EVENTS[:10])]
    s3.put_object(Bucket=BUCKET, Key="slow.csv", Body=as_csv(slow))
    report = replay(s3, kinesis, BUCKET, "slow.csv", stream, aggregate=True, speed=240)
    assert 0.9 <= report.seconds < 10 and report.requests == 5


def test_a_replay_may_go_on_in_aggregates(s3: Any, kinesis: Any, stream: str) -> None:
    def stop(sent: int) -> None:
        if sent:
            raise KeyboardInterrupt

    for aggregate in (False, True):
        with pytest.raises(KeyboardInterrupt):
            replay(s3, kinesis, BUCKET, KEY, stream, aggregate=aggregate, progress=_after_the_first(stop))
    report = replay(s3, kinesis, BUCKET, KEY, stream, aggregate=True)
    assert report.resumed_at
    assert numbers_by_user(arrived(kinesis, stream)) == EXPECTED


def _after_the_first(act: Callable[[int], None]) -> Callable[[int], None]:
    """Leave out the call that tells what an earlier run has sent."""
    calls = count()
    return lambda sent: act(sent) if next(calls) else None


def test_firehose_delivers_the_events_and_not_the_aggregates(
    client: Callable[[str], Any], s3: Any, kinesis: Any
) -> None:
    deliveries = Deliveries(client)
    stream, arn = deliveries.source(shards=2)
    name = deliveries.create(arn, Prefix="aggregates/")
    report = replay(s3, kinesis, BUCKET, KEY, stream, aggregate=True)
    deliveries.delete(name)
    objects = [list(map(json.loads, deliveries.body(key).splitlines())) for key in deliveries.keys("aggregates/")]
    traffic = [[event for event in events if event["event_type"] != "tick"] for events in objects]
    assert sum(map(len, traffic)) == report.sent
    # Objects of the same second are named in no order; within each, every user's events are in theirs.
    found = [numbers_by_user({"": events}) for events in traffic]
    parts = {user: sorted(each[user] for each in found if user in each) for user in EXPECTED}
    assert {user: [number for part in numbers for number in part] for user, numbers in parts.items()} == EXPECTED


def test_what_a_function_of_the_lab_gets_from_a_stream_is_taken_apart(s3: Any, kinesis: Any, stream: str) -> None:
    report: ReplayReport = replay(s3, kinesis, BUCKET, KEY, stream, aggregate=True)
    payloads = [
        payload
        for records in raw_records(kinesis, stream).values()
        for record in records
        for payload in deaggregate(record["Data"])
        if not is_tick(payload)
    ]
    assert len(payloads) == report.sent
    assert numbers_by_user({"": [json.loads(payload) for payload in payloads]}) == EXPECTED
