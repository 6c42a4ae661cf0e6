"""Log streams of CloudWatch Logs that the services of the local AWS write to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.local import in_process
from helpers.local.in_process import ServiceCallError


def make_log_stream(group: str, stream: str) -> None:
    """Make a log stream and its group where they do not exist yet.

    Raises
    ------
    ServiceCallError
        If CloudWatch Logs refuses.
    """
    _make("CreateLogGroup", {"logGroupName": group})
    _make("CreateLogStream", {"logGroupName": group, "logStreamName": stream})


def put_log_events(group: str, stream: str, events: Sequence[dict[str, Any]]) -> None:
    """Append events, each a `timestamp` (milliseconds since 1970) and a `message`, to a log stream.

    Raises
    ------
    ServiceCallError
        If CloudWatch Logs refuses.
    """
    in_process.call("logs", "PutLogEvents", {"logGroupName": group, "logStreamName": stream, "logEvents": list(events)})


def _make(action: str, request: dict[str, str]) -> None:
    try:
        in_process.call("logs", action, request)
    except ServiceCallError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise
