"""Batches of an event source mapping: size, batching window, payload limit, and the event itself."""

from __future__ import annotations

import base64
import time

import pytest
from event_sources import ROLE, EventSources, data_of

MIB = 2**20


def test_the_event_is_shaped_as_aws_shapes_it(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    before = time.time()
    sequence_numbers = sources.put(stream, b"hello", b'{"n": 1}', key="test_0")
    sources.map(stream, function)
    event = sources.events(function, 1)[0]
    assert list(event) == ["Records"]
    arrivals = [record["kinesis"].pop("approximateArrivalTimestamp") for record in event["Records"]]
    assert all(before - 1 < arrival < time.time() + 1 for arrival in arrivals)
    assert event["Records"] == [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "test_0",
                "sequenceNumber": number,
                "data": base64.b64encode(data).decode(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000000:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": ROLE,
            "awsRegion": "us-east-1",
            "eventSourceARN": sources.stream_arn(stream),
        }
        for number, data in zip(sequence_numbers, (b"hello", b'{"n": 1}'), strict=True)
    ]


def test_a_batch_has_at_most_batch_size_records_in_order(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    data = [b"%d" % n for n in range(7)]
    sources.put(stream, *data)
    sources.map(stream, function, BatchSize=3)
    assert sources.await_records(function, 7) == [data[:3], data[3:6], data[6:]]


def test_the_default_batch_size_is_100(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, *[b"%d" % n for n in range(101)])
    sources.map(stream, function)
    assert [len(batch) for batch in sources.await_records(function, 101)] == [100, 1]


def test_without_a_batching_window_a_single_record_is_sent_at_once(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.map(stream, function)
    sources.put(stream, b"warm up")
    sources.events(function, 1)
    delays = []
    for number in range(5):
        sources.put(stream, b"%d" % number)
        sources.events(function, number + 2)
        call = sources.calls(function)[-1]
        delays.append(call["at"] - call["event"]["Records"][0]["kinesis"]["approximateArrivalTimestamp"])
    assert sorted(delays)[2] < 0.5


def test_a_batching_window_gathers_the_records_of_its_time(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.map(stream, function, MaximumBatchingWindowInSeconds=1)
    put = time.time()
    sources.put(stream, b"1")
    sources.put(stream, b"2")
    sources.put(stream, b"3")
    assert sources.batches(function, 1) == [[b"1", b"2", b"3"]]
    assert 0.9 < sources.calls(function)[0]["at"] - put < 3


def test_a_full_batch_does_not_wait_for_its_batching_window(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.map(stream, function, MaximumBatchingWindowInSeconds=300, BatchSize=2)
    sources.put(stream, b"1", b"2", b"3")
    assert sources.batches(function, 1) == [[b"1", b"2"]]


def test_a_batch_stays_within_the_payload_limit_of_6_mb(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    # Each takes 1.33 MB in base64: four fit, five do not.
    for letter in b"abcde":
        sources.put(stream, bytes([letter]) * (MIB - 100))
    sources.map(stream, function, BatchSize=10)
    batches = sources.await_records(function, 5)
    assert [bytes({data[0] for data in batch}) for batch in batches] == [b"abcd", b"e"]


def test_two_functions_each_get_every_record(sources: EventSources) -> None:
    stream, first, second = sources.stream(), sources.function(), sources.function()
    sources.put(stream, b"1", b"2")
    for function in (first, second):
        sources.map(stream, function)
    assert sources.await_records(first, 2) == sources.await_records(second, 2) == [[b"1", b"2"]]


def test_one_function_gets_the_records_of_two_streams_in_batches_of_their_own(sources: EventSources) -> None:
    streams, function = [sources.stream(), sources.stream()], sources.function()
    for number, stream in enumerate(streams):
        sources.put(stream, b"%d" % number)
        sources.map(stream, function)
    assert sorted(sources.await_records(function, 2)) == [[b"0"], [b"1"]]


def test_a_consumer_with_enhanced_fan_out_is_a_source_too(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    consumer = sources.kinesis.register_stream_consumer(StreamARN=sources.stream_arn(stream), ConsumerName="fan")
    arn = consumer["Consumer"]["ConsumerARN"]
    mapping = sources.map(arn, function)
    sources.put(stream, b"1")
    event = sources.events(function, 1)[0]
    assert data_of(event) == [b"1"]
    assert {record["eventSourceARN"] for record in event["Records"]} == {arn}
    assert sources.get(mapping)["EventSourceArn"] == arn


@pytest.mark.parametrize("qualifier", ["1", "live"])
def test_a_mapping_to_a_version_or_an_alias_calls_that_code(sources: EventSources, qualifier: str) -> None:
    stream, function = sources.stream(), sources.function()
    sources.aws.publish_version(FunctionName=function)
    sources.aws.create_alias(FunctionName=function, Name="live", FunctionVersion="1")
    mapping = sources.map(stream, f"{function}:{qualifier}")
    sources.put(stream, b"1")
    assert sources.batches(function, 1) == [[b"1"]]
    assert sources.get(mapping)["FunctionArn"].endswith(f":function:{function}:{qualifier}")
