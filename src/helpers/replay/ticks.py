"""Ticks: events that only move the clock of whoever counts in windows of event time.

The watermark of a job is that of its slowest shard. A shard on which nothing comes holds back the
windows of all, or is left out of account after a time, and then what comes next on it may be late:
https://docs.aws.amazon.com/managed-flink/latest/java/best-practices.html (watermarks and idle shards).
So a replay opens every shard with a tick, sends one to each shard that stays silent, and closes every
shard with one that is later than all events, or the last windows would never end. No query counts them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.events import COLUMNS
from helpers.replay.batches import MAX_RECORDS
from helpers.replay.errors import NoSuchStreamError
from helpers.replay.sender import Backoff, Sender
from helpers.replay.shards import open_shards

TICK_TYPE = "tick"
# A silent shard is left out of account after ten seconds in the lab's notes, so ticks come more often.
SILENT_SECONDS = 2.0
# Flink asks a shard five times a second; until each has been asked, the opening ticks are not seen.
OPENING_SECONDS = 0.5
# Later than the end of any window that holds the last event, with room for its watermark.
_CLOSING = timedelta(hours=1)
_MARK = f'"event_type":"{TICK_TYPE}"'.encode()
_NOTHING = dict.fromkeys(COLUMNS, "") | {"product_id": "0", "category_id": "0", "price": "0.00", "user_id": "0"}


class Ticker:
    """Sends the ticks of one replay.

    Parameters
    ----------
    kinesis, stream, backoff
        As the replay's own.
    traffic
        The sender of the events, whose `per_shard` says which shards are silent.
    now, sleep
        The clock, in seconds.
    """

    def __init__(
        self,
        kinesis: Any,
        stream: str,
        backoff: Backoff,
        traffic: Sender,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # A sender of its own: its counts are not those of the traffic.
        self._sender = Sender(kinesis, stream, backoff)
        self._kinesis, self._stream, self._traffic, self._now, self._sleep = kinesis, stream, traffic, now, sleep
        self._hash_keys: dict[str, str] = {}
        self._counted: dict[str, int] = {}
        self._latest = now()

    def open(self, first_event: str) -> None:
        """Tick on every shard, and wait until readers have seen it.

        Parameters
        ----------
        first_event
            event_time of the first event, `2019-10-01 00:00:00 UTC`.

        Raises
        ------
        NoSuchStreamError
            If there is no such stream.
        ReplayStoppedError
            If Kinesis goes on refusing.
        """
        self._find_shards()
        self._tick(list(self._hash_keys.values()), _moment(first_event))
        self._latest = self._now()
        self._sleep(OPENING_SECONDS)

    def keep_time(self, event_time: str) -> None:
        """Tick on the shards that were silent for `SILENT_SECONDS`; no event before `event_time` may follow."""
        if self._now() - self._latest < SILENT_SECONDS:
            return
        counts = {shard: self._traffic.per_shard[shard] for shard in self._hash_keys}
        silent = [self._hash_keys[shard] for shard in counts if counts[shard] == self._counted.get(shard, 0)]
        self._tick(silent, _moment(event_time))
        self._counted, self._latest = counts, self._now()

    def close(self, last_event: str) -> None:
        """Tick on every shard, an hour after the last event on both clocks."""
        # Anew: a shard may have been split meanwhile.
        self._find_shards()
        self._tick(list(self._hash_keys.values()), _moment(last_event), _CLOSING)

    def _find_shards(self) -> None:
        try:
            shards = open_shards(self._kinesis, self._stream)
        except self._kinesis.exceptions.ResourceNotFoundException as error:
            raise NoSuchStreamError(self._stream) from error
        self._hash_keys = {shard["ShardId"]: shard["HashKeyRange"]["StartingHashKey"] for shard in shards}

    def _tick(self, hash_keys: list[str], event_time: datetime, later: timedelta = timedelta()) -> None:
        event = _NOTHING | {
            "event_time": f"{event_time + later:%Y-%m-%d %H:%M:%S} UTC",
            "event_type": TICK_TYPE,
            "txn_timestamp": (datetime.now(UTC) + later).replace(tzinfo=None).isoformat(timespec="milliseconds"),
        }
        data = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        entries: list[dict[str, object]] = [
            {"Data": data, "PartitionKey": TICK_TYPE, "ExplicitHashKey": key} for key in hash_keys
        ]
        for start in range(0, len(entries), MAX_RECORDS):
            self._sender.send_entries(entries[start : start + MAX_RECORDS], self._traffic.sent + 1)


def is_tick(data: bytes) -> bool:
    """Say whether a record is a tick and no traffic."""
    return _MARK in data


def _moment(event_time: str) -> datetime:
    return datetime.fromisoformat(event_time.removesuffix(" UTC"))
