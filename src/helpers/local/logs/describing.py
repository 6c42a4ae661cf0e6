"""Log groups and streams as AWS lists them."""

from __future__ import annotations

import re
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.logs.checking import invalid
from helpers.local.logs.page_token import opened, opened_number, sealed

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html
MAX_LISTED = 1000
DEFAULT_LISTED = 50


def list_log_groups(request: dict[str, Any]) -> dict[str, Any]:
    """Return the groups whose names a regular expression finds, in the order of their names."""
    wanted, limit = request.get("logGroupNamePattern", ""), request.get("limit", DEFAULT_LISTED)
    after = str(opened(request["nextToken"])) if "nextToken" in request else ""
    found = [
        (name, group)
        for name, group in sorted(emulator._log_groups.items())
        if name > after
        and re.search(wanted, name)
        and group_class(group) == request.get("logGroupClass", group_class(group))
    ]
    page = found[:limit]
    return {
        "logGroups": [
            {
                "logGroupName": name,
                "logGroupArn": emulator._make_group_arn_no_star(name),
                "logGroupClass": group_class(group),
            }
            for name, group in page
        ],
        **({"nextToken": sealed(page[-1][0])} if len(found) > len(page) else {}),
    }


def group_class(group: dict[str, Any]) -> str:
    return group.get("logGroupClass") or "STANDARD"


def check_groups(request: dict[str, Any]) -> None:
    """Refuse a DescribeLogGroups by two ways at once."""
    if "logGroupNamePrefix" in request and "logGroupNamePattern" in request:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    _check_token(request)


def check_streams(request: dict[str, Any]) -> None:
    """Refuse a DescribeLogStreams by two orders at once."""
    if request.get("orderBy") == "LastEventTime" and "logStreamNamePrefix" in request:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    _check_token(request)


def _check_token(request: dict[str, Any]) -> None:
    # The emulator's tokens are numbers; it would begin anew for any other.
    if "nextToken" in request:
        opened_number(request["nextToken"])


def amended_groups(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's answer to DescribeLogGroups with what AWS shows of a group besides."""
    for group in answer["logGroups"]:
        group["deletionProtectionEnabled"] = False
    return answer


def amended_streams(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's answer to DescribeLogStreams; AWS reports 0 stored bytes since 2019.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html
    """
    for stream in answer["logStreams"]:
        stream["storedBytes"] = 0
        if "lastIngestionTime" not in stream:
            stream.pop("uploadSequenceToken", None)
    return answer
