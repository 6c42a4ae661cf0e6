"""Faults of PutRecords: nothing is lost, the order of a key holds, what may be doubled is counted."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.replay import Backoff, ReplayStoppedError
from helpers.replay.batches import batches
from helpers.replay.errors import NoSuchStreamError
from helpers.replay.records import Outgoing
from helpers.replay.sender import CALM_RECORDS, Sender

pytestmark = pytest.mark.faults

Fails = Callable[[int], bool]
THROTTLED = "ProvisionedThroughputExceededException"


class Stream:
    """A stream in memory whose PutRecords fails as told.

    `record_fails` is asked for each record, `answers` has an exception for each request that
    ends with one, and whether the records were stored before.
    """

    def __init__(self, record_fails: Fails = lambda i: False) -> None:
        self.stored: list[tuple[str, str]] = []
        self.requests: list[list[str]] = []
        self.answers: list[tuple[Exception, bool] | None] = []
        self._record_fails = record_fails
        self._asked = 0

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.requests.append([entry["PartitionKey"] for entry in Records])
        failure = self.answers.pop(0) if self.answers else None
        if failure and not failure[1]:
            raise failure[0]
        results = []
        for entry in Records:
            self._asked += 1
            if self._record_fails(self._asked):
                results.append({"ErrorCode": THROTTLED, "ErrorMessage": "Rate exceeded for shard"})
            else:
                self.stored.append((entry["PartitionKey"], entry["Data"].split(b"|")[0].decode()))
                results.append({"ShardId": "shardId-000000000000", "SequenceNumber": str(len(self.stored))})
        if failure:
            raise failure[0]
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedRecordCount": failed, "Records": results, "ResponseMetadata": {"RetryAttempts": 0}}


def sender_to(stream: Stream, max_tries: int = 12) -> Sender:
    return Sender(stream, "events", Backoff(max_tries=max_tries), sleep=lambda seconds: None)


def records(keys: list[str]) -> list[Outgoing]:
    """Return a record for each key; its text tells its place in the order."""
    return [(key, f"{i}|".encode(), 100) for i, key in enumerate(keys)]


def send_all(sender: Sender, outgoing: list[Outgoing]) -> None:
    for batch in batches(outgoing, sender.is_wary):
        sender.send(batch, sender.sent + 1)


def by_key(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for key, text in pairs:
        grouped.setdefault(key, []).append(text)
    return grouped


def expected(outgoing: list[Outgoing]) -> dict[str, list[str]]:
    return by_key([(key, head.split(b"|")[0].decode()) for key, head, _ in outgoing])


def client_error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutRecords"
    )


@given(st.lists(st.sampled_from("abcdefghij"), max_size=300), st.integers(0, 2**32), st.sampled_from([0.01, 0.3, 0.8]))
@settings(max_examples=60, deadline=None)
def test_records_that_fail_at_random_arrive_once_and_in_order(keys: list[str], seed: int, share: float) -> None:
    chance = random.Random(seed)
    stream = Stream(lambda i: chance.random() < share)
    sender, outgoing = sender_to(stream, max_tries=1000), records(keys)
    send_all(sender, outgoing)
    assert by_key(stream.stored) == expected(outgoing)
    assert (sender.sent, sender.maybe_doubled, sender.reordered) == (len(keys), 0, 0)
    assert sender.retried == sum(map(len, stream.requests)) - len(keys)
    assert sender.requests == len(stream.requests)
    assert sum(sender.per_shard.values()) == len(keys)


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=100),
    st.lists(st.one_of(st.none(), st.booleans()), max_size=40),
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_requests_that_fail_lose_nothing_and_what_is_doubled_is_counted(
    keys: list[str], failures: list[bool | None], seed: int
) -> None:
    chance = random.Random(seed)
    stream = Stream(lambda i: chance.random() < 0.1)
    cut = ConnectionClosedError(endpoint_url="https://kinesis")
    stream.answers = [None if stored is None else (cut, stored) for stored in failures]
    sender, outgoing = sender_to(stream, max_tries=1000), records(keys)
    send_all(sender, outgoing)
    first_copies = list(dict.fromkeys(stream.stored))
    assert by_key(first_copies) == expected(outgoing)
    assert len(stream.stored) - len(first_copies) <= sender.maybe_doubled
    assert sender.sent == len(keys)


def test_only_failed_records_are_sent_again() -> None:
    stream = Stream(lambda i: i in (2, 4))
    sender = sender_to(stream)
    send_all(sender, records(["a", "b", "c", "d"]))
    assert stream.requests == [["a", "b", "c", "d"], ["b", "d"]]
    assert (sender.sent, sender.retried) == (4, 2)


def test_a_key_comes_once_a_request_until_the_stream_is_calm() -> None:
    stream = Stream()
    send_all(sender_to(stream), records(["a", "b"] * (CALM_RECORDS // 2) + ["a", "b", "a", "b"]))
    assert [len(keys) for keys in stream.requests] == [2] * (CALM_RECORDS // 2) + [4]


def test_first_failure_after_a_calm_is_counted_and_makes_wary_again() -> None:
    stream = Stream(lambda i: i == CALM_RECORDS + 1)
    sender = sender_to(stream)
    calm = [str(i) for i in range(CALM_RECORDS)]
    send_all(sender, records([*calm, *["a", "b"] * 250, *["c", "d"] * 10]))
    assert sender.reordered == 249
    assert stream.requests[-11:] == [["a"], *[["c", "d"]] * 10]
    assert sorted(stream.stored) == sorted(
        (key, text) for key, texts in by_key(stream.stored).items() for text in texts
    )
    assert sender.sent == len(stream.stored) == CALM_RECORDS + 520


@pytest.mark.parametrize(
    ("error", "doubled"),
    [
        (client_error(THROTTLED, 400), 0),
        (client_error("LimitExceededException", 400), 0),
        (client_error("KMSThrottlingException", 400), 0),
        (client_error("Unknown", 429), 0),
        (client_error("InternalFailure", 500), 3),
        (client_error("ServiceUnavailable", 503), 3),
        (EndpointConnectionError(endpoint_url="https://kinesis"), 0),
        (ConnectionClosedError(endpoint_url="https://kinesis"), 3),
        (ReadTimeoutError(endpoint_url="https://kinesis"), 3),
        (ResponseParserError("Unable to parse response"), 3),
    ],
    ids=lambda value: value.__class__.__name__ + str(value)[:60],
)
def test_request_that_may_succeed_later_is_sent_again(error: Exception, doubled: int) -> None:
    stream = Stream()
    stream.answers = [(error, False), (error, False)]
    sender = sender_to(stream)
    send_all(sender, records(["a", "b", "c"]))
    assert stream.requests == [["a", "b", "c"]] * 3
    assert (sender.sent, sender.retried, sender.maybe_doubled) == (3, 6, 2 * doubled)


@pytest.mark.parametrize("error", [client_error("AccessDeniedException", 400), NoCredentialsError()])
def test_what_no_retry_cures_ends_the_replay(error: Exception) -> None:
    stream = Stream()
    stream.answers = [(error, False)]
    with pytest.raises(type(error)):
        send_all(sender_to(stream), records(["a"]))
    assert len(stream.requests) == 1


def test_missing_stream_names_the_notebook() -> None:
    stream = Stream()
    stream.answers = [(client_error("ResourceNotFoundException", 400), False)]
    with pytest.raises(NoSuchStreamError, match="No stream events: run notebook 03_streams first"):
        send_all(sender_to(stream), records(["a"]))


def test_gives_up_with_what_was_sent_and_where_to_go_on() -> None:
    stream = Stream(lambda i: i > 5)
    with pytest.raises(ReplayStoppedError) as stop:
        send_all(sender_to(stream, max_tries=3), records(["a", "b", "c", "a", "b", "c"]))
    assert (stop.value.sent, stop.value.failed, stop.value.next_event) == (5, 1, 4)
    assert str(stop.value) == (
        f"Stream events refused 1 records 3 times in a row ({THROTTLED} 1); 5 records are in the stream, "
        "the replay stopped at event 4: wait, add shards or lower the speed, and replay again."
    )
    assert len(stream.requests) == 2 + 3


def test_a_try_that_gets_something_through_counts_as_progress() -> None:
    stream = Stream(lambda i: i % 3 != 0)
    sender = sender_to(stream, max_tries=3)
    send_all(sender, records([str(i) for i in range(10)]))
    assert sender.sent == 10


def test_wait_grows_and_is_bounded() -> None:
    backoff = Backoff(base_seconds=0.1, cap_seconds=5)
    for failures, longest in ((1, 0.1), (2, 0.2), (4, 0.8), (12, 5)):
        waits = [backoff.seconds(failures) for _ in range(500)]
        assert min(waits) >= 0 and 0.8 * longest < max(waits) <= longest


def test_retries_that_a_client_makes_itself_are_counted_as_maybe_doubled() -> None:
    stream = Stream()
    put_records = stream.put_records

    def retried(**request: Any) -> dict[str, Any]:
        return put_records(**request) | {"ResponseMetadata": {"RetryAttempts": 1}}

    stream.put_records = retried  # type: ignore[method-assign]
    sender = sender_to(stream)
    send_all(sender, records(["a", "b"]))
    assert sender.maybe_doubled == 2


def test_an_answer_that_is_not_whole_says_nothing_about_the_records() -> None:
    stream = Stream()
    put_records, cut = stream.put_records, [{"message": "half"}, {"Records": []}]

    def half(**request: Any) -> dict[str, Any]:
        answer = put_records(**request)
        return cut.pop() if cut else answer

    stream.put_records = half  # type: ignore[method-assign]
    sender = sender_to(stream)
    send_all(sender, records(["a", "b"]))
    assert (sender.sent, sender.retried, sender.maybe_doubled, len(stream.stored)) == (2, 4, 4, 6)
