"""Log groups and streams: what CloudWatch Logs answers, and what it refuses.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def logs(local_aws: str) -> Any:
    unchecked = Config(parameter_validation=False)
    return boto3.client("logs", endpoint_url=local_aws, region_name="us-east-1", config=unchecked)


@pytest.fixture
def group(logs: Any) -> str:
    name = f"/lab/{uuid.uuid4().hex}"
    logs.create_log_group(logGroupName=name)
    return name


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_groups_and_streams_exist_once(logs: Any, group: str) -> None:
    assert refused(logs.create_log_group, logGroupName=group) == (
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    )
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    assert refused(logs.create_log_stream, logGroupName=group, logStreamName="a") == (
        "ResourceAlreadyExistsException",
        "The specified log stream already exists",
    )


def test_missing_groups_and_streams_are_not_named(logs: Any, group: str) -> None:
    no_group = ("ResourceNotFoundException", "The specified log group does not exist.")
    no_stream = ("ResourceNotFoundException", "The specified log stream does not exist.")
    assert refused(logs.get_log_events, logGroupName="none", logStreamName="a") == no_group
    assert refused(logs.delete_log_group, logGroupName="none") == no_group
    assert refused(logs.describe_log_streams, logGroupName="none") == no_group
    assert refused(logs.filter_log_events, logGroupName="none") == no_group
    assert refused(logs.get_log_events, logGroupName=group, logStreamName="a") == no_stream
    assert refused(logs.delete_log_stream, logGroupName=group, logStreamName="a") == no_stream
    assert refused(logs.filter_log_events, logGroupName=group, logStreamNames=["a"]) == no_stream


def test_names_have_at_most_512_characters_of_those_allowed(logs: Any) -> None:
    longest = uuid.uuid4().hex * 16
    logs.create_log_group(logGroupName=longest)
    assert refused(logs.create_log_group, logGroupName=longest + "a") == (
        "InvalidParameterException",
        "Invalid LogGroup or LogStream, both must have length less than or equal to 512.",
    )
    assert refused(logs.create_log_group, logGroupName="a b") == (
        "InvalidParameterException",
        "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
    )


def test_groups_are_described_by_prefix_or_by_pattern(logs: Any, group: str) -> None:
    [shown] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    assert shown.pop("creationTime") > 0
    assert shown == {
        "logGroupName": group,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "logGroupClass": "STANDARD",
        "metricFilterCount": 0,
        "storedBytes": 0,
        "deletionProtectionEnabled": False,
    }
    assert refused(logs.describe_log_groups, logGroupNamePrefix="a", logGroupNamePattern="a") == (
        "InvalidParameterException",
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
    )


def test_groups_are_listed_in_pages(logs: Any) -> None:
    mark = uuid.uuid4().hex[:20]
    for name in "cab":
        logs.create_log_group(logGroupName=f"{mark}/{name}")
    first = logs.list_log_groups(logGroupNamePattern=f"^{mark}", limit=2)
    second = logs.list_log_groups(logGroupNamePattern=f"^{mark}", limit=2, nextToken=first["nextToken"])
    assert [g["logGroupName"] for g in [*first["logGroups"], *second["logGroups"]]] == [f"{mark}/{n}" for n in "abc"]
    assert "nextToken" not in second
    assert logs.list_log_groups(logGroupNamePattern="no-such-group")["logGroups"] == []


def test_streams_are_described_by_name_or_arn_of_their_group(logs: Any, group: str) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    by_name = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert by_name[0].pop("creationTime") > 0
    assert by_name == [{"logStreamName": "a", "arn": f"{arn}:log-stream:a", "storedBytes": 0}]
    for identifier in (group, arn):
        [found] = logs.describe_log_streams(logGroupIdentifier=identifier)["logStreams"]
        assert found["logStreamName"] == "a"
    assert refused(logs.describe_log_streams, logGroupName=group, logGroupIdentifier=group) == (
        "ValidationException",
        "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
    )


def test_streams_cannot_be_ordered_by_time_within_a_prefix(logs: Any, group: str) -> None:
    request = {"logGroupName": group, "logStreamNamePrefix": "a", "orderBy": "LastEventTime"}
    assert refused(logs.describe_log_streams, **request) == (
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
    )


def test_pages_hold_at_most_50_groups_and_begin_at_tokens_of_ours(logs: Any) -> None:
    assert refused(logs.describe_log_groups, limit=51) == (
        "InvalidParameterException",
        "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 50",
    )
    token = ("InvalidParameterException", "The specified nextToken is invalid.")
    assert refused(logs.describe_log_groups, nextToken="bad token") == token
    assert refused(logs.list_log_groups, nextToken="bad token") == token


def test_tags_of_a_group_are_kept(logs: Any) -> None:
    name = uuid.uuid4().hex
    logs.create_log_group(logGroupName=name, tags={"env": "lab"})
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"
    logs.tag_resource(resourceArn=arn, tags={"a b": "1"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"env": "lab", "a b": "1"}
