"""First and last event time of a block of clean events, and whether it is sorted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_NEWLINE = ord("\n")
TIME_LENGTH = len("2019-10-01 00:00:00")
_DIGIT_AT = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
_DECIMALS = 10 ** np.arange(13, -1, -1, dtype=np.int64)
_TWO_BYTES, _NIBBLE = np.uint64(0xFFFF), np.uint64(0x0F)
_MIDNIGHT = np.uint64(int.from_bytes(b"00:00:00", "little"))
# The first digit of an hour needs two bits of its byte; above them there is room for the day of the month.
_DAY_BITS = np.uint64(59)


class TimeSpan(NamedTuple):
    """Times as in the file, `2019-10-01 00:00:00 UTC`.

    Attributes
    ----------
    earliest, latest
        Over all rows.
    opening, closing
        Of the first and the last row.
    out_of_order
        How many rows are earlier than the row before them.
    """

    earliest: str
    latest: str
    opening: str
    closing: str
    out_of_order: int


def time_span(data: bytes) -> TimeSpan:
    """Find the event times of at least one clean event, each a line that starts with its time."""
    characters = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(characters == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    # words[i] is the eight bytes from position i on; a line is longer than its time
    words = np.ndarray((len(data) - 7,), dtype="<u8", buffer=data, strides=(1,))
    months = words[starts]
    numbers = _within_month(words, starts) if (months == months[0]).all() else time_numbers(characters, starts)

    def text(i: int) -> str:
        start = int(starts[i])
        return data[start : start + TIME_LENGTH].decode() + " UTC"

    return TimeSpan(
        text(int(numbers.argmin())),
        text(int(numbers.argmax())),
        text(0),
        text(-1),
        int((numbers[1:] < numbers[:-1]).sum()),
    )


def _within_month(words: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Read times of one month as numbers in their order: the characters of the time, below the day."""
    days = words[starts + 8] & _TWO_BYTES
    days = (days & _NIBBLE) * np.uint64(10) + ((days >> np.uint64(8)) & _NIBBLE)
    moments: NDArray[np.uint64] = (words[starts + 11] ^ _MIDNIGHT).byteswap() | (days << _DAY_BITS)
    return moments


def time_numbers(characters: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Read the times that begin at some characters as numbers in their order: 20191001000000.

    What is no time becomes a number all the same.

    Parameters
    ----------
    characters
        A text; each start has `TIME_LENGTH` of them.
    starts
        Where each time begins.
    """
    numbers: NDArray[np.int64] = (characters[starts[:, None] + _DIGIT_AT].astype(np.int64) - ord("0")) @ _DECIMALS
    return numbers
