"""What the lab counts on of Kinesis: hashing, order, limits."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.waiting import until

from .conftest import Account

# An hour of two shards, the least that is paid.
pytestmark = pytest.mark.costs(0.03)
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def kinesis(place: Account) -> Any:
    return place.client("kinesis")


@pytest.fixture(scope="module")
def stream(place: Account, kinesis: Any) -> Any:
    name = place.name("stream")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    try:
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
        yield name
    finally:
        kinesis.delete_stream(StreamName=name)


def shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kinesis.list_shards(StreamName=stream)["Shards"]
    return found


def read(kinesis: Any, stream: str, shard: str, after: str) -> list[dict[str, Any]]:
    where = {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **where)["ShardIterator"]
    records: list[dict[str, Any]] = []

    def all_read() -> bool:
        nonlocal iterator
        answer = kinesis.get_records(ShardIterator=iterator)
        iterator = answer["NextShardIterator"]
        records.extend(answer["Records"])
        return bool(records) and answer["MillisBehindLatest"] == 0

    until(all_read, "the records", 60, pause_seconds=0.3)
    return records


def refusal(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_the_md5_of_the_partition_key_chooses_the_shard(kinesis: Any, stream: str) -> None:
    ranges = {shard["ShardId"]: shard["HashKeyRange"] for shard in shards(kinesis, stream)}
    for key in ("a", "b", "user-1", "é"):
        shard = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey=key)["ShardId"]
        hashed = int.from_bytes(hashlib.md5(key.encode()).digest(), "big")
        assert int(ranges[shard]["StartingHashKey"]) <= hashed <= int(ranges[shard]["EndingHashKey"])


def test_an_explicit_hash_key_chooses_the_shard_whatever_the_partition_key(kinesis: Any, stream: str) -> None:
    for shard in shards(kinesis, stream):
        start = shard["HashKeyRange"]["StartingHashKey"]
        put = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="any", ExplicitHashKey=start)
        assert put["ShardId"] == shard["ShardId"]


def test_records_of_one_request_keep_their_order(kinesis: Any, stream: str) -> None:
    entries = [{"Data": str(number).encode(), "PartitionKey": "one"} for number in range(100)]
    answer = kinesis.put_records(StreamName=stream, Records=entries)
    assert answer["FailedRecordCount"] == 0
    [shard] = {record["ShardId"] for record in answer["Records"]}
    records = read(kinesis, stream, shard, answer["Records"][0]["SequenceNumber"])
    assert [int(record["Data"]) for record in records][:100] == list(range(100))
    numbers = [int(record["SequenceNumber"]) for record in records]
    assert numbers == sorted(numbers)


def test_a_record_may_have_a_mebibyte_and_not_a_byte_more(kinesis: Any, stream: str) -> None:
    assert kinesis.put_record(StreamName=stream, Data=b"x" * (MEBIBYTE - 1), PartitionKey="k")["ShardId"]
    with pytest.raises(ClientError) as error:
        kinesis.put_record(StreamName=stream, Data=b"x" * (MEBIBYTE + 1), PartitionKey="k")
    assert refusal(error) in ("ValidationException", "InvalidArgumentException")


def test_a_partition_key_may_have_256_characters_and_not_one_more(kinesis: Any, stream: str) -> None:
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k" * 256)
    with pytest.raises(ClientError) as error:
        kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k" * 257)
    assert refusal(error) == "ValidationException"


def test_a_stream_that_is_there_is_not_made_again(kinesis: Any, stream: str) -> None:
    with pytest.raises(ClientError) as error:
        kinesis.create_stream(StreamName=stream, ShardCount=1)
    assert refusal(error) == "ResourceInUseException"


def test_a_stream_that_is_not_there_takes_nothing(kinesis: Any) -> None:
    with pytest.raises(ClientError) as error:
        kinesis.put_record(StreamName="lab-contract-nothing", Data=b"x", PartitionKey="k")
    assert refusal(error) == "ResourceNotFoundException"
