"""Tumbling windows of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from event_sources import EventSources, data_of, until

COUNTS = """
def answer(event):
    state = event["state"]
    for record in event["Records"]:
        key = record["kinesis"]["partitionKey"]
        state[key] = state.get(key, 0) + 1
    return {"state": state}
"""


def finals(sources: EventSources, function: str, count: int) -> list[dict[str, Any]]:
    """Return the final events of so many windows."""
    events = until(
        lambda: sources.events(function),
        lambda found: sum(event["isFinalInvokeForWindow"] for event in found) >= count,
    )
    return [event for event in events if event["isFinalInvokeForWindow"]]


def test_state_is_carried_through_a_window_and_handed_over_at_its_end(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    sources.put(stream, b"1", b"2", b"3", key="a")
    sources.put(stream, b"4", key="b")
    sources.map(stream, function, TumblingWindowInSeconds=900, BatchSize=2)
    sources.await_records(function, 4)
    first, second = sources.events(function, 2)
    assert first["state"] == {}
    assert data_of(first) == [b"1", b"2"]
    assert second["state"] == {"a": 2}
    assert data_of(second) == [b"3", b"4"]
    for event in (first, second):
        assert set(event) == {
            "Records", "window", "state", "shardId", "eventSourceARN", "isFinalInvokeForWindow",
            "isWindowTerminatedEarly",
        }  # fmt: skip
        assert event["shardId"] == "shardId-000000000000"
        assert event["eventSourceARN"] == sources.stream_arn(stream)
        assert (event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) == (False, False)
        start, end = (datetime.strptime(event["window"][bound], "%Y-%m-%dT%H:%M:%S%z") for bound in ("start", "end"))
        arrival = event["Records"][0]["kinesis"]["approximateArrivalTimestamp"]
        assert start.timestamp() <= arrival < end.timestamp()
        assert (end - start).total_seconds() == 900
        assert start.timestamp() % 900 == 0


def test_a_window_ends_with_one_final_call_without_records(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    sources.put(stream, b"1", b"2", key="a")
    sources.map(stream, function, TumblingWindowInSeconds=1)
    (final,) = finals(sources, function, 1)
    assert final["state"] == {"a": 2}
    assert final["Records"] == []
    assert final["isWindowTerminatedEarly"] is False
    assert final["window"] == sources.events(function)[0]["window"]


def test_the_next_window_starts_with_an_empty_state(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    sources.put(stream, b"1", key="a")
    sources.map(stream, function, TumblingWindowInSeconds=1)
    finals(sources, function, 1)
    sources.put(stream, b"2", key="b")
    first, second = finals(sources, function, 2)
    assert first["state"] == {"a": 1}
    assert second["state"] == {"b": 1}
    assert second["window"]["start"] >= first["window"]["end"]


def test_a_record_of_a_later_window_closes_the_one_before(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    sources.put(stream, b"1", key="a")
    arrived = sources.kinesis.get_records(
        ShardIterator=sources.kinesis.get_shard_iterator(
            StreamName=stream, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
    )["Records"][0]["ApproximateArrivalTimestamp"]
    until(lambda: datetime.now(arrived.tzinfo), lambda now: int(now.timestamp()) > int(arrived.timestamp()))
    sources.put(stream, b"2", key="b")
    # Both are read at once, and yet each has its window.
    sources.map(stream, function, TumblingWindowInSeconds=1)
    first, second = finals(sources, function, 2)
    assert (first["state"], second["state"]) == ({"a": 1}, {"b": 1})
    assert sources.batches(function)[:2] == [[b"1"], []]


def test_each_shard_has_a_state_of_its_own(sources: EventSources) -> None:
    stream, function = sources.stream(2), sources.function(COUNTS)
    for key, half in (("a", 0), ("b", 2**127)):
        sources.kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey=key, ExplicitHashKey=str(half))
    sources.map(stream, function, TumblingWindowInSeconds=1, ParallelizationFactor=2)
    states = {final["shardId"]: final["state"] for final in finals(sources, function, 2)}
    assert states == {"shardId-000000000000": {"a": 1}, "shardId-000000000001": {"b": 1}}


def test_an_answer_without_state_is_a_failed_call(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    return {'batchItemFailures': []}\n")
    url, queue = sources.queue()
    sources.put(stream, b"1")
    sources.map(
        stream,
        function,
        TumblingWindowInSeconds=900,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    body = sources.received(url)[0]
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert sources.batches(function) == [[b"1"], [b"1"]]


def test_a_failed_call_is_repeated_with_the_state_before_it(sources: EventSources) -> None:
    failing_once = COUNTS.replace(
        "def answer(event):",
        "def answer(event):\n    marker = os.environ['CALLS'] + '.failed'\n"
        "    if event['state'] and not os.path.exists(marker):\n"
        "        open(marker, 'w').close()\n        raise ValueError('once')",
    )
    stream, function = sources.stream(), sources.function(failing_once)
    sources.put(stream, b"1", b"2", key="a")
    sources.map(stream, function, TumblingWindowInSeconds=900, BatchSize=1)
    sources.await_records(function, 3)
    assert [event["state"] for event in sources.events(function)] == [{}, {"a": 1}, {"a": 1}]
    assert sources.batches(function) == [[b"1"], [b"2"], [b"2"]]


def test_a_reported_record_keeps_the_state_of_those_before_it(sources: EventSources) -> None:
    reporting = """
