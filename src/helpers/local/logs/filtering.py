"""FilterLogEvents: the events of a group's streams that match a pattern, by time, in pages.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.logs.checking import invalid, not_found
from helpers.local.logs.filter_pattern import compiled
from helpers.local.logs.page_token import opened, sealed

MAX_EVENTS = 10_000
MAX_PAGE_BYTES = 2**20

Event = dict[str, Any]


def filter_log_events(request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the matching events; a page ends at `limit` events or 1 MiB of messages."""
    matches = compiled(request.get("filterPattern", ""))
    limit = request.get("limit", MAX_EVENTS)
    since, passed = _place(request)
    events: list[Event] = []
    size = at = seen = 0
    for moment, stream, event in _merged(_streams(request), since, request.get("endTime")):
        seen = seen + 1 if moment == at else 1
        at = moment
        if (moment == since and seen <= passed) or not matches(event["message"]):
            continue
        size += len(event["message"])
        if len(events) == limit or (events and size > MAX_PAGE_BYTES):
            return _page(events, sealed([moment, seen - 1]))
        events.append(_shown(event, stream))
    return _page(events, None)


def _place(request: dict[str, Any]) -> tuple[int, int]:
    """Return where a page begins: a moment, and how many events of that moment came before."""
    if "nextToken" not in request:
        return request.get("startTime", 0), 0
    place = opened(request["nextToken"])
    if not (isinstance(place, list) and len(place) == 2 and all(isinstance(number, int) for number in place)):
        raise invalid("The specified nextToken is invalid.")
    return place[0], place[1]


def _streams(request: dict[str, Any]) -> dict[str, list[Event]]:
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
    held = emulator._log_groups[request["logGroupName"]]["streams"]
    if any(name not in held for name in names or ()):
        raise not_found("log stream")
    with emulator._log_events_lock:
        return {
            name: list(stream["events"])
            for name, stream in sorted(held.items())
            if (not names or name in names) and name.startswith(prefix or "")
        }


def _merged(streams: dict[str, list[Event]], since: int, until: int | None) -> Iterator[tuple[int, str, Event]]:
    rows = [_from(since, name, events) for name, events in streams.items()]
    for moment, name, event in heapq.merge(*rows, key=lambda row: row[0]):
        if until is not None and moment > until:
            return
        yield moment, name, event


def _from(since: int, stream: str, events: list[Event]) -> Iterator[tuple[int, str, Event]]:
    return ((event["timestamp"], stream, event) for event in events if event["timestamp"] >= since)


def _shown(event: Event, stream: str) -> Event:
    # What a function printed has no identity yet; it keeps the one it gets here.
    identity = event.setdefault("eventId", str(uuid.uuid4()))
    return {
        "logStreamName": stream,
        "timestamp": event["timestamp"],
        "message": event["message"],
        "ingestionTime": event["ingestionTime"],
        "eventId": identity,
    }


def _page(events: list[Event], token: str | None) -> dict[str, Any]:
    return {"events": events, "searchedLogStreams": [], **({"nextToken": token} if token else {})}
