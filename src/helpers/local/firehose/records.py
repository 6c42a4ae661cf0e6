"""Records on their way through a delivery stream, and records taken apart into several.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpers.local.protobuf import fields

# More of them in one record are left together, as AWS does.
MAX_PARTS = 500
_KPL_HEAD = b"\xf3\x89\x9a\xc2"
_DIGEST_BYTES = 16
_WHITESPACE = " \t\r\n"


@dataclass(frozen=True)
class KinesisOrigin:
    """Where in the source stream a record stood; `subsequence` counts within a KPL aggregate."""

    shard_id: str
    partition_key: str
    sequence_number: str
    subsequence: int = 0


@dataclass(frozen=True)
class Record:
    """One record.

    Parameters
    ----------
    data
        What is delivered, as far as it has been processed.
    arrival
        When it arrived, in milliseconds since the epoch.
    raw
        What came in: the backup and failures keep it.
    origin
        Its place in the source stream, None for direct puts.
    """

    data: bytes
    arrival: int
    raw: bytes
    origin: KinesisOrigin | None = None


def arrived(data: bytes, arrival: int, origin: KinesisOrigin | None = None) -> Record:
    """Return a record that has just come in."""
    return Record(data, arrival, data, origin)


def from_kinesis(data: bytes, arrival: int, origin: KinesisOrigin) -> Iterator[Record]:
    """Yield the record, or those that the Kinesis Producer Library had put together in it."""
    parts = _kpl_parts(data)
    if parts is None:
        yield arrived(data, arrival, origin)
        return
    for number, (key, part) in enumerate(parts):
        yield arrived(part, arrival, replace(origin, partition_key=key, subsequence=number))


def parts_of_json(data: bytes) -> list[bytes]:
    """Return the JSON values that stand one after the other in `data`, or it alone.

    White space between them is dropped. What is no JSON, or more than 500 values, stays together.
    """
    try:
        text = data.decode()
        decoder, at, found = json.JSONDecoder(), 0, []
        while at < len(text):
            if text[at] in _WHITESPACE:
                at += 1
                continue
            _, end = decoder.raw_decode(text, at)
            found.append(text[at:end].encode())
            at = end
    except ValueError:
        return [data]
    return found if 1 <= len(found) <= MAX_PARTS else [data]


def parts_by(delimiter: bytes, data: bytes) -> list[bytes]:
    """Return the non-empty parts of `data` between delimiters; more than 500 stay together."""
    found = [part for part in data.split(delimiter) if part]
    return found if 1 <= len(found) <= MAX_PARTS else [data]


def _kpl_parts(data: bytes) -> list[tuple[str, bytes]] | None:
    """Return (partition key, data) of each record in a KPL aggregate, None if it is none."""
    if not data.startswith(_KPL_HEAD) or len(data) <= len(_KPL_HEAD) + _DIGEST_BYTES:
        return None
    message = data[len(_KPL_HEAD) : -_DIGEST_BYTES]
    if hashlib.md5(message, usedforsecurity=False).digest() != data[-_DIGEST_BYTES:]:
        return None
    keys: list[str] = []
    found: list[tuple[int, bytes]] = []
    for number, value in fields(message):
        if number == 1 and isinstance(value, bytes):
            keys.append(value.decode())
        elif number == 3 and isinstance(value, bytes):
            members = dict(fields(value))
            key, part = members.get(1, 0), members.get(3, b"")
            found.append((int(key), bytes(part) if isinstance(part, bytes) else b""))
    return [(keys[key], part) for key, part in found]
