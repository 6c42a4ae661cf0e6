"""How far a mapping has come in each shard."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from helpers.local.event_sources.events import Window


def slot_of(key: str, slots: int) -> int:
    """Return which of a shard's concurrent batches takes the records of a partition key."""
    return zlib.crc32(key.encode()) % slots if slots > 1 else 0


@dataclass
class ShardProgress:
    """Places in one shard's log up to which each slot is done.

    Attributes
    ----------
    places
        One per slot: the next record to look at.
    ended
        One per slot: whether the shard is closed and the slot has done all of it.
    window
        The tumbling window that is open, None without one.
    earlier
        Places as they were before the number of slots changed: what is below is done.
    """

    places: list[int]
    ended: list[bool]
    window: Window | None = None
    earlier: list[list[int]] = field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        return all(self.ended)

    def is_done(self, place: int, key: str) -> bool:
        """Return whether a record was done before the number of slots changed."""
        return any(place < places[slot_of(key, len(places))] for places in self.earlier)

    def share_out(self, slots: int) -> None:
        """Go on with another number of slots."""
        if slots == len(self.places):
            return
        if not self.is_finished:
            self.earlier.append(self.places)
        self.places = [min(self.places)] * slots
        self.ended = [self.is_finished] * slots


def start_at(place: int, slots: int) -> ShardProgress:
    return ShardProgress([place] * slots, [False] * slots)


def finished(slots: int) -> ShardProgress:
    """Return the progress of a shard that is not to be read at all."""
    return ShardProgress([0] * slots, [True] * slots)
