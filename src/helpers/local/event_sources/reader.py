"""Batches gathered from a shard: by number, size, time, window and filter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.local.event_sources import filters
from helpers.local.event_sources.events import (
    MAX_PAYLOAD_BYTES,
    Source,
    Window,
    record_bytes,
    state_bytes,
    window_of,
)
from helpers.local.event_sources.mapping import Settings
from helpers.local.event_sources.progress import ShardProgress, slot_of
from helpers.local.kinesis import sequence
from helpers.local.kinesis.shard_log import Record, ShardLog
from helpers.local.kinesis.stored import Shard, is_open, now_millis

_ENVELOPE_BYTES = 512
_READ_RECORDS = 1000
# Lambda polls a shard once a second; here a poller is woken, and looks around as often.
_LONGEST_WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Item:
    """A record of a batch and its place in the shard."""

    place: int
    record: Record


@dataclass
class Gathered:
    """What a reader found.

    Attributes
    ----------
    items
        Records for one call of the function; none if they were all filtered out or there are none.
    after
        Where to go on once the items are done.
    window_ended
        Whether the open window can get no further record.
    shard_ended
        Whether the shard can get none.
    seen
        How many records were looked at, those filtered out included.
    """

    items: list[Item] = field(default_factory=list)
    after: int = 0
    window_ended: bool = False
    shard_ended: bool = False
    seen: int = 0


@dataclass(frozen=True)
class Reader:
    """One slot of one shard; `stopping` says whether to give up waiting."""

    shard: Shard
    progress: ShardProgress
    slot: int
    stopping: Callable[[], bool]

    def gather(self, settings: Settings, source: Source) -> Gathered:
        """Return the next batch, waiting for it until it is due; an empty one if nothing came for a while."""
        log: ShardLog = self.shard["records"]
        found = Gathered(after=max(self.progress.places[self.slot], log.start))
        size = _ENVELOPE_BYTES + (state_bytes(self.progress.window.state) if self.progress.window else 0)
        # Not the number of the settings, which change a little before the workers do.
        slots = len(self.progress.places)
        due = give_up = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not self.stopping():
            closed, moment = not is_open(self.shard), now_millis()
            records = log.read(found.after, min(_READ_RECORDS, max(settings.batch_size, 100)), MAX_PAYLOAD_BYTES)
            for place, record in enumerate(records, _first_place(records, found.after)):
                if slot_of(record.key, slots) != self.slot or self.progress.is_done(place, record.key):
                    found.after = place + 1
                    continue
                if not filters.passes(settings.patterns, record):
                    found.after, found.seen = place + 1, found.seen + 1
                    continue
                if settings.tumbling_window_seconds and not self._window(record, settings).holds(record):
                    found.window_ended = True
                    return found
                size += record_bytes(source, record)
                if found.items and size > MAX_PAYLOAD_BYTES:
                    return found
                if not found.items:
                    due = time.monotonic() + settings.batching_window_seconds
                found.items.append(Item(place, record))
                found.after, found.seen = place + 1, found.seen + 1
                if len(found.items) >= settings.batch_size:
                    return found
            if records:
                continue
            if closed:
                found.shard_ended = True
                found.window_ended = self.progress.window is not None
                return found
            window_end = self.progress.window.end * 1000 if self.progress.window else None
            if window_end is not None and moment >= window_end:
                # Arrival times do not step back: what comes from now on belongs to a later window.
                found.window_ended = True
                return found
            now = time.monotonic()
            if now >= (due if found.items else give_up):
                return found
            wait = min((due if found.items else give_up) - now, _LONGEST_WAIT_SECONDS)
            if window_end is not None:
                wait = min(wait, max(window_end - moment, 1) / 1000)
            log.wait(found.after, wait, lambda: self.stopping() or not is_open(self.shard))
        return Gathered(after=self.progress.places[self.slot])

    def _window(self, record: Record, settings: Settings) -> Window:
        if self.progress.window is None:
            self.progress.window = window_of(record, settings.tumbling_window_seconds)
        return self.progress.window


def _first_place(records: list[Record], expected: int) -> int:
    # Records may have expired since `expected` was set. The n-th record stands at n - 1.
    return sequence.parse(records[0].sequence_number).place - 1 if records else expected
