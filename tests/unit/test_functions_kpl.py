"""Records that the Kinesis Producer Library has packed together are taken apart."""

from __future__ import annotations

import hashlib

import pytest

from functions.shared.kpl import MAGIC, BrokenAggregateError, deaggregate

# Written by AWS's own aws_kinesis_agg 1.2.3: three records, two partition keys, one explicit hash key.
WRITTEN_BY_AWS = bytes.fromhex(
    "f3899ac20a0234320a01371201351a0e080010001a087b226e223a20317d1a0c08001a087b226e223a20327d"
    "1a0a08011a067a77c3b66c6664a5785205841b59fd44be9224249680"
)


def aggregate(message: bytes) -> bytes:
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def test_an_aggregate_of_awss_own_library_gives_its_records() -> None:
    assert deaggregate(WRITTEN_BY_AWS) == [b'{"n": 1}', b'{"n": 2}', "zwölf".encode()]


@pytest.mark.parametrize("data", [b"", b'{"n": 1}', MAGIC, MAGIC + b"x" * 16, WRITTEN_BY_AWS[:-1] + b"\0"])
def test_what_is_no_aggregate_is_one_record(data: bytes) -> None:
    assert deaggregate(data) == [data]


def test_a_payload_of_many_bytes_is_whole() -> None:
    payload = b"x" * 70_000
    record = b"\x1a" + b"\xf0\xa2\x04" + payload
    message = b"\x1a" + b"\xf4\xa2\x04" + record
    assert deaggregate(aggregate(message)) == [payload]


def test_fields_that_this_version_does_not_know_are_skipped() -> None:
    message = b"\x20\x05" + b"\x29" + b"8bytes!!" + b"\x35" + b"4byt" + b"\x1a\x05\x1a\x03abc"
    assert deaggregate(aggregate(message)) == [b"abc"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\x1a\x05\x1a\x03ab", "beyond its end"),
        (b"\x1a\x02\x08\x01", "without data"),
        (b"\x1a", "inside a number"),
        (b"\x1b\x00", "wire type 3"),
        (b"\xff" * 11, "more than 64 bits"),
    ],
)
def test_a_broken_aggregate_says_what_is_wrong(message: bytes, reason: str) -> None:
    with pytest.raises(BrokenAggregateError, match=reason):
        deaggregate(aggregate(message))
