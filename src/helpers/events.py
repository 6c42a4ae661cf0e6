"""One event of the web shop: its nine columns, and what makes a line of the file well-formed.

A line is an event if it has nine fields, an `event_time` written `YYYY-MM-DD HH:MM:SS UTC` that
exists in the calendar, one of four event types, three 64-bit integer ids and a price that is a
number. An empty category_code, brand or user_session is fine. Everything else is set aside with
a reason, never dropped in silence.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

COLUMNS = (
    "event_time", "event_type", "product_id", "category_id", "category_code",
    "brand", "price", "user_id", "user_session",
)  # fmt: skip
HEADER = ",".join(COLUMNS).encode() + b"\n"
EVENT_TYPES = ("view", "cart", "remove_from_cart", "purchase")

_ID_COLUMNS = (2, 3, 7)
_PRICE = 6
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC")
_INTEGER = re.compile(r"-?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Verdict(NamedTuple):
    """What a line is.

    Attributes
    ----------
    line
        The event as canonical CSV, UTF-8 without line end and without quotes it does not need;
        empty if the line is malformed.
    kind
        Class of the problem, `""` for a well-formed line.
    reason
        The problem in words, with the offending value; `""` for a well-formed line.
    negative_price
        The line is well-formed, but its price is below zero: a number, yet worth a look.
    """

    line: bytes
    kind: str
    reason: str
    negative_price: bool = False


def judge(line: bytes) -> Verdict:
    """Say whether one line of the file, without its line end, is an event.

    The bulk check in `helpers.dataset.scan` accepts a subset of what this accepts, unchanged;
    whatever it is not sure of comes here.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return _bad("not UTF-8", f"byte 0x{line[error.start]:02x} at position {error.start + 1} is not UTF-8")
    if "\r" in text or "\0" in text:
        return _bad("control character", "a carriage return or NUL byte inside the line")
    try:
        fields = split_line(text)
    except csv.Error as error:
        return _bad("broken quotes", f"its quotes do not pair up ({error})")
    problem = find_problem(fields)
    if problem:
        return _bad(*problem)
    canonical = join_fields(fields) if '"' in text else line
    return Verdict(canonical, "", "", float(fields[_PRICE]) < 0)


def split_line(text: str) -> list[str]:
    """Split one line of CSV into its fields.

    Raises
    ------
    csv.Error
        If its quotes do not pair up.
    """
    if '"' not in text:
        return text.split(",")
    return next(csv.reader([text], strict=True))


def join_fields(fields: Sequence[str]) -> bytes:
    """Write fields as one line of CSV, UTF-8, without line end, quoted only where needed."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(fields)
    return written.getvalue().encode()


def find_problem(fields: Sequence[str]) -> tuple[str, str] | None:
    """Return class and words of the first problem of an event's fields, None if there is none."""
    if tuple(fields) == COLUMNS:
        return "repeated header", "the header again, in the middle of the file"
    if len(fields) != len(COLUMNS):
        return "not nine fields", f"{len(fields)} field{'s' * (len(fields) != 1)} instead of {len(COLUMNS)}"
    if not _is_time(fields[0]):
        return "event_time", f"event_time {_shown(fields[0])} is not a time like 2019-10-01 00:00:00 UTC"
    if fields[1] not in EVENT_TYPES:
        return "event_type", f"event_type {_shown(fields[1])} is not one of {', '.join(EVENT_TYPES)}"
    for column in _ID_COLUMNS:
        if not _is_id(fields[column]):
            return "id", f"{COLUMNS[column]} {_shown(fields[column])} is not a 64-bit integer"
    if not _is_price(fields[_PRICE]):
        return "price", f"price {_shown(fields[_PRICE])} is not a number"
    return None


def _bad(kind: str, reason: str) -> Verdict:
    return Verdict(b"", kind, reason)


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "...")


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def _is_id(text: str) -> bool:
    return _INTEGER.fullmatch(text) is not None and -(2**63) <= int(text) < 2**63


def _is_price(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None and math.isfinite(float(text))
