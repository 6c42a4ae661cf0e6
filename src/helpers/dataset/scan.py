"""Check a block of lines at memory speed.

Reading the file line by line in Python takes minutes for 7 million rows. Here numpy finds all
separators of a block at once and looks at eight bytes of a field in one machine word. What it
accepts, `helpers.events.judge` accepts unchanged; the rest it leaves to `judge`.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_PAD = 32
_COMMA, _NEWLINE = ord(","), ord("\n")
_FIELDS = 9


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text.ljust(8, b"\0"), "little"))


def _repeat(byte: int) -> np.uint64:
    return _word(bytes([byte]) * 8)


# KEEP_LAST[n] keeps the last n bytes of a little-endian word, KEEP_FIRST[n] the first n.
_ALL = 2**64 - 1
_KEEP_LAST = np.array([(_ALL << (8 * (8 - n))) & _ALL for n in range(9)], dtype=np.uint64)
_KEEP_FIRST4 = np.uint64(2**32 - 1)
_ZEROS = _repeat(ord("0"))
_HIGH_NIBBLES = _repeat(0xF0)
_SIXES = _repeat(0x06)
_THREES = _repeat(0x33)
_DOTS = _repeat(ord("."))
_LOW_BITS = _repeat(0x7F)
_DOT_TO_ZERO = np.uint64(ord(".") ^ ord("0"))
_SEVEN, _FOUR = np.uint64(7), np.uint64(4)
_VIEW, _CART, _PURCHASE = _word(b"view"), _word(b"cart"), _word(b"purchase")
_REMOVE_FROM_CART = (_word(b"remove_f"), _word(b"rom_cart"))
_PAIRS = np.kron(np.eye(2, dtype=np.int64), np.array([[10], [1]]))
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)
# 2019-10-01 00:00:00 UTC, with `0` wherever a digit stands
_DATE_SHAPE = np.frombuffer(b"0000-00-00 ", dtype=np.uint8)
_DIGIT_AT = np.flatnonzero(ord("0") == _DATE_SHAPE)
_LITERAL_AT = np.flatnonzero(ord("0") != _DATE_SHAPE)
_MIDNIGHT = _word(b"00:00:00")
# Added to the digits of a time, it sets the high bit of each that is too large.
_UP_TO_23_59_59 = _word(bytes(127 - most for most in (2, 9, 0, 5, 9, 0, 5, 9)))
_HIGH_BITS = _repeat(0x80)
_HOUR_TENS, _LAST_HOUR = np.uint64(0x02), np.uint64(0x03)
_BYTE, _EIGHT = np.uint64(0xFF), np.uint64(8)
_ZONE_MASK, _ZONE = _word(b"\0\0\0\xff\xff\xff\xff\xff"), _word(b"\0\0\0 UTC,")


class _Scratch(threading.local):
    """Memory for each thread to work in: fetched from the system anew for each block, it takes longer than the work."""

    def __init__(self) -> None:
        self._bytes = np.zeros((3, 0), dtype=np.uint8)

    def rows(self, length: int) -> npt.NDArray[np.uint8]:
        """Return three rows of `length` bytes, whatever they hold."""
        if self._bytes.shape[1] < length:
            self._bytes = np.zeros((3, length), dtype=np.uint8)
        return self._bytes[:, :length]


_SCRATCH = _Scratch()


class Lines(NamedTuple):
    """The lines of a block.

    Attributes
    ----------
    ends
        int64, one a line: where its newline stands in the block.
    sure
        bool, one a line: it is a well-formed event as it stands.
    """

    ends: Positions
    sure: Flags


def scan(block: bytes) -> Lines:
    """Find the lines of a block and those that are well-formed events beyond doubt.

    Parameters
    ----------
    block
        Whole lines, each ended by LF.
    """
    padded, commas, newlines = _SCRATCH.rows(len(block) + 2 * _PAD)
    padded[:_PAD] = padded[-_PAD:] = 0
    padded[_PAD:-_PAD] = np.frombuffer(block, dtype=np.uint8)
    # words[i] is the eight bytes from position i on; neighbours overlap
    words = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded.data, strides=(1,))

    np.equal(padded, _COMMA, out=commas.view(np.bool_))
    np.equal(padded, _NEWLINE, out=newlines.view(np.bool_))
    separators = np.flatnonzero(np.bitwise_or(commas, newlines, out=commas).view(np.bool_))
    last = np.flatnonzero(padded[separators] == _NEWLINE)
    ends = separators[last]
    starts = np.concatenate(([_PAD], ends[:-1] + 1))
    sure = np.diff(last, prepend=-1) == _FIELDS
    if sure.all():
        field_ends = separators.reshape(-1, _FIELDS).T
    else:
        field_ends = separators[last[sure] + np.arange(1 - _FIELDS, 1)[:, None]]
    sure[sure] = _are_events(words, padded, starts[sure], np.ascontiguousarray(field_ends))
    ends -= _PAD
    _doubt_unusual_bytes(block, ends, sure)
    return Lines(ends, sure)


def _are_events(words: Words, padded: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> Flags:
    """Check lines of nine fields; `starts` has one position a line, `ends` nine rows of them."""
    lengths = np.diff(ends, axis=0) - 1
    sure = _are_times(words, padded, starts)
    sure &= _are_types(words, ends[0] + 1, lengths[0])
    sure &= _are_digits(words, ends[2], lengths[1], 1)
    sure &= _are_digits(words, ends[3], lengths[2], 3)
    # 19 digits fit 64 bits if the first is at most 8; the rest is for `judge`
    sure &= (lengths[2] < 19) | ((lengths[2] == 19) & (padded[ends[2] + 1] <= ord("8")))
    sure &= _are_prices(words, ends[6], lengths[5])
    sure &= _are_digits(words, ends[7], lengths[6], 2)
    return sure


def _all_digits(words: Words) -> Flags:
    """Say of each word whether its eight bytes are ASCII digits."""
    carried = ((words + _SIXES) & _HIGH_NIBBLES) >> _FOUR
    return ((words & _HIGH_NIBBLES) | carried) == _THREES


def _are_digits(words: Words, ends: Positions, lengths: Positions, word_count: int) -> Flags:
    """Say which fields are 1 to 8 x `word_count` digits, looking at their words from the end."""
    sure = (lengths >= 1) & (lengths <= 8 * word_count)
    for i in range(word_count):
        keep = _KEEP_LAST[np.clip(lengths - 8 * i, 0, 8)]
        sure &= _all_digits((words[ends - 8 * (i + 1)] & keep) | (_ZEROS & ~keep))
    return sure


def _are_prices(words: Words, ends: Positions, lengths: Positions) -> Flags:
    """Say which fields are digits with at most one dot, up to eight characters, as 1302.48."""
    keep = _KEEP_LAST[np.clip(lengths, 0, 8)]
    text = (words[ends - 8] & keep) | (_ZEROS & ~keep)
    # the high bit of each byte that equals a dot, by the carry-free zero-byte test
    difference = text ^ _DOTS
    dots = ~(((difference & _LOW_BITS) + _LOW_BITS) | difference | _LOW_BITS)
    digits = text ^ ((dots >> _SEVEN) * _DOT_TO_ZERO)
    count = np.bitwise_count(dots)
    return (lengths <= 8) & (count <= 1) & (lengths > count) & _all_digits(digits)


def _are_types(words: Words, starts: Positions, lengths: Positions) -> Flags:
    first = words[starts]
    four = first & _KEEP_FIRST4
    sure = (lengths == 4) & ((four == _VIEW) | (four == _CART))
    rest = np.flatnonzero(~sure)
    if len(rest):
        first, second, length = first[rest], words[starts[rest] + 8], lengths[rest]
        removed = (first == _REMOVE_FROM_CART[0]) & (second == _REMOVE_FROM_CART[1]) & (length == 16)
        sure[rest] = removed | ((first == _PURCHASE) & (length == 8))
    return sure


def _are_times(words: Words, padded: npt.NDArray[np.uint8], starts: Positions) -> Flags:
    """Say which lines begin with a time and a comma; the file is sorted, so the dates come in runs of equal ones."""
    if not len(starts):
        return np.zeros(0, dtype=np.bool_)
    a, b = words[starts], words[starts + 3]
    new = np.ones(len(starts), dtype=np.bool_)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    runs = np.flatnonzero(new)
    dates = _are_dates(padded[starts[runs][:, None] + np.arange(len(_DATE_SHAPE))])
    digits = words[starts + 11] ^ _MIDNIGHT
    sure: Flags = (((digits + _UP_TO_23_59_59) | digits) & _HIGH_BITS) == 0
    sure &= ((digits & _BYTE) < _HOUR_TENS) | (((digits >> _EIGHT) & _BYTE) <= _LAST_HOUR)
    sure &= (words[starts + 16] & _ZONE_MASK) == _ZONE
    return sure & np.repeat(dates, np.diff(runs, append=len(starts)))


def _are_dates(texts: npt.NDArray[np.uint8]) -> Flags:
    """Check rows of 11 characters against the shape and the calendar."""
    digits = texts[:, _DIGIT_AT].astype(np.int64) - ord("0")
    valid = ((digits >= 0) & (digits <= 9)).all(axis=1)
    valid &= (texts[:, _LITERAL_AT] == _DATE_SHAPE[_LITERAL_AT]).all(axis=1)
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day = (digits[:, 4:] @ _PAIRS).T
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    days = _MONTH_DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    return valid & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= days)


def _doubt_unusual_bytes(block: bytes, ends: Positions, sure: Flags) -> None:
    """Leave lines with quotes, carriage returns, NULs or anything beyond ASCII to `judge`."""
    data = np.frombuffer(block, dtype=np.uint8)
    for byte in (b'"', b"\r", b"\0"):
        if byte in block:
            sure[np.searchsorted(ends, np.flatnonzero(data == byte[0]))] = False
    if not block.isascii():
        sure[np.searchsorted(ends, np.flatnonzero(data > 127))] = False
