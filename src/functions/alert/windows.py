"""The records of stream 2: windows as Flink writes them, checked before anything is done with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn

from functions.shared import moments

_FIELDS = ("window_start", "window_end", "user_id", "actions")
_LARGEST = 2**63 - 1
# Clocks differ a little.
_AHEAD = timedelta(minutes=5)


class PoisonRecordError(ValueError):
    """A record that no retry can save; its text says why."""


@dataclass(frozen=True)
class ActivityWindow:
    """What one user did in one window of event time."""

    user_id: int
    window_start: datetime
    window_end: datetime
    actions: int


def parse(data: bytes, window_seconds: int, now: datetime) -> ActivityWindow:
    """Read one record of stream 2.

    Parameters
    ----------
    data
        One JSON object, UTF-8.
    window_seconds
        Length that each window must have.
    now
        The time, in UTC without offset; a window cannot end after it.

    Raises
    ------
    PoisonRecordError
        If it is no window.
    """
    record = _json_object(data)
    missing = [name for name in _FIELDS if record.get(name) is None]
    if missing:
        raise PoisonRecordError(f"{' and '.join(missing)} missing")
    window_start, window_end = _moment(record, "window_start"), _moment(record, "window_end")
    if window_end <= window_start:
        raise PoisonRecordError(f"window_end {window_end} is not after window_start {window_start}")
    if window_end - window_start != timedelta(seconds=window_seconds):
        raise PoisonRecordError(f"a window of {window_end - window_start} instead of {window_seconds} s")
    if window_end > now + _AHEAD:
        raise PoisonRecordError(f"window_end {window_end} lies in the future")
    actions = _integer(record, "actions")
    if actions < 1:
        raise PoisonRecordError(f"actions is {actions}: a window has at least one")
    user_id = _integer(record, "user_id")
    if user_id < 0:
        raise PoisonRecordError(f"user_id is {user_id}: it cannot be negative")
    return ActivityWindow(user_id, window_start, window_end, actions)


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        record = json.loads(data.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise PoisonRecordError(f"byte {error.start + 1} is not UTF-8") from error
    except RecursionError as error:
        raise PoisonRecordError("no JSON: nested too deep") from error
    except ValueError as error:
        raise PoisonRecordError(f"no JSON: {error}") from error
    if not isinstance(record, dict):
        raise PoisonRecordError(f"a JSON {type(record).__name__} instead of an object")
    return record


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _moment(record: dict[str, Any], name: str) -> datetime:
    value = record[name]
    try:
        if not isinstance(value, str):
            raise ValueError
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise PoisonRecordError(f"{name} {_shown(value)} is not a time like 2019-10-01T00:00:00") from error
    # An offset is taken into account, although Flink writes none.
    return moment if moment.tzinfo is None else moments.of_epoch(moment.timestamp())


def _integer(record: dict[str, Any], name: str) -> int:
    value = record[name]
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PoisonRecordError(f"{name} {_shown(value)} is not a whole number")
    if abs(value) > _LARGEST:
        raise PoisonRecordError(f"{name} is larger than 64 bits")
    return value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
