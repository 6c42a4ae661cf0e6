"""Consumers with enhanced fan-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
SHARD = "shardId-000000000000"


@pytest.fixture
def arn(kinesis: Any) -> Iterator[str]:
    """ARN of a stream of one shard."""
    name = f"fan-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{name}"
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def register(kinesis: Any, arn: str, name: str = "reader") -> str:
    return str(kinesis.register_stream_consumer(StreamARN=arn, ConsumerName=name)["Consumer"]["ConsumerARN"])


def subscribe(kinesis: Any, consumer: str, **position: Any) -> Iterator[dict[str, Any]]:
    answer = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=SHARD, StartingPosition=position)
    return (event["SubscribeToShardEvent"] for event in answer["EventStream"])


def test_a_registered_consumer_becomes_active(kinesis: Any, arn: str) -> None:
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")["Consumer"]
    assert consumer["ConsumerStatus"] == "CREATING"
    assert consumer["ConsumerARN"].startswith(f"{arn}/consumer/reader:")
    for request in ({"ConsumerARN": consumer["ConsumerARN"]}, {"StreamARN": arn, "ConsumerName": "reader"}):
        assert kinesis.describe_stream_consumer(**request)["ConsumerDescription"] == {
            **consumer,
            "ConsumerStatus": "ACTIVE",
            "StreamARN": arn,
        }


def test_a_consumers_name_is_taken_once(kinesis: Any, arn: str) -> None:
    register(kinesis, arn)
    code, message = refusal(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName="reader")
    assert code == "ResourceInUseException"
    assert "already exists" in message


def test_a_stream_has_20_consumers_at_most(kinesis: Any, arn: str) -> None:
    for i in range(20):
        register(kinesis, arn, f"reader-{i:02d}")
    code, _ = refusal(kinesis.register_stream_consumer, StreamARN=arn, ConsumerName="one-more")
    assert code == "LimitExceededException"
    first = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=15)
    rest = kinesis.list_stream_consumers(StreamARN=arn, NextToken=first["NextToken"])
    names = [consumer["ConsumerName"] for consumer in first["Consumers"] + rest["Consumers"]]
    assert names == [f"reader-{i:02d}" for i in range(20)]
    assert "NextToken" not in rest


def test_a_deregistered_consumer_is_gone(kinesis: Any, arn: str) -> None:
    consumer = register(kinesis, arn)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    assert refusal(kinesis.describe_stream_consumer, ConsumerARN=consumer) == (
        "ResourceNotFoundException",
        f"Consumer {consumer}, account {ACCOUNT} not found.",
    )
    assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []


def test_a_subscription_pushes_old_and_new_records(kinesis: Any, arn: str) -> None:
    kinesis.put_record(StreamARN=arn, Data=b"old", PartitionKey="k")
    events = subscribe(kinesis, register(kinesis, arn), Type="TRIM_HORIZON")
    first = next(event for event in events if event["Records"])
    assert [(r["Data"], r["PartitionKey"]) for r in first["Records"]] == [(b"old", "k")]
    assert first["ContinuationSequenceNumber"] == first["Records"][0]["SequenceNumber"]
    assert first["MillisBehindLatest"] == 0
    kinesis.put_record(StreamARN=arn, Data=b"new", PartitionKey="k")
    second = next(event for event in events if event["Records"])
    assert [record["Data"] for record in second["Records"]] == [b"new"]


def test_a_subscription_continues_after_a_sequence_number(kinesis: Any, arn: str) -> None:
    numbers = [
        kinesis.put_record(StreamARN=arn, Data=data, PartitionKey="k")["SequenceNumber"] for data in (b"a", b"b", b"c")
    ]
    events = subscribe(kinesis, register(kinesis, arn), Type="AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[0])
    assert [record["Data"] for record in next(events)["Records"]] == [b"b", b"c"]


def test_a_second_subscription_within_five_seconds_is_refused(kinesis: Any, arn: str) -> None:
    consumer = register(kinesis, arn)
    subscribe(kinesis, consumer, Type="LATEST")
    position = {"Type": "LATEST"}
    request = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": position}
    assert refusal(kinesis.subscribe_to_shard, **request)[0] == "ResourceInUseException"


def test_a_subscription_ends_with_the_children_of_a_closed_shard(kinesis: Any, arn: str) -> None:
    kinesis.put_record(StreamARN=arn, Data=b"a", PartitionKey="k")
    kinesis.split_shard(StreamARN=arn, ShardToSplit=SHARD, NewStartingHashKey="100")
    events = list(subscribe(kinesis, register(kinesis, arn), Type="TRIM_HORIZON"))
    assert [record["Data"] for event in events for record in event["Records"]] == [b"a"]
    assert [child["ShardId"][-1] for child in events[-1]["ChildShards"]] == ["1", "2"]


def test_a_subscription_of_an_unknown_consumer_or_shard_is_refused(kinesis: Any, arn: str) -> None:
    consumer = register(kinesis, arn)
    position = {"Type": "LATEST"}
    request = {"ConsumerARN": consumer, "ShardId": "shardId-000000000009", "StartingPosition": position}
    assert refusal(kinesis.subscribe_to_shard, **request)[0] == "ResourceNotFoundException"
    unknown = {**request, "ConsumerARN": f"{arn}/consumer/nobody:1", "ShardId": SHARD}
    assert refusal(kinesis.subscribe_to_shard, **unknown)[0] == "ResourceNotFoundException"
