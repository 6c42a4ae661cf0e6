"""The CloudWatch Logs service in front of the emulator's: it checks requests, filters events and words refusals.

What passes the checks goes on to the emulator, which keeps the groups, streams and events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.aws_error import AwsError
from helpers.local.logs import describing, filtering, metric_filters, putting, queries, subscriptions
from helpers.local.logs.checking import checked
from helpers.local.logs.passing_on import pass_on

Answer = tuple[int, dict[str, str], Any]
Handler = Callable[..., Awaitable[Answer]]
Request = dict[str, Any]

_JSON = "application/x-amz-json-1.1"

# Answered here alone.
OPERATIONS: dict[str, Callable[[Request], dict[str, Any]]] = {
    "DescribeQueries": queries.describe_queries,
    "FilterLogEvents": filtering.filter_log_events,
    "ListLogGroups": describing.list_log_groups,
}
# What a request may not hold besides what the model says.
CHECKS: dict[str, Callable[[Request], None]] = {
    "DescribeLogGroups": describing.check_groups,
    "DescribeLogStreams": describing.check_streams,
    "PutMetricFilter": metric_filters.check,
    "PutSubscriptionFilter": subscriptions.check,
    "StartQuery": queries.check,
}
# What the emulator answers, as AWS does.
AMENDMENTS: dict[str, Callable[[Request, dict[str, Any]], dict[str, Any]]] = {
    "DescribeLogGroups": describing.amended_groups,
    "DescribeLogStreams": describing.amended_streams,
    "DescribeMetricFilters": metric_filters.amended,
    "DescribeSubscriptionFilters": subscriptions.amended,
    "StartQuery": queries.remembered,
}
# The emulator names what it did not find, or found already; AWS does not.
_REFUSALS = (
    (re.compile(r"(The specified .+ does not exist): .*", re.DOTALL), r"\1."),
    (re.compile(r"(The specified .+ already exists): .*", re.DOTALL), r"\1"),
)


def install(handlers: dict[str, Any]) -> None:
    """Put the checks in front of the emulator's CloudWatch Logs."""
    emulated: Handler = handlers["logs"]
    # Lambda's own lines come this way too.
    emulator._fanout_to_subscription_filters = pass_on

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], **more: Any
    ) -> Answer:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = checked(action, body)
            if action in CHECKS:
                CHECKS[action](request)
            if action in OPERATIONS:
                return _answer(200, OPERATIONS[action](request))
            rejected: dict[str, Any] = {}
            if action == "PutLogEvents":
                request, rejected = putting.accepted(request)
                if not request["logEvents"]:
                    return _answer(200, rejected)
        except AwsError as error:
            return _answer(400, {"__type": error.code, "message": error.message})
        status, answered, content = await emulated(method, path, headers, json.dumps(request).encode(), query, **more)
        if not isinstance(content, bytes):
            return status, answered, content
        members = json.loads(content)
        if status >= 400:
            members["message"] = _reworded(str(members.get("message", "")))
        elif action in AMENDMENTS:
            members = AMENDMENTS[action](request, members)
        return status, answered, json.dumps({**members, **rejected}).encode()

    handlers["logs"] = handle


def _reworded(message: str) -> str:
    for wording, ours in _REFUSALS:
        found = wording.fullmatch(message)
        if found:
            return found.expand(ours)
    return message


def _answer(status: int, members: dict[str, Any]) -> Answer:
    return status, {"Content-Type": _JSON}, json.dumps(members).encode()
