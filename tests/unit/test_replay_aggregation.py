"""Aggregates are those of the Kinesis Producer Library, and what they promise survives refusals and new shards."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from aws_kinesis_agg.deaggregator import deaggregate_records
from botocore.exceptions import ConnectionClosedError
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.kpl import user_records
from helpers.partition_keys import hash_key
from helpers.replay import Backoff
from helpers.replay.aggregate_sender import AggregateSender
from helpers.replay.aggregation import AGGREGATE_BYTES, aggregate, room_in
from helpers.replay.batches import MAX_RECORD_BYTES, MAX_RECORDS, MAX_REQUEST_BYTES
from helpers.replay.records import Outgoing, tail

pytestmark = pytest.mark.faults

TAIL = tail(datetime(2026, 1, 2, tzinfo=UTC))
HASH_KEYS = 2**128


def event(key: str, text: str = "", size: int | None = None) -> Outgoing:
    """Return an event as `outgoing` makes it, padded to a size with its key and time."""
    head = text.encode() + b"|"
    head += b"x" * ((size or 0) - len(head) - len(TAIL) - len(key.encode()))
    return (key, head, len(head) + len(TAIL) + len(key.encode()))


def taken_apart_by_aws(data: bytes) -> list[tuple[str, bytes]]:
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": "1",
            "approximateArrivalTimestamp": 1.0,
            "partitionKey": "a",
            "data": base64.b64encode(data),
        }
    }
    return [
        (found["kinesis"]["partitionKey"], base64.b64decode(found["kinesis"]["data"]))
        for found in deaggregate_records([record])
    ]


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256), st.integers(0, 40_000)),
        min_size=1,
        max_size=30,
    )
)
@settings(deadline=None)
def test_awss_own_library_and_the_labs_functions_read_them(drawn: list[tuple[str, int]]) -> None:
    events = [event(key, str(i), size) for i, (key, size) in enumerate(drawn)]
    data = aggregate(events, TAIL)
    expected = [(key, head + TAIL) for key, head, _ in events]
    assert taken_apart_by_aws(data) == expected
    assert user_records(data, "a") == expected


def test_a_key_of_many_events_stands_there_once() -> None:
    events = [event(f"user-{i % 200}") for i in range(600)]
    data = aggregate(events, TAIL)
    assert data.count(b"\x0a\x06user-7") == 1
    assert [key for key, _ in taken_apart_by_aws(data)] == [key for key, _, _ in events]


@given(st.lists(st.integers(60, 300_000), min_size=1, max_size=60), st.integers(0, 300))
def test_an_aggregate_is_full_and_within_its_limit(sizes: list[int], key_length: int) -> None:
    events = [event(str(i) + "k" * min(key_length, 250), "", size) for i, size in enumerate(sizes)]
    start = 0
    while start < len(events):
        end = room_in(events, start)
        assert end > start
        size = len(aggregate(events[start:end], TAIL)) + len("a")
        if end > start + 1:
            assert size <= AGGREGATE_BYTES
        if end < len(events):
            assert size + events[end][2] + 20 * (end - start + 1) > AGGREGATE_BYTES
        start = end


class Shards:
    """A stream in memory that can be split and merged, and whose requests and records fail as told."""

    def __init__(self, count: int, chance: random.Random, refuse: float = 0, cut: float = 0) -> None:
        self._chance, self._refuse, self._cut = chance, refuse, cut
        bounds = [HASH_KEYS * i // count for i in range(count + 1)]
        self.ranges = {f"shardId-{i}": (bounds[i], bounds[i + 1] - 1) for i in range(count)}
        self.closed: set[str] = set()
        self.records: dict[str, list[tuple[str, bytes]]] = {shard: [] for shard in self.ranges}
        self.requests: list[list[str]] = []

    def open(self) -> list[str]:
        return [shard for shard in self.ranges if shard not in self.closed]

    def split(self, shard: str) -> None:
        first, last = self.ranges[shard]
        middle = (first + last) // 2
        for bounds in ((first, middle), (middle + 1, last)):
            self._add(bounds)
        self.closed.add(shard)

    def merge(self, shard: str, neighbour: str) -> None:
        bounds = sorted([*self.ranges[shard], *self.ranges[neighbour]])
        assert bounds[1] + 1 == bounds[2]
        self._add((bounds[0], bounds[3]))
        self.closed |= {shard, neighbour}

    def _add(self, bounds: tuple[int, int]) -> None:
        name = f"shardId-{len(self.ranges)}"
        self.ranges[name], self.records[name] = bounds, []

    def list_shards(self, **_: Any) -> dict[str, Any]:
        return {
            "Shards": [
                {
                    "ShardId": shard,
                    "HashKeyRange": {"StartingHashKey": str(first), "EndingHashKey": str(last)},
                    "SequenceNumberRange": {"EndingSequenceNumber": "1"} if shard in self.closed else {},
                }
                for shard, (first, last) in self.ranges.items()
            ]
        }

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert len(Records) <= MAX_RECORDS
        assert sum(len(entry["Data"]) + len(entry["PartitionKey"].encode()) for entry in Records) <= MAX_REQUEST_BYTES
        results, shards = [], []
        for entry in Records:
            assert len(entry["Data"]) + len(entry["PartitionKey"].encode()) <= MAX_RECORD_BYTES
            place = int(entry.get("ExplicitHashKey", hash_key(entry["PartitionKey"])))
            shard = next(name for name in self.open() if self.ranges[name][0] <= place <= self.ranges[name][1])
            shards.append(shard)
            if self._chance.random() < self._refuse:
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"})
            else:
                self.records[shard].append((entry["PartitionKey"], entry["Data"]))
                results.append({"ShardId": shard, "SequenceNumber": "1"})
        self.requests.append(shards)
        if self._chance.random() < self._cut:
            raise ConnectionClosedError(endpoint_url="https://kinesis")
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedRecordCount": failed, "Records": results, "ResponseMetadata": {"RetryAttempts": 0}}

    def read(self, *, by_hash_key: bool) -> dict[str, list[int]]:
        """Return the numbers of each key's events in the shards' order, as the KCL would or as who takes all."""
        found: dict[str, list[int]] = {}
        for shard, records in self.records.items():
            first, last = self.ranges[shard]
            for partition_key, data in records:
                for key, payload in user_records(data, partition_key):
                    if not by_hash_key or first <= hash_key(key) <= last:
                        found.setdefault(key, []).append(int(payload.split(b"|")[0]))
        return found


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpers.replay.aggregation.AGGREGATE_BYTES", 600)


def sender_to(stream: Shards) -> AggregateSender:
    return AggregateSender(stream, "events", Backoff(max_tries=1000), sleep=lambda seconds: None)


def numbered(count: int, chance: random.Random) -> list[Outgoing]:
    return [event(f"user-{chance.randrange(12)}", str(i), 100) for i in range(count)]


def by_key(events: list[Outgoing]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key, head, _ in events:
        found.setdefault(key, []).append(int(head.split(b"|")[0]))
    return found


@given(st.integers(1, 5), st.integers(0, 400), st.sampled_from([0, 0.01, 0.3, 0.8]), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
@pytest.mark.usefixtures("quiet")
def test_refused_aggregates_arrive_once_and_each_shard_keeps_its_order(
    shards: int, count: int, refuse: float, seed: int
) -> None:
    chance = random.Random(seed)
    stream = Shards(shards, chance, refuse)
    sender, events = sender_to(stream), numbered(count, chance)
    sender.send(events, 1)
    assert stream.read(by_hash_key=True) == stream.read(by_hash_key=False) == by_key(events)
    assert (sender.sent, sender.maybe_doubled, sender.reordered) == (count, 0, 0)
    assert sum(sender.per_shard.values()) == count
    assert all(len(set(request)) == len(request) for request in stream.requests), "a shard twice in a request"
    for records in stream.records.values():
        numbers = [int(text.split(b"|")[0]) for key, data in records for _, text in user_records(data, key)]
        assert numbers == sorted(numbers)


@given(st.integers(1, 4), st.sampled_from([0, 0.2]), st.sampled_from([0, 0.2]), st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
@pytest.mark.usefixtures("quiet")
def test_shards_split_and_merged_meanwhile_lose_nothing_for_any_reader(
    shards: int, refuse: float, cut: float, seed: int
) -> None:
    chance = random.Random(seed)
    stream = Shards(shards, chance, refuse, cut)
    sender, events = sender_to(stream), numbered(400, chance)
    for start in range(0, 400, 80):
        sender.send(events[start : start + 80], start + 1)
        open_now = sorted(stream.open(), key=lambda shard: stream.ranges[shard])
        if chance.random() < 0.6 or len(open_now) == 1:
            stream.split(chance.choice(open_now))
        else:
            at = chance.randrange(len(open_now) - 1)
            stream.merge(open_now[at], open_now[at + 1])
    for by_hash_key in (True, False):
        found = stream.read(by_hash_key=by_hash_key)
        if by_hash_key:
            assert {key: list(dict.fromkeys(numbers)) for key, numbers in found.items()} == by_key(events)
        doubled = sum(map(len, found.values())) - len(events)
        assert 0 <= doubled <= sender.maybe_doubled
    assert sender.sent == len(events)


def test_a_shard_split_meanwhile_is_noticed_by_the_answer_and_only_strays_go_again() -> None:
    stream = Shards(1, random.Random(1))
    sender = sender_to(stream)
    events = numbered(100, random.Random(2))
    sender.send(events[:50], 1)
    stream.split("shardId-0")
    sender.send(events[50:], 51)
    upper = [key for key, _, _ in events[50:] if hash_key(key) >= HASH_KEYS // 2]
    assert upper
    assert (sender.sent, sender.maybe_doubled) == (100, len(upper))
    assert sender.per_shard == {"shardId-0": 50, "shardId-1": 50 - len(upper), "shardId-2": len(upper)}


@pytest.mark.parametrize("extra", [0, 1])
def test_an_event_that_needs_a_record_of_its_own_goes_plain(extra: int) -> None:
    stream = Shards(1, random.Random(1))
    large = MAX_RECORD_BYTES if extra else AGGREGATE_BYTES
    events = [event("a", "0", 100), event("b", "1", large), event("c", "2", 100), event("d", "3", 100)]
    sender_to(stream).send(events, 1)
    [first, second, third] = stream.records["shardId-0"]
    assert [first[0], second[0], third[0]] == ["a", "b", "a"]
    assert second[1].startswith(events[1][1]) and len(second[1]) == large - len("b")
    assert [len(user_records(data, key)) for key, data in (first, second, third)] == [1, 1, 2]
