"""Sequence numbers: strictly increasing in a shard, and of the form that AWS's have.

A sequence number is a 186-bit integer in decimal, 56 digits long: the second in which its shard was
made, the record's place in the shard, the second of its arrival, the shard's number. Consumers may
rely on the order alone, which the place decides.
"""

from __future__ import annotations

from dataclasses import dataclass

_TOP = 2 << 184
_VERSION = 2
_CREATED_BIT = 148
_LOW_SHARD_BIT = 144
_PLACE_BIT = 80
_ARRIVAL_BIT = 36
_SHARD_BIT = 4

LAST_PLACE = 2**63 - 1


@dataclass(frozen=True)
class Sequence:
    """The parts of a sequence number; times in whole seconds since the epoch."""

    created_seconds: int
    shard: int
    place: int
    arrival_seconds: int

    def __str__(self) -> str:
        return str(
            prefix(self.created_seconds, self.shard)
            + (self.place << _PLACE_BIT)
            + (self.arrival_seconds << _ARRIVAL_BIT)
        )


def prefix(created_seconds: int, shard: int) -> int:
    """Return what all sequence numbers of a shard have in common."""
    return (
        _TOP + (created_seconds << _CREATED_BIT) + ((shard & 15) << _LOW_SHARD_BIT) + (shard << _SHARD_BIT) + _VERSION
    )


def numbers(common: int, first_place: int, count: int, arrival_seconds: int) -> list[str]:
    """Return the numbers of `count` records of a shard whose `prefix` is `common`."""
    first = common + (first_place << _PLACE_BIT) + (arrival_seconds << _ARRIVAL_BIT)
    step = 1 << _PLACE_BIT
    return [str(first + step * i) for i in range(count)]


def parse(number: str) -> Sequence:
    """Return the parts of a sequence number.

    Raises
    ------
    ValueError
        If the number is not of this form.
    """
    value = int(number)
    shard = value >> _SHARD_BIT & (2**32 - 1)
    place = value >> _PLACE_BIT & (2**64 - 1)
    whole = Sequence(value >> _CREATED_BIT & (2**36 - 1), shard, place, value >> _ARRIVAL_BIT & (2**36 - 1))
    if place > LAST_PLACE or str(whole) != number:
        raise ValueError(f"not a sequence number: {number}")
    return whole
