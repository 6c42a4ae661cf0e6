"""On-failure destinations of an event source mapping, with AWS's invocation record.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from event_sources import FAILS, EventSources, data_of, until

from helpers.local.event_sources import destinations
from helpers.local.event_sources.invocation import Answer
from helpers.local.kinesis.shard_log import Record

MILLIS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def assert_invocation_record(body: dict[str, Any], sources: EventSources, stream: str, function: str) -> None:
    """Check every field of the record of two failed calls with the stream's only record."""
    record = sources.events(function)[0]["Records"][0]
    number = record["kinesis"]["sequenceNumber"]
    assert list(body)[:5] == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    request_id = body["requestContext"].pop("requestId")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request_id)
    assert body["requestContext"] == {
        "functionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert body["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert body["version"] == "1.0"
    assert re.fullmatch(MILLIS, body["timestamp"])
    info = body["KinesisBatchInfo"]
    arrivals = {info.pop("approximateArrivalOfFirstRecord"), info.pop("approximateArrivalOfLastRecord")}
    assert len(arrivals) == 1
    assert re.fullmatch(MILLIS, arrivals.pop())
    assert info == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": number,
        "endSequenceNumber": number,
        "batchSize": 1,
        "streamArn": sources.stream_arn(stream),
    }


def fail(sources: EventSources, destination: str) -> tuple[str, str, str]:
    """Let a function fail twice on one record; return the stream, the function and the mapping."""
    stream, function = sources.stream(), sources.function(FAILS)
    sources.put(stream, b"1")
    mapping = sources.map(
        stream, function, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": destination}}
    )
    return stream, function, mapping


def test_a_queue_gets_the_invocation_record(sources: EventSources) -> None:
    url, queue = sources.queue()
    stream, function, _ = fail(sources, queue)
    body = sources.received(url)[0]
    assert "payload" not in body
    assert body["requestContext"]["requestId"] == sources.calls(function)[-1]["request_id"]
    assert_invocation_record(body, sources, stream, function)


def test_a_topic_gets_the_invocation_record(sources: EventSources, client: Callable[[str], Any]) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name=f"failed-{uuid.uuid4().hex[:10]}")["TopicArn"]
    url, queue = sources.queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    stream, function, _ = fail(sources, topic)
    notification = sources.received(url)[0]
    assert notification["TopicArn"] == topic
    body = json.loads(notification["Message"])
    assert "payload" not in body
    assert_invocation_record(body, sources, stream, function)


def test_a_bucket_gets_the_invocation_record_with_the_event(
    sources: EventSources, client: Callable[[str], Any]
) -> None:
    s3 = client("s3")
    bucket = f"failed-{uuid.uuid4().hex[:10]}"
    s3.create_bucket(Bucket=bucket)
    stream, function, mapping = fail(sources, f"arn:aws:s3:::{bucket}")
    listed = until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents", []), lambda contents: len(contents) == 1)
    key = listed[0]["Key"]
    # aws/lambda/<ESM-UUID>/<shardID>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>
    assert re.fullmatch(
        rf"aws/lambda/{mapping}/shardId-000000000000/(\d{{4}})/(\d\d)/(\d\d)/"
        r"\1-\2-\3T\d\d\.\d\d\.\d\d-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        key,
    )
    body = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    event = json.loads(body.pop("payload"))
    assert event == sources.events(function)[0]
    assert data_of(event) == [b"1"]
    assert_invocation_record(body, sources, stream, function)


def test_a_destination_that_is_gone_does_not_stop_the_shard(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS)
    sources.put(stream, b"1", b"2")
    gone = "arn:aws:sqs:us-east-1:000000000000:no-such-queue"
    sources.map(
        stream,
        function,
        BatchSize=1,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": gone}},
    )
    assert sources.batches(function, 2) == [[b"1"], [b"2"]]


def test_an_empty_text_removes_a_destination(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS)
    _, queue = sources.queue()
    settings = {"OnFailure": {"Destination": queue}}
    mapping = sources.map(stream, function, MaximumRetryAttempts=0, DestinationConfig=settings)
    assert sources.get(mapping)["DestinationConfig"] == settings
    sources.aws.update_event_source_mapping(UUID=mapping, DestinationConfig={"OnFailure": {"Destination": ""}})
    assert sources.await_state(mapping, "Enabled")["DestinationConfig"] == {"OnFailure": {}}
    sources.put(stream, b"1")
    sources.events(function, 1)
    sources.put(stream, b"2")
    assert sources.batches(function, 2) == [[b"1"], [b"2"]]


def test_of_records_that_are_too_old_no_call_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(destinations, "deliver", lambda arn, text: sent.append(json.loads(text)))
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    settings = Mock(destination=arn, function_arn="arn:f", source_arn="arn:s")
    record = Record("1", 1_700_000_000_000, "k", b"")
    failed = Answer(reached=True, error=True, payload=None, request_id="r", version="$LATEST", problem="")
    for answer, calls in ((None, 0), (failed, 4)):
        lost = destinations.Discarded(destinations.TOO_OLD, record, record, 1, calls, answer)
        assert destinations.send("u", "shardId-000000000000", settings, lost, {})
    for body in sent:
        assert "responseContext" not in body
        assert body["requestContext"]["condition"] == "RecordAgeExceeded"
        assert body["requestContext"]["approximateInvokeCount"] == 1
    assert [len(body["requestContext"]["requestId"]) for body in sent] == [36, 1]
