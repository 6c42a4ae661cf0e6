"""Queries of CloudWatch Logs Insights, as they are listed and refused.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueries.html
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def logs(client: Callable[[str], Any]) -> Any:
    return client("logs")


def test_queries_are_listed_with_their_groups_and_times(logs: Any) -> None:
    group, now = uuid.uuid4().hex, int(time.time())
    logs.create_log_group(logGroupName=group)
    assert logs.describe_queries(logGroupName=group)["queries"] == []
    first, second = (
        logs.start_query(logGroupName=group, startTime=now - 60, endTime=now, queryString="fields @message")["queryId"]
        for _ in range(2)
    )
    shown = logs.describe_queries(logGroupName=group, status="Complete")["queries"]
    assert [query["queryId"] for query in shown] == [second, first]
    assert shown[0].pop("createTime") >= now * 1000
    assert shown[0] == {
        "queryLanguage": "CWLI",
        "queryId": second,
        "queryString": f'SOURCE "{group}" START={now - 60}000 END={now}999 | fields @message',
        "status": "Complete",
        "logGroupName": group,
    }
    assert logs.describe_queries(logGroupName=group, status="Scheduled")["queries"] == []
    page = logs.describe_queries(logGroupName=group, maxResults=1)
    rest = logs.describe_queries(logGroupName=group, maxResults=1, nextToken=page["nextToken"])
    assert [rest["queries"][0]["queryId"], "nextToken" in rest] == [first, False]


def test_a_query_over_a_missing_group_is_refused(logs: Any) -> None:
    with pytest.raises(ClientError) as caught:
        logs.start_query(logGroupName="none", startTime=0, endTime=1, queryString="fields @message")
    error = caught.value.response["Error"]
    assert error["Code"] == "ResourceNotFoundException"
    assert error["Message"].startswith(
        "Log group 'none' does not exist for account ID '000000000000' (Service: AWSLogs;"
    )
