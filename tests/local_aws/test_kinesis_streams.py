"""Streams: create, describe, list, change, delete, tag."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    """A provisioned stream of one shard."""
    name = f"str-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield name
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


def arn_of(stream: str) -> str:
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def summary(kinesis: Any, stream: str) -> dict[str, Any]:
    answer: dict[str, Any] = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    return answer


def test_a_new_stream_is_described_as_aws_does(kinesis: Any, stream: str) -> None:
    kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    created = described.pop("StreamCreationTimestamp")
    assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - created < dt.timedelta(minutes=1)
    (shard,) = described.pop("Shards")
    assert shard.pop("SequenceNumberRange").keys() == {"StartingSequenceNumber"}
    assert shard == {
        "ShardId": "shardId-000000000000",
        "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)},
    }
    common = {
        "StreamName": stream,
        "StreamARN": arn_of(stream),
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "RetentionPeriodHours": 24,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        "EncryptionType": "NONE",
    }
    assert described == {**common, "HasMoreShards": False}
    assert summary(kinesis, stream) == {
        **common,
        "StreamCreationTimestamp": created,
        "OpenShardCount": 1,
        "ConsumerCount": 0,
        "MaxRecordSizeInKiB": 1024,
    }


def test_an_on_demand_stream_starts_with_four_shards(kinesis: Any) -> None:
    name = f"od-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    found = summary(kinesis, name)
    assert (found["StreamModeDetails"], found["OpenShardCount"]) == ({"StreamMode": "ON_DEMAND"}, 4)
    refused = f"Request is invalid. Stream {name} under account {ACCOUNT} is in On-Demand mode."
    for call, request in (
        (kinesis.update_shard_count, {"TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}),
        (kinesis.split_shard, {"ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "5"}),
        (kinesis.merge_shards, {"ShardToMerge": "0", "AdjacentShardToMerge": "1"}),
    ):
        assert refusal(call, StreamName=name, **request) == ("ValidationException", refused)
    kinesis.delete_stream(StreamName=name)


@pytest.mark.parametrize("name", ["a", "A_b.c-9", "x" * 128])
def test_a_name_of_the_allowed_characters_and_length_is_taken(kinesis: Any, name: str) -> None:
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.delete_stream(StreamName=name)


def test_a_name_with_other_characters_or_too_long_is_refused(kinesis: Any) -> None:
    assert refusal(kinesis.create_stream, StreamName="a b", ShardCount=1) == (
        "ValidationException",
        "1 validation error detected: Value 'a b' at 'streamName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    )
    name = "x" * 129
    assert refusal(kinesis.create_stream, StreamName=name, ShardCount=1) == (
        "ValidationException",
        f"1 validation error detected: Value '{name}' at 'streamName' failed to satisfy constraint: "
        "Member must have length less than or equal to 128",
    )


def test_a_second_stream_of_the_name_is_refused(kinesis: Any, stream: str) -> None:
    assert refusal(kinesis.create_stream, StreamName=stream, ShardCount=1) == (
        "ResourceInUseException",
        f"Stream {stream} under account {ACCOUNT} already exists.",
    )


def test_the_shard_count_decides_the_mode_unless_it_is_given(kinesis: Any) -> None:
    name = f"mode-{uuid4().hex}"
    kinesis.create_stream(StreamName=name)
    found = summary(kinesis, name)
    assert (found["StreamModeDetails"], found["OpenShardCount"]) == ({"StreamMode": "ON_DEMAND"}, 4)
    kinesis.delete_stream(StreamName=name)
    for mode, more in (("PROVISIONED", {}), ("ON_DEMAND", {"ShardCount": 1})):
        request = {"StreamName": name, "StreamModeDetails": {"StreamMode": mode}, **more}
        assert refusal(kinesis.create_stream, **request)[0] == "ValidationException"


def test_more_shards_than_the_account_may_have_are_refused(kinesis: Any) -> None:
    limits = kinesis.describe_limits()
    room = limits["ShardLimit"] - limits["OpenShardCount"]
    assert refusal(kinesis.create_stream, StreamName="huge", ShardCount=room + 1) == (
        "LimitExceededException",
        f"This request would exceed the shard limit for the account {ACCOUNT} in us-east-1. "
        f"Current shard count for the account: {limits['OpenShardCount']}. Limit: 20000. "
        f"Number of additional shards that would have resulted from this request: {room + 1}. "
        "Refer to the AWS Service Limits page "
        "(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) "
        "for current limits and how to request higher limits.",
    )


def test_a_deleted_stream_is_gone(kinesis: Any) -> None:
    name = f"gone-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.delete_stream(StreamARN=arn_of(name))
    kinesis.get_waiter("stream_not_exists").wait(StreamName=name)
    expected = ("ResourceNotFoundException", f"Stream {name} under account {ACCOUNT} not found.")
    for call in (kinesis.describe_stream, kinesis.describe_stream_summary, kinesis.delete_stream, kinesis.list_shards):
        assert refusal(call, StreamName=name) == expected


def test_a_stream_with_consumers_is_deleted_only_by_force(kinesis: Any) -> None:
    name = f"con-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.register_stream_consumer(StreamARN=arn_of(name), ConsumerName="reader")
    assert refusal(kinesis.delete_stream, StreamName=name)[0] == "ResourceInUseException"
    assert summary(kinesis, name)["ConsumerCount"] == 1
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
    assert refusal(kinesis.describe_stream, StreamName=name)[0] == "ResourceNotFoundException"


def test_streams_are_listed_in_pages_by_name(kinesis: Any) -> None:
    prefix = f"list-{uuid4().hex}"
    names = [f"{prefix}-{i}" for i in range(5)]
    for name in names:
        kinesis.create_stream(StreamName=name, ShardCount=1)
    first = kinesis.list_streams(ExclusiveStartStreamName=prefix, Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (names[:2], True)
    assert [s["StreamARN"] for s in first["StreamSummaries"]] == [arn_of(name) for name in names[:2]]
    assert kinesis.list_streams(NextToken=first["NextToken"], Limit=2)["StreamNames"] == names[2:4]
    pages = kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 2})
    assert [n for page in pages for n in page["StreamNames"] if n.startswith(prefix)] == names
    for name in names:
        kinesis.delete_stream(StreamName=name)


def test_the_mode_can_be_changed_twice_a_day(kinesis: Any, stream: str) -> None:
    for mode in ("ON_DEMAND", "PROVISIONED"):
        kinesis.update_stream_mode(StreamARN=arn_of(stream), StreamModeDetails={"StreamMode": mode})
        assert summary(kinesis, stream)["StreamModeDetails"] == {"StreamMode": mode}
    code, _ = refusal(
        kinesis.update_stream_mode, StreamARN=arn_of(stream), StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    assert code == "LimitExceededException"


@pytest.mark.parametrize("hours", [24, 25, 8760])
def test_retention_from_24_to_8760_hours_is_taken(kinesis: Any, stream: str, hours: int) -> None:
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=hours)
    assert summary(kinesis, stream)["RetentionPeriodHours"] == hours
    kinesis.decrease_stream_retention_period(StreamName=stream, RetentionPeriodHours=24)
    assert summary(kinesis, stream)["RetentionPeriodHours"] == 24


def test_retention_outside_the_limits_or_the_wrong_way_is_refused(kinesis: Any, stream: str) -> None:
    more, less = kinesis.increase_stream_retention_period, kinesis.decrease_stream_retention_period
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=30)
    for call in (more, less):
        assert refusal(call, StreamName=stream, RetentionPeriodHours=23) == (
            "InvalidArgumentException",
            "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.",
        )
        assert refusal(call, StreamName=stream, RetentionPeriodHours=8761) == (
            "InvalidArgumentException",
            "Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.",
        )
    assert refusal(more, StreamName=stream, RetentionPeriodHours=25) == (
        "InvalidArgumentException",
        f"Requested retention period (25 hours) for stream {stream} can not be shorter than existing retention period "
        "(30 hours). Use DecreaseRetentionPeriod API.",
    )
    assert refusal(less, StreamName=stream, RetentionPeriodHours=31) == (
        "InvalidArgumentException",
        f"Requested retention period (31 hours) for stream {stream} can not be longer than existing retention period "
        "(30 hours). Use IncreaseRetentionPeriod API.",
    )


@pytest.mark.parametrize("size", [1024, 10_240])
def test_a_record_size_from_1_to_10_mib_is_taken(kinesis: Any, stream: str, size: int) -> None:
    kinesis.update_max_record_size(StreamARN=arn_of(stream), MaxRecordSizeInKiB=size)
    assert summary(kinesis, stream)["MaxRecordSizeInKiB"] == size


def test_a_record_size_above_10_mib_is_refused(kinesis: Any, stream: str) -> None:
    assert refusal(kinesis.update_max_record_size, StreamARN=arn_of(stream), MaxRecordSizeInKiB=10_241) == (
        "ValidationException",
        "1 validation error detected: Value '10241' at 'maxRecordSizeInKiB' failed to satisfy constraint: "
        "Member must have value less than or equal to 10240",
    )


def test_encryption_is_shown_while_it_is_on(kinesis: Any, stream: str) -> None:
    kinesis.start_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert (described["EncryptionType"], described["KeyId"]) == ("KMS", "alias/aws/kinesis")
    kinesis.stop_stream_encryption(StreamName=stream, EncryptionType="KMS", KeyId="alias/aws/kinesis")
    described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert described["EncryptionType"] == "NONE"
    assert "KeyId" not in described


def test_tags_are_added_listed_and_removed_both_ways(kinesis: Any, stream: str) -> None:
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"b": "2", "a": "1"})
    kinesis.tag_resource(ResourceARN=arn_of(stream), Tags={"c": "", "a": "3"})
    expected = [{"Key": "a", "Value": "3"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": ""}]
    assert kinesis.list_tags_for_resource(ResourceARN=arn_of(stream))["Tags"] == expected
    first = kinesis.list_tags_for_stream(StreamName=stream, Limit=2)
    assert (first["Tags"], first["HasMoreTags"]) == (expected[:2], True)
    rest = kinesis.list_tags_for_stream(StreamName=stream, ExclusiveStartTagKey="b")
    assert (rest["Tags"], rest["HasMoreTags"]) == (expected[2:], False)
    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=["a", "unknown"])
    kinesis.untag_resource(ResourceARN=arn_of(stream), TagKeys=["b"])
    assert kinesis.list_tags_for_stream(StreamName=stream)["Tags"] == expected[2:]


def test_a_stream_is_created_with_tags(kinesis: Any) -> None:
    name = f"tag-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"project": "lab"})
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "project", "Value": "lab"}]
    kinesis.delete_stream(StreamName=name)


def test_a_stream_has_50_tags_at_most(kinesis: Any, stream: str) -> None:
    kinesis.add_tags_to_stream(StreamName=stream, Tags={f"k{i:02d}": "v" for i in range(50)})
    assert refusal(kinesis.add_tags_to_stream, StreamName=stream, Tags={"one-more": "v"}) == (
        "InvalidArgumentException",
        f"Failed to add tags to stream {stream} under account {ACCOUNT} "
        "because a given stream cannot have more than 50 tags associated with it.",
    )
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"k00": "changed"})


def test_a_tag_of_other_characters_is_refused(kinesis: Any, stream: str) -> None:
    assert refusal(kinesis.add_tags_to_stream, StreamName=stream, Tags={"a": "b#"}) == (
        "InvalidArgumentException",
        "Some tags contain invalid characters. Valid characters: "
        "Unicode letters, digits, white space, _ . / = + - % @ :.",
    )


def test_an_arn_of_another_region_finds_nothing(kinesis: Any, stream: str) -> None:
    elsewhere = arn_of(stream).replace("us-east-1", "eu-west-1")
    assert refusal(kinesis.describe_stream, StreamARN=elsewhere)[0] == "ResourceNotFoundException"


def test_a_request_that_names_no_stream_is_refused(kinesis: Any) -> None:
    assert refusal(kinesis.describe_stream)[0] == "InvalidArgumentException"


def test_metrics_are_switched_on_and_off(kinesis: Any, stream: str) -> None:
    kinesis.enable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=["OutgoingBytes", "IncomingBytes"])
    assert summary(kinesis, stream)["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["IncomingBytes", "OutgoingBytes"]}]
    answer = kinesis.disable_enhanced_monitoring(StreamName=stream, ShardLevelMetrics=["ALL"])
    assert answer["CurrentShardLevelMetrics"] == ["IncomingBytes", "OutgoingBytes"]
    assert answer["DesiredShardLevelMetrics"] == []


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ('{"Limit": null}', 200, None),
        ("[" * 100_000, 400, "SerializationException"),
        ("[]", 400, "SerializationException"),
    ],
)
def test_bodies_as_clients_may_write_them(local_aws: str, body: str, status: int, kind: str | None) -> None:
    credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request"
    headers = {
        "Authorization": credential,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "Kinesis_20131202.ListStreams",
    }
    try:
        answer: Any = urlopen(Request(local_aws, body.encode(), headers), timeout=10)
    except HTTPError as error:
        answer = error
    with answer:
        assert (answer.status, json.load(answer).get("__type")) == (status, kind)
