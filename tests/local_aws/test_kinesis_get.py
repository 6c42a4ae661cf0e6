"""GetShardIterator and GetRecords: where a reader starts, what it gets, how far behind it is."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from helpers.local.kinesis.iterators import LIFETIME_MILLIS, ShardIterator

MIB = 2**20
ACCOUNT = "000000000000"
SHARD = "shardId-000000000000"
EITHER = (
    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
    "(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified "
)


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    """A stream of one shard."""
    name = f"get-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield name
    kinesis.delete_stream(StreamName=name)


def put(kinesis: Any, stream: str, *data: bytes) -> list[str]:
    answer = kinesis.put_records(StreamName=stream, Records=[{"Data": d, "PartitionKey": "k"} for d in data])
    return [record["SequenceNumber"] for record in answer["Records"]]


def start(kinesis: Any, stream: str, kind: str, **more: Any) -> str:
    answer = kinesis.get_shard_iterator(StreamName=stream, ShardId=SHARD, ShardIteratorType=kind, **more)
    return str(answer["ShardIterator"])


def data_from(kinesis: Any, iterator: str, **more: Any) -> list[bytes]:
    return [record["Data"] for record in kinesis.get_records(ShardIterator=iterator, **more)["Records"]]


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def refused_start(kinesis: Any, stream: str, kind: str, **more: Any) -> tuple[str, str]:
    return refusal(
        kinesis.get_shard_iterator, **{"StreamName": stream, "ShardId": SHARD, "ShardIteratorType": kind, **more}
    )


def test_trim_horizon_starts_with_the_oldest_record(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, b"a", b"b")
    assert data_from(kinesis, start(kinesis, stream, "TRIM_HORIZON")) == [b"a", b"b"]


def test_latest_starts_after_the_newest_record(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, b"a")
    iterator = start(kinesis, stream, "LATEST")
    assert data_from(kinesis, iterator) == []
    put(kinesis, stream, b"b")
    assert data_from(kinesis, iterator) == [b"b"]


def test_at_and_after_a_sequence_number(kinesis: Any, stream: str) -> None:
    numbers = put(kinesis, stream, b"a", b"b", b"c")
    at = start(kinesis, stream, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1])
    after = start(kinesis, stream, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1])
    assert data_from(kinesis, at) == [b"b", b"c"]
    assert data_from(kinesis, after) == [b"c"]
    last = start(kinesis, stream, "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2])
    assert data_from(kinesis, last) == []


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_the_shards_own_first_number_starts_at_its_beginning(kinesis: Any, stream: str, kind: str) -> None:
    put(kinesis, stream, b"a")
    number = kinesis.list_shards(StreamName=stream)["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert data_from(kinesis, start(kinesis, stream, kind, StartingSequenceNumber=number)) == [b"a"]


def test_at_timestamp_starts_with_the_first_record_at_or_after_it(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, b"a")
    first = kinesis.get_records(ShardIterator=start(kinesis, stream, "TRIM_HORIZON"))["Records"][0]
    arrived = first["ApproximateArrivalTimestamp"]
    while dt.datetime.now(dt.UTC) - arrived < dt.timedelta(milliseconds=3):
        time.sleep(0.001)
    put(kinesis, stream, b"b")
    assert data_from(kinesis, start(kinesis, stream, "AT_TIMESTAMP", Timestamp=arrived)) == [b"a", b"b"]
    later = arrived + dt.timedelta(milliseconds=1)
    assert data_from(kinesis, start(kinesis, stream, "AT_TIMESTAMP", Timestamp=later)) == [b"b"]
    assert data_from(kinesis, start(kinesis, stream, "AT_TIMESTAMP", Timestamp=1)) == [b"a", b"b"]


def test_a_timestamp_in_the_future_is_refused(kinesis: Any, stream: str) -> None:
    code, message = refused_start(kinesis, stream, "AT_TIMESTAMP", Timestamp=4_000_000_000)
    assert code == "InvalidArgumentException"
    assert message.startswith(
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        "timestampInMillis: 4000000000000, currentTimestampInMillis: "
    )


def test_at_timestamp_needs_a_timestamp(kinesis: Any, stream: str) -> None:
    assert refused_start(kinesis, stream, "AT_TIMESTAMP") == (
        "InvalidArgumentException",
        "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
        "Current request has no timestamp parameter.",
    )


@pytest.mark.parametrize("kind", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_a_kind_that_needs_a_sequence_number_is_refused_without(kinesis: Any, stream: str, kind: str) -> None:
    expected = ("InvalidArgumentException", f"{EITHER}{kind} and no StartingSequenceNumber.")
    assert refused_start(kinesis, stream, kind) == expected


@pytest.mark.parametrize("kind", ["TRIM_HORIZON", "LATEST"])
def test_a_kind_without_sequence_number_is_refused_with_one(kinesis: Any, stream: str, kind: str) -> None:
    expected = ("InvalidArgumentException", f"{EITHER}{kind} and also a StartingSequenceNumber.")
    assert refused_start(kinesis, stream, kind, StartingSequenceNumber="5") == expected


def test_an_unknown_kind_is_refused(kinesis: Any, stream: str) -> None:
    code, message = refused_start(kinesis, stream, "NEWEST")
    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value 'NEWEST' at 'shardIteratorType' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )


def test_a_sequence_number_of_another_shard_or_stream_is_refused(kinesis: Any, stream: str) -> None:
    other = f"other-{uuid4().hex}"
    kinesis.create_stream(StreamName=other, ShardCount=2)
    shards = kinesis.list_shards(StreamName=other)["Shards"]
    number = shards[1]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert refused_start(kinesis, stream, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number) == (
        "InvalidArgumentException",
        "Invalid StartingSequenceNumber. It encodes shardId-000000000001, "
        "while it was used in a call to a shard with shardId-000000000000",
    )
    kinesis.delete_stream(StreamName=other)
    # 22 November 2014, a shard with the number 0.
    old = "49546986683135544286507457936321625675700192471156785154"
    assert refused_start(kinesis, stream, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=old) == (
        "InvalidArgumentException",
        f"StartingSequenceNumber {old} used in GetShardIterator on shard {SHARD} in stream {stream} "
        f"under account {ACCOUNT} is invalid because it did not come from this stream.",
    )


@pytest.mark.parametrize("number", ["0", "5", "1" * 60])
def test_a_number_that_is_no_sequence_number_is_refused(kinesis: Any, stream: str, number: str) -> None:
    assert refused_start(kinesis, stream, "AT_SEQUENCE_NUMBER", StartingSequenceNumber=number) == (
        "InvalidArgumentException",
        f"StartingSequenceNumber {number} used in GetShardIterator on shard {SHARD} in stream {stream} "
        f"under account {ACCOUNT} is invalid.",
    )


def test_a_shard_or_stream_that_does_not_exist_is_told(kinesis: Any, stream: str) -> None:
    def expected(name: str) -> tuple[str, str]:
        return (
            "ResourceNotFoundException",
            f"Shard shardId-000000000123 in stream {name} under account {ACCOUNT} does not exist",
        )

    assert refused_start(kinesis, stream, "LATEST", ShardId="123") == expected(stream)
    assert refused_start(kinesis, stream, "LATEST", ShardId="shardId-000000000123") == expected(stream)
    assert refused_start(kinesis, "nowhere", "LATEST", ShardId="123") == expected("nowhere")
    assert refused_start(kinesis, stream, "LATEST", ShardId="abc") == (
        "ResourceNotFoundException",
        f"Could not find shard abc in stream {stream} under account {ACCOUNT}.",
    )


def test_a_short_shard_id_is_completed(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, b"a")
    for short in ("0", "shardId-0", "anything-000"):
        answer = kinesis.get_shard_iterator(StreamName=stream, ShardId=short, ShardIteratorType="TRIM_HORIZON")
        assert data_from(kinesis, answer["ShardIterator"]) == [b"a"]


def test_pages_follow_each_other_and_an_iterator_can_be_used_again(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, *(b"%d" % i for i in range(25)))
    iterator = start(kinesis, stream, "TRIM_HORIZON")
    first = kinesis.get_records(ShardIterator=iterator, Limit=10)
    again = kinesis.get_records(ShardIterator=iterator, Limit=10)
    assert [r["Data"] for r in first["Records"]] == [b"%d" % i for i in range(10)]
    assert again["Records"] == first["Records"]
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=10)
    third = kinesis.get_records(ShardIterator=second["NextShardIterator"], Limit=10)
    assert [r["Data"] for r in third["Records"]] == [b"%d" % i for i in range(20, 25)]
    last = kinesis.get_records(ShardIterator=third["NextShardIterator"])
    assert last["Records"] == []
    assert last["NextShardIterator"]


@pytest.mark.parametrize("limit", [1, 10_000])
def test_a_limit_from_1_to_10000_is_taken(kinesis: Any, stream: str, limit: int) -> None:
    put(kinesis, stream, b"a", b"b")
    assert len(data_from(kinesis, start(kinesis, stream, "TRIM_HORIZON"), Limit=limit)) == min(limit, 2)


def test_a_limit_of_10001_is_refused(kinesis: Any, stream: str) -> None:
    iterator = start(kinesis, stream, "LATEST")
    assert refusal(kinesis.get_records, ShardIterator=iterator, Limit=10_001) == (
        "ValidationException",
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 10000",
    )


def test_without_a_limit_10000_records_come(kinesis: Any, stream: str) -> None:
    for _ in range(21):
        put(kinesis, stream, *[b"x"] * 500)
    answer = kinesis.get_records(ShardIterator=start(kinesis, stream, "TRIM_HORIZON"))
    assert len(answer["Records"]) == 10_000
    assert len(kinesis.get_records(ShardIterator=answer["NextShardIterator"])["Records"]) == 500


def test_an_answer_stops_before_10_mib(kinesis: Any, stream: str) -> None:
    for _ in range(2):
        put(kinesis, stream, *[b"x" * (MIB - 1)] * 6)
    answer = kinesis.get_records(ShardIterator=start(kinesis, stream, "TRIM_HORIZON"))
    assert len(answer["Records"]) == 10
    assert answer["MillisBehindLatest"] > 0
    rest = kinesis.get_records(ShardIterator=answer["NextShardIterator"])
    assert (len(rest["Records"]), rest["MillisBehindLatest"]) == (2, 0)


def test_lag_is_the_age_of_the_last_record_read_and_0_at_the_tip(kinesis: Any, stream: str) -> None:
    put(kinesis, stream, b"a")
    put(kinesis, stream, b"b")
    iterator = start(kinesis, stream, "TRIM_HORIZON")
    first = kinesis.get_records(ShardIterator=iterator, Limit=1)
    arrived = first["Records"][0]["ApproximateArrivalTimestamp"].timestamp()
    time.sleep(0.05)
    before = time.time()
    lag = kinesis.get_records(ShardIterator=iterator, Limit=1)["MillisBehindLatest"] / 1000
    assert before - arrived - 0.002 <= lag <= time.time() - arrived
    assert kinesis.get_records(ShardIterator=first["NextShardIterator"])["MillisBehindLatest"] == 0


def test_lag_on_an_empty_shard_is_0(kinesis: Any, stream: str) -> None:
    assert kinesis.get_records(ShardIterator=start(kinesis, stream, "TRIM_HORIZON"))["MillisBehindLatest"] == 0


def test_an_expired_iterator_is_refused_with_both_times(kinesis: Any, stream: str) -> None:
    created = int(time.time() * 1000) - LIFETIME_MILLIS - 1000
    code, message = refusal(kinesis.get_records, ShardIterator=str(ShardIterator(stream, SHARD, 0, created)))
    assert code == "ExpiredIteratorException"
    assert message.startswith("Iterator expired. The iterator was created at time ")
    assert message.endswith(" which is further in the future than the tolerated delay of 300000 milliseconds.")


@pytest.mark.parametrize("text", ["abc", base64.b64encode(json.dumps(["x"]).encode()).decode()])
def test_a_made_up_iterator_is_refused(kinesis: Any, text: str) -> None:
    expected = ("InvalidArgumentException", "Invalid ShardIterator.")
    assert refusal(kinesis.get_records, ShardIterator=text) == expected


def test_an_iterator_of_a_deleted_stream_is_told(kinesis: Any) -> None:
    name = f"gone-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    iterator = start(kinesis, name, "TRIM_HORIZON")
    kinesis.delete_stream(StreamName=name)
    assert refusal(kinesis.get_records, ShardIterator=iterator) == (
        "ResourceNotFoundException",
        f"Shard {SHARD} in stream {name} under account {ACCOUNT} does not exist",
    )


def test_a_record_has_the_members_that_aws_gives(kinesis: Any, stream: str) -> None:
    before = dt.datetime.now(dt.UTC) - dt.timedelta(milliseconds=1)
    (number,) = put(kinesis, stream, b"a")
    (record,) = kinesis.get_records(ShardIterator=start(kinesis, stream, "TRIM_HORIZON"))["Records"]
    assert before <= record.pop("ApproximateArrivalTimestamp") <= dt.datetime.now(dt.UTC)
    assert record == {"SequenceNumber": number, "Data": b"a", "PartitionKey": "k"}


def test_an_iterator_may_stand_in_quotation_marks(kinesis: Any, stream: str) -> None:
    """The CLI prints iterators in quotation marks; who pastes them whole is understood."""
    kinesis.put_record(StreamName=stream, Data=b"a", PartitionKey="k")
    assert data_from(kinesis, f'"{start(kinesis, stream, "TRIM_HORIZON")}"') == [b"a"]
