"""The records of stream 1: which of a user's windows an event falls into."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from functions.shared import moments

# Everything else in the stream only moves the clock of who counts by it: the replay's ticks.
TRAFFIC = frozenset({"view", "cart", "remove_from_cart", "purchase"})

_LARGEST = 2**63 - 1
_MOST_DIGITS = 20


class PoisonRecordError(ValueError):
    """A record that no retry can save; its text says why."""


@dataclass(frozen=True, order=True)
class WindowKey:
    """One user's tumbling window of event time."""

    user_id: int
    window_start: datetime


def window_of(data: bytes, window_seconds: int) -> WindowKey | None:
    """Return the window that an event counts in, None if it is no traffic.

    Windows begin at multiples of their length since 1970, as Flink's do.

    Parameters
    ----------
    data
        One JSON object, UTF-8, with `event_time` (`2019-10-01 00:00:00 UTC`), `event_type` and `user_id`.
    window_seconds
        Length of a window.

    Raises
    ------
    PoisonRecordError
        If it is no event.
    """
    try:
        event = json.loads(data.decode("utf-8"))
        event_type, event_time, user_id = event["event_type"], event["event_time"], event["user_id"]
    except (ValueError, RecursionError) as error:
        raise PoisonRecordError(f"no JSON: {error}") from error
    except KeyError as error:
        raise PoisonRecordError(f"{error.args[0]} missing") from error
    except TypeError as error:
        raise PoisonRecordError("no JSON object") from error
    if not isinstance(event_type, str):
        raise PoisonRecordError(f"event_type {event_type!r} is no text")
    if event_type not in TRAFFIC:
        return None
    try:
        happened_at = datetime.strptime(event_time, "%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, TypeError) as error:
        raise PoisonRecordError(f"event_time {event_time!r} is not a time like 2019-10-01 00:00:00 UTC") from error
    # `isdigit` alone takes digits of all scripts, and superscripts, which `int` does not.
    text = str(user_id)
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS) or int(text) > _LARGEST:
        raise PoisonRecordError(f"user_id {user_id!r} is not a whole number")
    started = int(moments.epoch(happened_at)) // window_seconds * window_seconds
    return WindowKey(int(text), moments.of_epoch(started))
