"""Queries of CloudWatch Logs Insights: which there were.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueries.html
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch_logs as emulator

from helpers.local.aws_error import AwsError
from helpers.local.logs.checking import named_by
from helpers.local.logs.page_token import opened_number, sealed

DEFAULT_LISTED = 1000


def check(request: dict[str, Any]) -> None:
    """Refuse a query over a group that is not there."""
    given = [request.get("logGroupName"), *request.get("logGroupNames", []), *request.get("logGroupIdentifiers", [])]
    for name in (named_by(each) for each in given if each is not None):
        if name not in emulator._log_groups:
            raise AwsError(
                "ResourceNotFoundException",
                f"Log group '{name}' does not exist for account ID '{get_account_id()}' (Service: AWSLogs; Status "
                f"Code: 400; Error Code: ResourceNotFoundException; Request ID: {uuid.uuid4()}; Proxy: null)",
            )


def remembered(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's answer to StartQuery, and keep when that was."""
    emulator._queries[answer["queryId"]]["createTime"] = int(time.time() * 1000)
    return answer


def describe_queries(request: dict[str, Any]) -> dict[str, Any]:
    """Return the queries, the newest first, as AWS writes them: with their groups and times."""
    begin = opened_number(request["nextToken"]) if "nextToken" in request else 0
    newest = reversed(list(emulator._queries.values()))
    found = [
        shown
        for shown in map(_shown, newest)
        if shown["logGroupName"] == request.get("logGroupName", shown["logGroupName"])
        and shown["status"] == request.get("status", shown["status"])
    ]
    end = begin + request.get("maxResults", DEFAULT_LISTED)
    return {"queries": found[begin:end], **({"nextToken": sealed(end)} if end < len(found) else {})}


def _shown(query: dict[str, Any]) -> dict[str, Any]:
    groups = [query["logGroupName"], *query["logGroupNames"], *query["logGroupIdentifiers"]]
    names = [named_by(each) for each in groups if each]
    source = " ".join(f'"{name}"' for name in names)
    return {
        "queryLanguage": "CWLI",
        "queryId": query["queryId"],
        "queryString": f"SOURCE {source} START={query['startTime']}000 END={query['endTime']}999 | "
        f"{query['queryString']}",
        "status": query["status"],
        "createTime": query["createTime"],
        "logGroupName": names[0],
    }
