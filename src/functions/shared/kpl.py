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
# Of the aggregate
_KEYS_FIELD, _RECORDS_FIELD = 1, 3
# Of a record in it
_KEY_FIELD, _DATA_FIELD = 1, 3
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
    message = _message(data)
    return [data] if message is None else [payload for _, payload in _records(message)]


def user_records(data: bytes, partition_key: str) -> list[tuple[str, bytes]]:
    """Return partition key and payload of each record in one that came with `partition_key`, as `deaggregate` does."""
    message = _message(data)
    if message is None:
        return [(partition_key, data)]
    keys = [value.decode() for number, value in _fields(message) if number == _KEYS_FIELD and isinstance(value, bytes)]
    try:
        return [(keys[key], payload) for key, payload in _records(message)]
    except IndexError as error:
        raise BrokenAggregateError("a partition key that is not in the table of an aggregate") from error


def _message(data: bytes) -> bytes | None:
    if not data.startswith(MAGIC) or len(data) <= len(MAGIC) + _DIGEST_BYTES:
        return None
    message, digest = data[len(MAGIC) : -_DIGEST_BYTES], data[-_DIGEST_BYTES:]
    return message if hashlib.md5(message, usedforsecurity=False).digest() == digest else None


def _records(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the place of its key in the table, and the payload, of each record."""
    for number, record in _fields(message):
        if number == _RECORDS_FIELD and isinstance(record, bytes):
            members = dict(_fields(record))
            key, payload = members.get(_KEY_FIELD, 0), members.get(_DATA_FIELD)
            if not isinstance(payload, bytes) or not isinstance(key, int):
                raise BrokenAggregateError("a record without data in an aggregate")
            yield key, payload


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield number and value of each field, those of a fixed length left out."""
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
            value, position = _varint(message, position)
            yield key >> 3, value
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
