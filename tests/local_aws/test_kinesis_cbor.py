"""The binary protocol of the AWS SDKs for Java, which Flink's connectors speak."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import cbor2
import pytest

SHARD = "shardId-000000000000"
MILLIS_TAG = 1


class Call:
    """Calls Kinesis in CBOR; times come back as their raw milliseconds."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __call__(self, action: str, **members: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            self.endpoint,
            cbor2.dumps(members),
            {
                "X-Amz-Target": f"Kinesis_20131202.{action}",
                "Content-Type": "application/x-amz-cbor-1.1",
                "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/kinesis/aws4_request",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert answer.headers["Content-Type"] == "application/x-amz-cbor-1.1"
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        decoded: dict[str, Any] = cbor2.loads(body, semantic_decoders={MILLIS_TAG: lambda millis, _: millis})
        return decoded


@pytest.fixture
def call(local_aws: str) -> Call:
    return Call(local_aws)


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    """A stream of one shard."""
    name = f"cbor-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield name
    kinesis.delete_stream(StreamName=name)


def test_records_are_written_and_read_as_byte_strings(call: Call, stream: str) -> None:
    one = call("PutRecord", StreamName=stream, Data=b"\x00one", PartitionKey="k")
    assert one["ShardId"] == SHARD
    many = call("PutRecords", StreamName=stream, Records=[{"Data": b"\xfftwo", "PartitionKey": "k"}])
    assert many["FailedRecordCount"] == 0
    start = call("GetShardIterator", StreamName=stream, ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    records = call("GetRecords", ShardIterator=start["ShardIterator"])["Records"]
    assert [record["Data"] for record in records] == [b"\x00one", b"\xfftwo"]


def test_times_are_whole_milliseconds(call: Call, stream: str) -> None:
    before = int(time.time() * 1000)
    call("PutRecord", StreamName=stream, Data=b"x", PartitionKey="k")
    start = call("GetShardIterator", StreamName=stream, ShardId=SHARD, ShardIteratorType="TRIM_HORIZON")
    (record,) = call("GetRecords", ShardIterator=start["ShardIterator"])["Records"]
    arrived = record["ApproximateArrivalTimestamp"]
    assert isinstance(arrived, int)
    assert before <= arrived <= time.time() * 1000
    created = call("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    assert 0 <= before - created < 60_000


def test_a_reader_can_start_at_a_time_in_milliseconds(call: Call, stream: str) -> None:
    call("PutRecord", StreamName=stream, Data=b"x", PartitionKey="k")
    moment = cbor2.CBORTag(MILLIS_TAG, int(time.time() * 1000) - 60_000)
    start = call(
        "GetShardIterator", StreamName=stream, ShardId=SHARD, ShardIteratorType="AT_TIMESTAMP", Timestamp=moment
    )
    assert len(call("GetRecords", ShardIterator=start["ShardIterator"])["Records"]) == 1


def test_an_error_comes_in_cbor_too(call: Call) -> None:
    error = call("DescribeStream", StreamName="nowhere")
    assert error == {
        "__type": "ResourceNotFoundException",
        "message": "Stream nowhere under account 000000000000 not found.",
    }
