"""Send many events in each record: one aggregate a shard, of events whose keys belong there."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

from helpers.replay.aggregation import PARTITION_KEY, aggregate, room_in
from helpers.replay.batches import MAX_RECORDS, MAX_REQUEST_BYTES, Batch
from helpers.replay.records import Outgoing, stamped, tail
from helpers.replay.sender import Backoff, Entry, Sender
from helpers.replay.shards import open_shards

# Events of a batch for each shard: some aggregates of 600 events, so that few of them are not full.
_EVENTS_A_SHARD = 2400
_MOST_EVENTS = 20_000
# Keys whose shard is remembered: a visitor makes many events at a time.
_MOST_KNOWN = 50_000


class Aggregate(Entry):
    """An entry of PutRecords that holds several events.

    Parameters
    ----------
    events
        In their order.
    shard, hash_key
        Where they belong, and a hash key that leads there.
    sent_at
        Their `txn_timestamp`.
    """

    def __init__(self, events: list[Outgoing], shard: str, hash_key: str, sent_at: datetime) -> None:
        super().__init__(Data=aggregate(events, tail(sent_at)), PartitionKey=PARTITION_KEY, ExplicitHashKey=hash_key)
        self.events, self.shard = events, shard


class ShardMap:
    """Which shard takes which hash keys, as it was when last looked.

    Parameters
    ----------
    kinesis
        boto3 client.
    stream
        Name of the stream.
    """

    def __init__(self, kinesis: Any, stream: str) -> None:
        self._kinesis, self._stream = kinesis, stream
        self.ids: list[str] = []
        self.hash_keys: list[str] = []
        self._starts: list[int] = []
        self._known: dict[str, int] = {}
        self.look()

    def look(self) -> None:
        """Ask Kinesis for the open shards."""
        shards = open_shards(self._kinesis, self._stream)
        shards.sort(key=lambda shard: int(shard["HashKeyRange"]["StartingHashKey"]))
        self.ids = [shard["ShardId"] for shard in shards]
        self.hash_keys = [shard["HashKeyRange"]["StartingHashKey"] for shard in shards]
        self._starts = [int(key) for key in self.hash_keys]
        self._known.clear()

    def index_of(self, partition_key: str) -> int:
        """Return the position in `ids` of the shard that takes a partition key."""
        digest = md5(partition_key.encode(), usedforsecurity=False).digest()
        index = bisect_right(self._starts, int.from_bytes(digest, "big")) - 1
        if len(self._known) == _MOST_KNOWN:
            self._known.clear()
        self._known[partition_key] = index
        return index

    def shares(self, events: list[Outgoing]) -> list[list[Outgoing]]:
        """Return the events of each shard, in their order."""
        shares: list[list[Outgoing]] = [[] for _ in self.ids]
        known = self._known
        for event in events:
            index = known.get(event[0])
            shares[self.index_of(event[0]) if index is None else index].append(event)
        return shares


class AggregateSender(Sender):
    """Sends batches as aggregates, never two of one shard at a time: so the order of each shard is kept as well.

    What is refused goes in before anything later of the same shard, and nothing is ever `reordered`. A shard that
    was split or merged is noticed by the answer, as the KPL does: events that a reader who checks hash keys (the
    KCL) would not take from where they are now are sent again, and count as `maybe_doubled`.
    """

    def __init__(
        self, kinesis: Any, stream: str, backoff: Backoff, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(kinesis, stream, backoff, sleep)
        self._map = ShardMap(kinesis, stream)
        self._strayed: list[Outgoing] = []
        self._moved = False

    @property
    def batch_events(self) -> int:
        """How many events are worth a batch."""
        return min(_EVENTS_A_SHARD * len(self._map.ids), _MOST_EVENTS)

    def is_wary(self) -> bool:
        return False

    def send(self, batch: Batch, first_event: int) -> None:
        waiting = batch
        while waiting:
            shares = self._map.shares(waiting)
            begun = [0] * len(shares)
            self._strayed, self._moved = [], False
            while not self._moved and (entries := self._next(shares, begun)):
                for request in _requests(entries):
                    self.send_entries(request, first_event)
            waiting = self._strayed + [
                event for share, start in zip(shares, begun, strict=True) for event in share[start:]
            ]

    def _next(self, shares: list[list[Outgoing]], begun: list[int]) -> list[Entry]:
        """Return an entry for each shard that has events left, and move `begun` on."""
        entries: list[Entry] = []
        now = datetime.now(UTC)
        for i, share in enumerate(shares):
            start = begun[i]
            if start == len(share):
                continue
            end = begun[i] = room_in(share, start)
            if end == start + 1:
                # Alone it needs no frame, and may have a whole record.
                entries += stamped(share[start:end], now)
            else:
                entries.append(Aggregate(share[start:end], self._map.ids[i], self._map.hash_keys[i], now))
        return entries

    def _events(self, entries: list[Entry]) -> int:
        return sum(len(entry.events) if isinstance(entry, Aggregate) else 1 for entry in entries)

    def _accept(self, entries: list[Entry], results: list[dict[str, Any]]) -> None:
        for entry, result in zip(entries, results, strict=True):
            shard, count = result["ShardId"], self._events([entry])
            if isinstance(entry, Aggregate) and shard != entry.shard:
                strays = self._strays(entry, shard)
                self._strayed += strays
                self.maybe_doubled += len(strays)
                count -= len(strays)
            self.per_shard[shard] += count
            self.sent += count

    def _strays(self, entry: Aggregate, shard: str) -> list[Outgoing]:
        """Look at the shards anew, and return the events that do not belong where they are."""
        self._moved = True
        # ListShards may know of a change later than PutRecords.
        for failures in range(1, self._backoff.max_tries):
            if shard in self._map.ids:
                break
            self._map.look()
            if shard not in self._map.ids:
                self._sleep(self._backoff.seconds(failures))
        return [event for event in entry.events if self._map.ids[self._map.index_of(event[0])] != shard]


def _requests(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Cut entries of different shards into requests within the limits of PutRecords."""
    request: list[Entry] = []
    size = 0
    for entry in entries:
        entry_bytes = len(entry["Data"]) + len(entry["PartitionKey"].encode())
        if request and (len(request) == MAX_RECORDS or size + entry_bytes > MAX_REQUEST_BYTES):
            yield request
            request, size = [], 0
        request.append(entry)
        size += entry_bytes
    yield request