def answer(event):
    numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
    done = numbers[:1]
    failures = [{"itemIdentifier": number} for number in numbers[1:2]]
    return {"state": {"done": event["state"].get("done", 0) + len(done)}, "batchItemFailures": failures}
"""
    stream, function = sources.stream(), sources.function(reporting)
    sources.put(stream, b"1", b"2", b"3")
    sources.map(stream, function, TumblingWindowInSeconds=900, FunctionResponseTypes=["ReportBatchItemFailures"])
    sources.await_records(function, 6)
    assert sources.batches(function) == [[b"1", b"2", b"3"], [b"2", b"3"], [b"3"]]
    assert [event["state"] for event in sources.events(function)] == [{}, {"done": 1}, {"done": 2}]


def test_a_state_of_more_than_1_mb_ends_the_window_early(sources: EventSources) -> None:
    growing = """
def answer(event):
    return {"state": {"text": "x" * 2**20 if event["Records"] else ""}}
"""
    stream, function = sources.stream(), sources.function(growing)
    sources.put(stream, b"1", b"2")
    sources.map(stream, function, TumblingWindowInSeconds=900, BatchSize=1)
    sources.events(function, 4)
    first, early, second, again = sources.events(function)[:4]
    assert (early["isFinalInvokeForWindow"], early["isWindowTerminatedEarly"]) == (True, True)
    assert early["Records"] == []
    assert len(early["state"]["text"]) == 2**20
    assert first["state"] == second["state"] == {}
    assert again["isWindowTerminatedEarly"] is True


def test_a_failing_final_call_holds_up_the_shard_until_it_succeeds(sources: EventSources) -> None:
    failing = COUNTS.replace(
        "def answer(event):",
        "def answer(event):\n    marker = os.environ['CALLS'] + '.failed'\n"
        "    if event['isFinalInvokeForWindow'] and not os.path.exists(marker):\n"
        "        open(marker, 'w').close()\n        raise ValueError('once')",
    )
    stream, function = sources.stream(), sources.function(failing)
    sources.put(stream, b"1", key="a")
    sources.map(stream, function, TumblingWindowInSeconds=1)
    first, second = finals(sources, function, 2)
    assert first == second


def test_the_state_outlasts_a_change_of_the_mapping(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    mapping = sources.map(stream, function, TumblingWindowInSeconds=900)
    sources.put(stream, b"1", key="a")
    sources.await_records(function, 1)
    sources.aws.update_event_source_mapping(UUID=mapping, Enabled=False)
    sources.await_state(mapping, "Disabled")
    sources.aws.update_event_source_mapping(UUID=mapping, Enabled=True, BatchSize=10)
    sources.put(stream, b"2", key="a")
    assert sources.events(function, 2)[1]["state"] == {"a": 1}


def test_a_closed_shard_ends_its_window(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(COUNTS)
    sources.put(stream, b"1", key="a")
    sources.map(stream, function, TumblingWindowInSeconds=900)
    sources.await_records(function, 1)
    sources.kinesis.split_shard(StreamName=stream, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    (final,) = finals(sources, function, 1)
    assert (final["state"], final["isWindowTerminatedEarly"]) == ({"a": 1}, False)
    sources.put(stream, b"2", key="a")
    event = sources.events(function, 3)[2]
    assert event["state"] == {}
    assert event["shardId"] != "shardId-000000000000"
