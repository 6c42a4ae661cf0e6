"""PutRecord and PutRecords: shards, order, sequence numbers and every limit on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

MIB = 2**20
ACCOUNT = "000000000000"


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    """A stream of three shards."""
    name = f"put-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=3)
    yield name
    kinesis.delete_stream(StreamName=name)


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def read_all(kinesis: Any, stream: str) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        found[shard["ShardId"]] = kinesis.get_records(ShardIterator=iterator)["Records"]
    return found


def test_a_record_goes_to_the_shard_whose_range_holds_the_md5_of_its_key(kinesis: Any, stream: str) -> None:
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    keys = [f"user-{i}" for i in range(30)] + ["é", "日本", " "]
    for key in keys:
        answer = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey=key)
        hash_key = int(hashlib.md5(key.encode()).hexdigest(), 16)
        (expected,) = [
            shard["ShardId"]
            for shard in shards
            if int(shard["HashKeyRange"]["StartingHashKey"]) <= hash_key <= int(shard["HashKeyRange"]["EndingHashKey"])
        ]
        assert answer["ShardId"] == expected
        assert set(answer) == {"ShardId", "SequenceNumber", "ResponseMetadata"}


def test_put_records_answers_in_the_order_of_the_request(kinesis: Any, stream: str) -> None:
    records = [{"Data": f"{i}".encode(), "PartitionKey": f"key-{i % 7}"} for i in range(500)]
    answer = kinesis.put_records(StreamName=stream, Records=records)
    assert answer["FailedRecordCount"] == 0
    assert "EncryptionType" not in answer
    read = {
        (shard_id, record["SequenceNumber"]): (record["Data"], record["PartitionKey"])
        for shard_id, found in read_all(kinesis, stream).items()
        for record in found
    }
    given = [(r["ShardId"], r["SequenceNumber"]) for r in answer["Records"]]
    assert [read[place] for place in given] == [(r["Data"], r["PartitionKey"]) for r in records]


def test_sequence_numbers_increase_in_a_shard_and_records_keep_their_order(kinesis: Any, stream: str) -> None:
    for start in range(0, 30, 10):
        kinesis.put_records(
            StreamName=stream,
            Records=[{"Data": f"{start + i}".encode(), "PartitionKey": "one"} for i in range(10)],
        )
    kinesis.put_record(StreamName=stream, Data=b"30", PartitionKey="one")
    (records,) = [found for found in read_all(kinesis, stream).values() if found]
    assert [int(record["Data"]) for record in records] == list(range(31))
    numbers = [int(record["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))
    assert {len(record["SequenceNumber"]) for record in records} == {56}


def test_data_of_any_bytes_comes_back_unchanged(kinesis: Any, stream: str) -> None:
    blobs = [b"", bytes(range(256)), "ünïcödé".encode(), b"\xff\xfe", b"eyJhIjoxfQ=="]
    for blob in blobs:
        kinesis.put_record(StreamName=stream, Data=blob, PartitionKey="one")
    (records,) = [found for found in read_all(kinesis, stream).values() if found]
    assert [record["Data"] for record in records] == blobs


def test_the_stream_can_be_named_by_its_arn(kinesis: Any, stream: str) -> None:
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"
    assert kinesis.put_record(StreamARN=arn, Data=b"x", PartitionKey="k")["ShardId"]
    assert kinesis.put_records(StreamARN=arn, Records=[{"Data": b"x", "PartitionKey": "k"}])["FailedRecordCount"] == 0
    assert kinesis.put_record(StreamARN=arn, StreamName=stream, Data=b"x", PartitionKey="k")["ShardId"]


def test_an_unknown_stream_is_told_by_name_and_account(kinesis: Any) -> None:
    expected = ("ResourceNotFoundException", f"Stream nowhere under account {ACCOUNT} not found.")
    assert refusal(kinesis.put_record, StreamName="nowhere", Data=b"x", PartitionKey="k") == expected
    records = [{"Data": b"x", "PartitionKey": "k"}]
    assert refusal(kinesis.put_records, StreamName="nowhere", Records=records) == expected


@pytest.mark.parametrize("key", ["a", "a" * 256, "日" * 256])
def test_a_partition_key_has_1_to_256_characters(kinesis: Any, stream: str, key: str) -> None:
    assert kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey=key)["ShardId"]
    assert kinesis.put_records(StreamName=stream, Records=[{"Data": b"x", "PartitionKey": key}])["Records"]


def test_a_partition_key_of_257_characters_is_refused(kinesis: Any, stream: str) -> None:
    key = "k" * 257
    constraint = "failed to satisfy constraint: Member must have length less than or equal to 256"
    assert refusal(kinesis.put_record, StreamName=stream, Data=b"x", PartitionKey=key) == (
        "ValidationException",
        f"1 validation error detected: Value '{key}' at 'partitionKey' {constraint}",
    )
    records = [{"Data": b"x", "PartitionKey": "k"}, {"Data": b"x", "PartitionKey": key}]
    assert refusal(kinesis.put_records, StreamName=stream, Records=records) == (
        "ValidationException",
        f"1 validation error detected: Value '{key}' at 'records.2.member.partitionKey' {constraint}",
    )
    assert not any(read_all(kinesis, stream).values())


def test_a_record_of_1_mib_with_its_key_is_taken(kinesis: Any, stream: str) -> None:
    data = b"x" * (MIB - 3)
    assert kinesis.put_record(StreamName=stream, Data=data, PartitionKey="key")["ShardId"]
    assert kinesis.put_records(StreamName=stream, Records=[{"Data": data, "PartitionKey": "key"}])["Records"]
    assert kinesis.put_record(StreamName=stream, Data=data, PartitionKey="日")["ShardId"]


def test_a_record_above_1_mib_with_its_key_is_refused(kinesis: Any, stream: str) -> None:
    data = b"x" * (MIB - 2)
    constraint = "failed to satisfy constraint: Member must have length less than or equal to 1048576"
    assert refusal(kinesis.put_record, StreamName=stream, Data=data, PartitionKey="key") == (
        "ValidationException",
        f"1 validation error detected: Value at 'data' {constraint}",
    )
    records = [{"Data": b"", "PartitionKey": "key"}, {"Data": data, "PartitionKey": "日"}]
    assert refusal(kinesis.put_records, StreamName=stream, Records=records) == (
        "ValidationException",
        f"1 validation error detected: Value at 'records.2.member.data' {constraint}",
    )


def test_a_stream_can_be_made_to_take_larger_records(kinesis: Any, stream: str) -> None:
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
    assert kinesis.put_record(StreamName=stream, Data=b"x" * (2 * MIB - 1), PartitionKey="k")["ShardId"]
    _, message = refusal(kinesis.put_record, StreamName=stream, Data=b"x" * 2 * MIB, PartitionKey="k")
    assert message.endswith("Member must have length less than or equal to 2097152")


@pytest.mark.parametrize("count", [1, 500])
def test_a_request_takes_1_to_500_records(kinesis: Any, stream: str, count: int) -> None:
    answer = kinesis.put_records(StreamName=stream, Records=[{"Data": b"", "PartitionKey": "k"}] * count)
    assert len(answer["Records"]) == count


def test_a_request_of_501_records_is_refused_whole(kinesis: Any, stream: str) -> None:
    records = [{"Data": b"x", "PartitionKey": "k"}] * 501
    assert refusal(kinesis.put_records, StreamName=stream, Records=records) == (
        "ValidationException",
        "1 validation error detected: Value at 'records' failed to satisfy constraint: "
        "Member must have length less than or equal to 500",
    )
    assert not any(read_all(kinesis, stream).values())


def test_a_request_of_10_mib_with_keys_is_taken_and_one_byte_more_is_refused(kinesis: Any, stream: str) -> None:
    records = [{"Data": b"x" * (MIB - 5), "PartitionKey": f"key-{i}"} for i in range(10)]
    assert kinesis.put_records(StreamName=stream, Records=records)["FailedRecordCount"] == 0
    records = [{"Data": b"x" * (MIB - 6), "PartitionKey": f"key-{i}"} for i in range(10)]
    records.append({"Data": b"x" * 10, "PartitionKey": "k"})
    assert refusal(kinesis.put_records, StreamName=stream, Records=records) == (
        "InvalidArgumentException",
        "Records size exceeds 10 MB limit",
    )


def test_an_explicit_hash_key_decides_the_shard(kinesis: Any, stream: str) -> None:
    shards = kinesis.list_shards(StreamName=stream)["Shards"]
    for shard in shards:
        for bound in shard["HashKeyRange"].values():
            answer = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k", ExplicitHashKey=bound)
            assert answer["ShardId"] == shard["ShardId"]
            records = [{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": bound}]
            answer = kinesis.put_records(StreamName=stream, Records=records)
            assert answer["Records"][0]["ShardId"] == shard["ShardId"]


def test_an_explicit_hash_key_above_the_range_is_refused(kinesis: Any, stream: str) -> None:
    above = str(2**128)
    expected = (
        "InvalidArgumentException",
        f"Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {above}",
    )
    one = {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": above}
    assert refusal(kinesis.put_record, StreamName=stream, **one) == expected
    assert refusal(kinesis.put_records, StreamName=stream, Records=[one]) == expected


@pytest.mark.parametrize("text", ["-1", "01", "1.0", "x", "", "1" * 40])
def test_an_explicit_hash_key_that_is_no_number_is_refused(kinesis: Any, stream: str, text: str) -> None:
    constraint = "failed to satisfy constraint: Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})"
    one = {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": text}
    assert refusal(kinesis.put_record, StreamName=stream, **one) == (
        "ValidationException",
        f"1 validation error detected: Value '{text}' at 'explicitHashKey' {constraint}",
    )
    assert refusal(kinesis.put_records, StreamName=stream, Records=[one]) == (
        "ValidationException",
        f"1 validation error detected: Value '{text}' at 'records.1.member.explicitHashKey' {constraint}",
    )


def test_a_record_without_partition_key_is_refused(kinesis: Any, stream: str) -> None:
    constraint = "failed to satisfy constraint: Member must not be null"
    assert refusal(kinesis.put_record, StreamName=stream, Data=b"x") == (
        "ValidationException",
        f"1 validation error detected: Value null at 'partitionKey' {constraint}",
    )
    assert refusal(kinesis.put_records, StreamName=stream, Records=[{"Data": b"x"}]) == (
        "ValidationException",
        f"1 validation error detected: Value null at 'records.1.member.partitionKey' {constraint}",
    )


def test_a_dry_run_checks_and_writes_nothing(kinesis: Any, stream: str) -> None:
    code, message = refusal(kinesis.put_record, StreamName=stream, Data=b"x", PartitionKey="k", DryRun=True)
    assert (code, message) == (
        "DryRunOperationException",
        "The request was rejected because the DryRun parameter was specified.",
    )
    assert not any(read_all(kinesis, stream).values())


def test_an_encrypted_stream_says_so_in_every_answer(kinesis: Any, stream: str) -> None:
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    assert kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k")["EncryptionType"] == "KMS"
    answer = kinesis.put_records(StreamName=stream, Records=[{"Data": b"x", "PartitionKey": "k"}])
    assert answer["EncryptionType"] == "KMS"
    (records,) = [found for found in read_all(kinesis, stream).values() if found]
    assert [record["EncryptionType"] for record in records] == ["KMS", "KMS"]
