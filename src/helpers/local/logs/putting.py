"""PutLogEvents: what a batch may be, and which of its events are too old or too new to be kept.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.logs.checking import invalid, not_found

MAX_EVENTS = 10_000
MAX_BATCH_BYTES = 1_048_576
EVENT_OVERHEAD_BYTES = 26
MAX_SPAN_MILLIS = 86_400_000
MAX_AGE_MILLIS = 14 * 86_400_000
MAX_LEAD_MILLIS = 2 * 3_600_000

_DAY_MILLIS = 86_400_000


def accepted(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the request with the events that are kept, and the members of the answer about the others.

    Raises
    ------
    AwsError
        `InvalidParameterException` for a batch that AWS refuses as a whole, `ResourceNotFoundException`
        if there is no such stream.
    """
    events: list[dict[str, Any]] = request.get("logEvents", [])
    _check_shape(request.get("logEvents"))
    group = emulator._log_groups[request["logGroupName"]]
    stream = group["streams"].get(request["logStreamName"])
    if stream is None:
        raise not_found("log stream")
    _check_batch(events)
    now = int(time.time() * 1000)
    moments = [event["timestamp"] for event in events]
    too_old = sum(moment < now - MAX_AGE_MILLIS for moment in moments)
    days = group.get("retentionInDays")
    expired = sum(moment < now - days * _DAY_MILLIS for moment in moments) if days else 0
    too_new = sum(moment > now + MAX_LEAD_MILLIS for moment in moments)
    about = {
        **({"tooNewLogEventStartIndex": len(events) - too_new} if too_new else {}),
        **({"tooOldLogEventEndIndex": too_old} if too_old else {}),
        **({"expiredLogEventEndIndex": expired} if expired else {}),
    }
    kept = events[max(too_old, expired) : len(events) - too_new]
    rejected: dict[str, Any] = {"rejectedLogEventsInfo": about} if about else {}
    if not kept:
        rejected["nextSequenceToken"] = stream["uploadSequenceToken"]
    return {**request, "logEvents": kept}, rejected


def _check_shape(events: Any) -> None:
    problem = None
    if not isinstance(events, list):
        problem = "null at 'logEvents' failed to satisfy constraint: Member must not be null"
    elif not events:
        problem = "'[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1"
    elif len(events) > MAX_EVENTS:
        problem = (
            f"at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to {MAX_EVENTS}"
        )
    else:
        problem = next(filter(None, (_event_problem(i, event) for i, event in enumerate(events, 1))), None)
    if problem is not None:
        raise invalid(f"1 validation error detected: Value {problem}")


def _event_problem(number: int, event: Any) -> str | None:
    where = f"logEvents.{number}.member"
    message, moment = (event.get("message"), event.get("timestamp")) if isinstance(event, dict) else (None, None)
    if not isinstance(moment, int):
        return f"null at '{where}.timestamp' failed to satisfy constraint: Member must not be null"
    if moment < 0:
        least = "Member must have value greater than or equal to 0"
        return f"'{moment}' at '{where}.timestamp' failed to satisfy constraint: {least}"
    if not isinstance(message, str):
        return f"null at '{where}.message' failed to satisfy constraint: Member must not be null"
    if not message:
        return (
            f"'' at '{where}.message' failed to satisfy constraint: Member must have length greater than or equal to 1"
        )
    return None


def _check_batch(events: list[dict[str, Any]]) -> None:
    size = sum(len(event["message"].encode("utf-8", "surrogatepass")) + EVENT_OVERHEAD_BYTES for event in events)
    if size > MAX_BATCH_BYTES:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of {MAX_BATCH_BYTES}")
    if any(later["timestamp"] < earlier["timestamp"] for earlier, later in pairwise(events)):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if events[-1]["timestamp"] - events[0]["timestamp"] > MAX_SPAN_MILLIS:
        raise invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
