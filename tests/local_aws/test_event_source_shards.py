"""Several shards, several batches a shard, shards that split and merge, streams that go."""

from __future__ import annotations

import time
import zlib
from collections import defaultdict

from event_sources import EventSources, data_of, records_of, until

SLOW = "def answer(event):\n    time.sleep(0.3)\n"


def spans(sources: EventSources, function: str, seconds: float) -> int:
    """Return the greatest number of calls, each of so many seconds, that ran at the same time."""
    starts = sorted(call["at"] for call in sources.calls(function))
    return max(sum(start <= other < start + seconds for other in starts) for start in starts)


def test_each_shard_is_read_side_by_side(sources: EventSources) -> None:
    stream, function = sources.stream(3), sources.function(SLOW)
    for number in range(3):
        sources.kinesis.put_record(
            StreamName=stream, Data=b"%d" % number, PartitionKey="k", ExplicitHashKey=str(2**128 // 3 * number + 5)
        )
    sources.map(stream, function)
    events = sources.events(function, 3)
    assert {event["Records"][0]["eventID"].partition(":")[0] for event in events} == {
        f"shardId-{number:012d}" for number in range(3)
    }
    assert spans(sources, function, 0.3) == 3


def test_one_batch_a_shard_at_a_time_by_default(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(SLOW)
    for number in range(3):
        sources.put(stream, b"%d" % number, key=str(number))
    sources.map(stream, function, BatchSize=1)
    sources.await_records(function, 3)
    assert spans(sources, function, 0.3) == 1


def test_a_parallelization_factor_processes_batches_side_by_side_in_order_per_key(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    time.sleep(0.05)\n")
    keys = [f"key-{n}" for n in range(8)]
    records = [{"Data": b"%s %d" % (key.encode(), n), "PartitionKey": key} for n in range(6) for key in keys]
    sources.kinesis.put_records(StreamName=stream, Records=records)
    sources.map(stream, function, ParallelizationFactor=4, BatchSize=3)
    sources.await_records(function, 48)
    seen = defaultdict(list)
    slots = defaultdict(set)
    for number, event in enumerate(sources.events(function)):
        for record, data in zip(event["Records"], data_of(event), strict=True):
            seen[record["kinesis"]["partitionKey"]].append(data)
            slots[number].add(record["kinesis"]["partitionKey"])
    assert seen == {key: [b"%s %d" % (key.encode(), n) for n in range(6)] for key in keys}
    assert 1 < spans(sources, function, 0.05) <= 4


def test_a_failing_key_holds_up_only_its_own_batches(sources: EventSources) -> None:
    failing = """
def answer(event):
    if any(record["kinesis"]["partitionKey"] == "bad" for record in event["Records"]):
        raise ValueError("bad")
"""
    stream, function = sources.stream(), sources.function(failing)
    good = next(f"good-{n}" for n in range(99) if zlib.crc32(b"good-%d" % n) % 10 != zlib.crc32(b"bad") % 10)
    sources.put(stream, b"1", key="bad")
    sources.put(stream, b"2", key=good)
    sources.map(stream, function, ParallelizationFactor=10)
    until(lambda: sources.batches(function), lambda found: [b"2"] in found)


def test_another_parallelization_factor_neither_loses_nor_repeats_records(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    time.sleep(0.02)\n")
    mapping = sources.map(stream, function, ParallelizationFactor=5, BatchSize=2)
    expected = []
    for factor in (2, 7, 1):
        data = [b"%d %d" % (factor, n) for n in range(20)]
        expected += data
        for n, one in enumerate(data):
            sources.put(stream, one, key=str(n))
        sources.aws.update_event_source_mapping(UUID=mapping, ParallelizationFactor=factor)
    sources.await_records(function, 60)
    sources.await_state(mapping, "Enabled")
    assert sorted(records_of(sources.batches(function))) == sorted(expected)


def test_children_are_read_after_all_of_their_parents(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"1", b"2", b"3")
    sources.kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    sources.put(stream, b"4")
    sources.kinesis.merge_shards(
        StreamName=stream, ShardToMerge="shardId-000000000001", AdjacentShardToMerge="shardId-000000000002"
    )
    sources.put(stream, b"5")
    sources.map(stream, function, BatchSize=1)
    assert sources.await_records(function, 5) == [[b"%d" % n] for n in range(1, 6)]
    shards = [event["Records"][0]["eventID"].partition(":")[0] for event in sources.events(function)]
    assert shards[:3] == ["shardId-000000000000"] * 3
    assert shards[3] in ("shardId-000000000001", "shardId-000000000002")
    assert shards[4] == "shardId-000000000003"


def test_a_running_mapping_follows_a_split_and_a_merge(sources: EventSources) -> None:
    stream, function = sources.stream(2), sources.function()
    sources.map(stream, function, StartingPosition="LATEST")
    sources.put(stream, b"1", key="a")
    sources.kinesis.update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    sources.put(stream, b"2", key="a")
    sources.kinesis.update_shard_count(StreamName=stream, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    sources.put(stream, b"3", key="a")
    assert records_of(sources.await_records(function, 3)) == [b"1", b"2", b"3"]


def test_latest_skips_closed_shards(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"old")
    sources.kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    sources.map(stream, function, StartingPosition="LATEST")
    sources.put(stream, b"new")
    assert sources.await_records(function, 1) == [[b"new"]]


def test_a_deleted_stream_is_named_as_the_problem(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function)
    sources.put(stream, b"1")
    sources.await_records(function, 1)
    arn = sources.stream_arn(stream)
    sources.kinesis.delete_stream(StreamName=stream)
    assert sources.await_result(mapping, "PROBLEM")["LastProcessingResult"] == f"PROBLEM: Stream not found: {arn}"
    sources.aws.delete_event_source_mapping(UUID=mapping)


def test_a_consumer_that_was_deregistered_is_named_as_the_problem(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    consumer = sources.kinesis.register_stream_consumer(StreamARN=sources.stream_arn(stream), ConsumerName="fan")
    arn = consumer["Consumer"]["ConsumerARN"]
    mapping = sources.map(arn, function)
    sources.kinesis.deregister_stream_consumer(ConsumerARN=arn)
    found = sources.await_result(mapping, "PROBLEM")
    assert found["LastProcessingResult"] == f"PROBLEM: Stream consumer not found: {arn}"


def test_a_stream_made_again_under_its_name_is_read_from_the_starting_position(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function)
    sources.put(stream, b"1")
    sources.await_records(function, 1)
    sources.kinesis.delete_stream(StreamName=stream)
    sources.await_result(mapping, "PROBLEM")
    sources.kinesis.create_stream(StreamName=stream, ShardCount=1)
    sources.put(stream, b"2")
    assert sources.await_records(function, 2) == [[b"1"], [b"2"]]
    sources.await_result(mapping, "OK")


def test_an_idle_mapping_answers_within_its_second(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.map(stream, function)
    time.sleep(1.5)
    sources.put(stream, b"1")
    sources.events(function, 1, seconds=2)
