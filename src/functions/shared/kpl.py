"""Kinesis records that hold several: the aggregation of the Kinesis Producer Library, undone.

Format: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md. Four magic
bytes, a protocol buffer `AggregatedRecord`, and its MD5. AWS's own module for this, aws-kinesis-agg, needs
protobuf, whose wheels are compiled for one platform: a zip made on a Mac would not run on Lambda. The
two messages have so few fields that reading them takes fewer lines than packing that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

MAGIC = b"\xf3\x89\x9a\xc2"

_DIGEST_BYTES = 16
_RECORDS_FIELD = 3
_DATA_FIELD = 3
_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5
_MOST_VARINT_BYTES = 10


class BrokenAggregateError(ValueError):
    """The bytes claim to be an aggregate, and are none."""


def deaggregate(data: bytes) -> list[bytes]:
    """Return the payloads in a record: those of an aggregate, else `data` alone.

    As in AWS's own libraries, a record whose checksum does not fit is no aggregate.

    Raises
    ------
    BrokenAggregateError
        If the checksum fits and the protocol buffer cannot be read.
    """
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + _DIGEST_BYTES:
        return [data]
    message, digest = data[len(MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    if hashlib.md5(message, usedforsecurity=False).digest() != digest:
        return [data]
    return [_payload(record) for number, record in _fields(message) if number == _RECORDS_FIELD]


def _payload(record: bytes) -> bytes:
    for number, value in _fields(record):
        if number == _DATA_FIELD:
            return value
    raise BrokenAggregateError("a record without data in an aggregate")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each field that has a length; the others are skipped."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _LENGTH:
            length, position = _varint(message, position)
            if position + length > len(message):
                raise BrokenAggregateError("a field of an aggregate goes beyond its end")
            yield key >> 3, message[position : position + length]
            position += length
        elif kind == _VARINT:
            _, position = _varint(message, position)
        elif kind in (_FIXED_64, _FIXED_32):
            position += 8 if kind == _FIXED_64 else 4
        else:
            raise BrokenAggregateError(f"wire type {kind} in an aggregate")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for count in range(_MOST_VARINT_BYTES):
        if position + count >= len(message):
            raise BrokenAggregateError("an aggregate ends inside a number")
        byte = message[position + count]
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position + count + 1
    raise BrokenAggregateError("a number of more than 64 bits in an aggregate")
