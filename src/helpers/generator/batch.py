"""Events in columns, the form in which they pass from the shop to the writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from helpers.generator.calibration import Floats, Integers

VIEW, CART, PURCHASE = 0, 1, 2


@dataclass(frozen=True)
class Batch:
    """Events; every column has the shape (n,).

    Attributes
    ----------
    seconds
        Int64, seconds since the epoch.
    kind
        Int8: `VIEW`, `CART` or `PURCHASE`.
    product
        Int64, index in the catalogue.
    user
        Int64, user_id.
    session
        Bytes of 36 characters, user_session.
    tie
        Float64, random: the order of events in the same second.
    """

    seconds: Integers
    kind: NDArray[np.int8]
    product: Integers
    user: Integers
    session: NDArray[np.bytes_]
    tie: Floats

    def __len__(self) -> int:
        return len(self.seconds)

    def take(self, rows: NDArray[np.bool_] | Integers | slice) -> Batch:
        """Return some of the events."""
        return Batch(*(getattr(self, column.name)[rows] for column in fields(self)))

    def in_order(self) -> Batch:
        """Return the events by time, ties at random."""
        return self.take(np.lexsort((self.tie, self.seconds)))


def concatenate(batches: Sequence[Batch]) -> Batch:
    """Return the events of several batches, one after the other."""
    return Batch(*(np.concatenate([getattr(b, column.name) for b in batches]) for column in fields(Batch)))


def empty_batch() -> Batch:
    """Return no events."""
    none = np.zeros(0, dtype=np.int64)
    return Batch(none, none.astype(np.int8), none, none, none.astype("S36"), none.astype(np.float64))


def make_session_ids(count: int, rng: np.random.Generator) -> NDArray[np.bytes_]:
    """Return session ids: lower-case UUIDs, of which 1.2 % have a wrong version or variant digit."""
    bits = rng.bit_generator.random_raw(2 * count).astype("<u8")
    octets = bits.view(np.uint8).reshape(count, 16)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    flawed = rng.random(count) < 0.012
    octets[flawed, 6] ^= 0x10
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    text = np.full((count, 36), ord("-"), dtype=np.uint8)
    places = [place for place in range(36) if place not in (8, 13, 18, 23)]
    text[:, places[0::2]] = digits[octets >> 4]
    text[:, places[1::2]] = digits[octets & 0x0F]
    return np.ascontiguousarray(text).view("S36").reshape(count)
