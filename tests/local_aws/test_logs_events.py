"""Log events: which batches CloudWatch Logs takes, and how events are read again.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

HOUR_MILLIS = 3_600_000
DAY_MILLIS = 24 * HOUR_MILLIS


@pytest.fixture(scope="module")
def logs(local_aws: str) -> Any:
    unchecked = Config(parameter_validation=False)
    return boto3.client("logs", endpoint_url=local_aws, region_name="us-east-1", config=unchecked)


@pytest.fixture
def stream(logs: Any) -> dict[str, str]:
    name = uuid.uuid4().hex
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="a")
    return {"logGroupName": name, "logStreamName": "a"}


def now() -> int:
    return int(time.time() * 1000)


def events(*moments: int, message: str = "m") -> list[dict[str, Any]]:
    return [{"timestamp": moment, "message": message} for moment in moments]


def refused(call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    return str(caught.value.response["Error"]["Message"])


def test_a_batch_is_in_chronological_order_and_within_a_day(logs: Any, stream: dict[str, str]) -> None:
    moment = now()
    assert refused(logs.put_log_events, **stream, logEvents=events(moment, moment - 1)) == (
        "Log events in a single PutLogEvents request must be in chronological order."
    )
    assert refused(logs.put_log_events, **stream, logEvents=events(moment - DAY_MILLIS - 1, moment)) == (
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    )
    assert logs.get_log_events(**stream)["events"] == []
    logs.put_log_events(**stream, logEvents=events(moment - DAY_MILLIS, moment, moment))
    assert len(logs.get_log_events(**stream)["events"]) == 3


def test_a_batch_has_1_to_10000_events_of_1_mib_together(logs: Any, stream: dict[str, str]) -> None:
    where = "1 validation error detected: Value {} failed to satisfy constraint: Member must have length {}"
    assert refused(logs.put_log_events, **stream, logEvents=[]) == where.format(
        "'[]' at 'logEvents'", "greater than or equal to 1"
    )
    assert refused(logs.put_log_events, **stream, logEvents=events(*[now()] * 10_001)) == where.format(
        "at 'logEvents'", "less than or equal to 10000"
    )
    assert refused(logs.put_log_events, **stream, logEvents=events(now(), message="")) == where.format(
        "'' at 'logEvents.1.member.message'", "greater than or equal to 1"
    )
    largest = "é" * ((2**20 - 26) // 2)
    logs.put_log_events(**stream, logEvents=events(now(), message=largest))
    assert refused(logs.put_log_events, **stream, logEvents=events(now(), message=largest + "a")) == (
        "Upload too large: 1048577 bytes exceeds limit of 1048576"
    )


def test_events_too_old_or_too_new_are_left_out_and_counted(logs: Any, stream: dict[str, str]) -> None:
    moment = now()
    old, new = moment - 15 * DAY_MILLIS, moment + 3 * HOUR_MILLIS
    answer = logs.put_log_events(**stream, logEvents=events(old, old))
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 2}
    assert answer["nextSequenceToken"]
    answer = logs.put_log_events(**stream, logEvents=events(moment, moment + HOUR_MILLIS, new))
    assert answer["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 2}
    kept = [event["timestamp"] for event in logs.get_log_events(**stream)["events"]]
    assert kept == [moment, moment + HOUR_MILLIS]


def test_events_past_the_groups_retention_are_left_out(logs: Any, stream: dict[str, str]) -> None:
    logs.put_retention_policy(logGroupName=stream["logGroupName"], retentionInDays=1)
    moment = now()
    answer = logs.put_log_events(
        **stream, logEvents=events(moment - DAY_MILLIS - HOUR_MILLIS, moment - 2 * HOUR_MILLIS)
    )
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    assert len(logs.get_log_events(**stream)["events"]) == 1


def test_reading_takes_limits_up_to_10000_and_tokens_of_ours(logs: Any, stream: dict[str, str]) -> None:
    group = stream["logGroupName"]
    limit = (
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 10000"
    )
    assert refused(logs.get_log_events, **stream, limit=10_001) == limit
    assert refused(logs.filter_log_events, logGroupName=group, limit=10_001) == limit
    token = "The specified nextToken is invalid."
    assert refused(logs.get_log_events, **stream, nextToken="invalid-token") == token
    assert refused(logs.filter_log_events, logGroupName=group, nextToken="invalid-token") == token


def test_a_group_is_read_by_name_or_arn(logs: Any, stream: dict[str, str]) -> None:
    logs.put_log_events(**stream, logEvents=events(now()))
    name = stream["logGroupName"]
    for identifier in (name, f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"):
        assert len(logs.get_log_events(logGroupIdentifier=identifier, logStreamName="a")["events"]) == 1
        assert len(logs.filter_log_events(logGroupIdentifier=identifier)["events"]) == 1


def test_filtered_events_come_in_pages_by_time_whichever_stream_they_are_of(logs: Any, stream: dict[str, str]) -> None:
    group, moment = stream["logGroupName"], now()
    logs.create_log_stream(logGroupName=group, logStreamName="b")
    for name, offsets in (("a", (0, 2, 2, 4)), ("b", (1, 2, 5))):
        batch = events(*(moment + offset for offset in offsets))
        logs.put_log_events(logGroupName=group, logStreamName=name, logEvents=batch)
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2}))
    found = [event for page in pages for event in page["events"]]
    assert [event["timestamp"] - moment for event in found] == [0, 1, 2, 2, 2, 4, 5]
    assert len({event["eventId"] for event in found}) == 7
    assert [len(page["events"]) for page in pages] == [2, 2, 2, 1]
    inner = logs.filter_log_events(logGroupName=group, startTime=moment + 1, endTime=moment + 4)["events"]
    assert [event["timestamp"] - moment for event in inner] == [1, 2, 2, 2, 4]
    of_b = logs.filter_log_events(logGroupName=group, logStreamNamePrefix="b")["events"]
    assert [event["logStreamName"] for event in of_b] == ["b"] * 3


def test_streams_are_filtered_by_names_or_by_prefix(logs: Any, stream: dict[str, str]) -> None:
    request = {"logGroupName": stream["logGroupName"], "logStreamNames": ["a"], "logStreamNamePrefix": "a"}
    assert refused(logs.filter_log_events, **request) == (
        "logStreamNamePrefix and logStreamNames are mutually exclusive parameters."
    )
