"""`ReportBatchItemFailures`: what each answer of a function means for its batch.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from typing import Any

import pytest
from event_sources import EventSources

REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
# Reports the records with these data as failed, in the order given, as often as they come.
FAILS_ITEMS = """
import base64
def answer(event):
    numbers = {{base64.b64decode(r["kinesis"]["data"]): r["kinesis"]["sequenceNumber"] for r in event["Records"]}}
    return {{"batchItemFailures": [{{"itemIdentifier": numbers[d]}} for d in {data!r} if d in numbers]}}
"""


def answers(value: Any) -> str:
    return f"def answer(event):\n    return {value!r}\n"


@pytest.mark.parametrize(
    "value",
    ["", [], None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}, {"failures": [{"itemIdentifier": "1"}]}],
    ids=["empty string", "empty list", "null", "empty object", "no failures", "null failures", "no such key"],
)
def test_an_answer_without_failures_is_a_complete_success(sources: EventSources, value: Any) -> None:
    stream, function = sources.stream(), sources.function(answers(value))
    sources.put(stream, b"1", b"2")
    mapping = sources.map(stream, function, BatchSize=1, **REPORTS)
    assert sources.batches(function, 2) == [[b"1"], [b"2"]]
    sources.await_result(mapping, "OK")


@pytest.mark.parametrize(
    "value",
    [
        {"batchItemFailures": [{"itemIdentifier": 123}]},
        {"batchItemFailures": [{"itemIdentifier": "123"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"foo": 123}]},
        {"batchItemFailures": [{"foo": None}]},
        {"batchItemFailures": ["123"]},
        {"batchItemFailures": "123"},
        "no object",
    ],
    ids=[
        "number", "unknown", "empty string", "null", "bad key", "bad key with null", "no objects", "no list", "text",
    ],
)  # fmt: skip
def test_an_answer_that_names_no_record_of_the_batch_is_a_complete_failure(sources: EventSources, value: Any) -> None:
    stream, function = sources.stream(), sources.function(answers(value))
    url, queue = sources.queue()
    first, last = sources.put(stream, b"1", b"2")
    sources.map(
        stream, function, MaximumRetryAttempts=2, DestinationConfig={"OnFailure": {"Destination": queue}}, **REPORTS
    )
    body = sources.received(url)[0]
    assert sources.batches(function) == [[b"1", b"2"]] * 3
    assert body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert body["requestContext"]["approximateInvokeCount"] == 3
    # The function itself did not fail.
    assert body["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == first
    assert body["KinesisBatchInfo"]["endSequenceNumber"] == last


def test_an_exception_is_a_complete_failure(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    1 / 0\n")
    url, queue = sources.queue()
    sources.put(stream, b"1", b"2")
    sources.map(
        stream, function, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": queue}}, **REPORTS
    )
    assert sources.received(url)[0]["responseContext"]["functionError"] == "Unhandled"
    assert sources.batches(function) == [[b"1", b"2"]] * 2


def test_a_reported_record_and_those_after_it_are_sent_again(sources: EventSources) -> None:
    """The case that AWS itself was recorded with: what was done before the checkpoint is no retry."""
    stream, function = sources.stream(), sources.function(FAILS_ITEMS.format(data=[b"5"]))
    url, queue = sources.queue()
    numbers = sources.put(stream, *[b"%d" % n for n in range(6)])
    sources.map(
        stream,
        function,
        BatchSize=3,
        MaximumRetryAttempts=3,
        DestinationConfig={"OnFailure": {"Destination": queue}},
        **REPORTS,
    )
    body = sources.received(url)[0]
    assert sources.batches(function) == [[b"0", b"1", b"2"], [b"3", b"4", b"5"], *[[b"5"]] * 4]
    assert body["requestContext"]["approximateInvokeCount"] == 4
    assert body["responseContext"]["functionError"] is None
    assert body["KinesisBatchInfo"]["batchSize"] == 1
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == numbers[5]


def test_of_several_reported_records_the_lowest_sequence_number_is_the_checkpoint(sources: EventSources) -> None:
    answer = FAILS_ITEMS.format(data=[b"4", b"2", b"3"]).replace(
        "def answer(event):", "def answer(event):\n    if len(event['Records']) < 5: return None"
    )
    stream, function = sources.stream(), sources.function(answer)
    sources.put(stream, b"0", b"1", b"2", b"3", b"4")
    sources.map(stream, function, **REPORTS)
    assert sources.batches(function, 2) == [[b"0", b"1", b"2", b"3", b"4"], [b"2", b"3", b"4"]]


def test_one_unknown_record_among_the_reported_fails_the_whole_batch(sources: EventSources) -> None:
    answer = """
def answer(event):
    ids = [r["kinesis"]["sequenceNumber"] for r in event["Records"]]
    return {"batchItemFailures": [{"itemIdentifier": ids[1]}, {"itemIdentifier": "17"}]}
"""
    stream, function = sources.stream(), sources.function(answer)
    url, queue = sources.queue()
    sources.put(stream, b"0", b"1")
    sources.map(
        stream, function, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}}, **REPORTS
    )
    assert sources.received(url)[0]["KinesisBatchInfo"]["batchSize"] == 2
    assert sources.batches(function) == [[b"0", b"1"]]


def test_without_the_setting_the_answer_is_ignored(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS_ITEMS.format(data=[b"1"]))
    sources.put(stream, b"1", b"2")
    sources.map(stream, function, BatchSize=1)
    assert sources.batches(function, 2) == [[b"1"], [b"2"]]


def test_with_bisecting_a_batch_is_split_at_the_reported_record(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS_ITEMS.format(data=[b"2"]))
    url, queue = sources.queue()
    numbers = sources.put(stream, *[b"%d" % n for n in range(5)])
    sources.map(
        stream,
        function,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
        **REPORTS,
    )
    body = sources.received(url)[0]
    sources.await_records(function, 11)
    assert sources.batches(function) == [
        [b"0", b"1", b"2", b"3", b"4"],
        # Only what remains is retried, and halved until the record stands alone.
        [b"2", b"3", b"4"],
        [b"2"],
        [b"2"],
        [b"3", b"4"],
    ]
    assert body["KinesisBatchInfo"]["batchSize"] == 1
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == numbers[2]
