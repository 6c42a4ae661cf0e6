"""Shard iterators: a place in a shard, good for five minutes, written into the iterator itself."""

from __future__ import annotations

import base64
import binascii
import json
import time
from dataclasses import dataclass

from helpers.local.kinesis.api_errors import ApiError, invalid_argument
from helpers.local.kinesis.stored import now_millis

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
LIFETIME_MILLIS = 300_000

# AWS's iterators begin with these eight bytes.
_HEAD = b"\0\0\0\0\0\0\0\1"
_FILLER = " "
_LEAST_LENGTH = 144


@dataclass(frozen=True)
class ShardIterator:
    """A place in a shard of a stream; `created` in milliseconds since the epoch."""

    stream: str
    shard_id: str
    place: int
    created: int

    def __str__(self) -> str:
        text = json.dumps([self.created, self.stream, self.shard_id, self.place])
        return base64.b64encode(_HEAD + text.ljust(_LEAST_LENGTH, _FILLER).encode()).decode("ascii")


def issue(stream: str, shard_id: str, place: int) -> str:
    """Return a new iterator in the form that clients keep."""
    return str(ShardIterator(stream, shard_id, place, now_millis()))


def redeem(text: str) -> ShardIterator:
    """Return what an iterator says; quotation marks around it, as a shell may leave them, do not matter.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if it is none, `ExpiredIteratorException` if it is too old.
    """
    try:
        raw = base64.b64decode(text.strip('"'), validate=True)
        created, stream, shard_id, place = json.loads(raw.removeprefix(_HEAD))
        iterator = ShardIterator(str(stream), str(shard_id), int(place), int(created))
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid_argument("Invalid ShardIterator.") from error
    now = now_millis()
    if not raw.startswith(_HEAD) or iterator.place < 0 or iterator.created > now:
        raise invalid_argument("Invalid ShardIterator.")
    if now - iterator.created > LIFETIME_MILLIS:
        raise ApiError(
            "ExpiredIteratorException",
            f"Iterator expired. The iterator was created at time {_utc(iterator.created)} while right now it is "
            f"{_utc(now)} which is further in the future than the tolerated delay of {LIFETIME_MILLIS} milliseconds.",
        )
    return iterator


def _utc(millis: int) -> str:
    return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(millis / 1000))
