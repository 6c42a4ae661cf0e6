"""The log that keeps the records of one Kinesis shard."""

from __future__ import annotations

import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.local.kinesis import shard_log
from helpers.local.kinesis.shard_log import CHUNK_RECORDS, ShardLog

NOW = 1_700_000_000_000


def log_with(count: int, step_millis: int = 1) -> ShardLog:
    log = ShardLog(NOW // 1000, 3)
    for i in range(count):
        log.append([(f"key{i}".encode(), f"data{i}".encode())], NOW + i * step_millis)
    return log


@given(
    st.lists(
        st.lists(st.tuples(st.text(min_size=1, max_size=9), st.binary(max_size=40)), min_size=1, max_size=30),
        max_size=30,
    )
)
def test_records_come_back_in_order_and_unchanged(batches: list[list[tuple[str, bytes]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard_log, "CHUNK_RECORDS", 7)
        log = ShardLog(NOW // 1000, 0)
        numbers = [n for batch in batches for n in log.append([(key.encode(), data) for key, data in batch], NOW)]
        sent = [record for batch in batches for record in batch]
        kept = log.read(0, 10_000)
        assert [(record.key, record.data) for record in kept] == sent
        assert [record.sequence_number for record in kept] == numbers == sorted(set(numbers))
        middle = len(sent) // 2
        assert log.read(middle, 3) == kept[middle : middle + 3]


def test_large_and_incompressible_records_come_back_too() -> None:
    log = ShardLog(NOW // 1000, 0)
    blobs = [os.urandom(300_000) for _ in range(9)]
    log.append([(b"k", blob) for blob in blobs], NOW)
    assert [record.data for record in log.read(0, 100)] == blobs


def test_a_read_stops_before_the_byte_limit_but_gives_one_record() -> None:
    log = ShardLog(NOW // 1000, 0)
    log.append([(b"12", b"x" * 98)] * 5, NOW)
    assert len(log.read(0, 10, 299)) == 2
    assert len(log.read(0, 10, 300)) == 3
    assert len(log.read(0, 10, 1)) == 1


def test_old_records_are_forgotten_exactly_and_places_stay() -> None:
    log = log_with(3 * CHUNK_RECORDS)
    cut = CHUNK_RECORDS + 5
    log.forget_before(NOW + cut)
    assert (log.start, log.end) == (cut, 3 * CHUNK_RECORDS)
    assert log.read(0, 1)[0].key == f"key{cut}"
    assert log.read(cut + 10, 1)[0].key == f"key{cut + 10}"
    log.forget_before(NOW + 10**6)
    assert (log.start, log.read(0, 10)) == (log.end, [])
    log.append([(b"new", b"")], NOW + 10**6)
    assert [record.key for record in log.read(0, 10)] == ["new"]


def test_a_time_is_found_between_records() -> None:
    log = log_with(2 * CHUNK_RECORDS, step_millis=10)
    assert log.place_at(NOW - 1) == 0
    assert log.place_at(NOW) == 0
    assert log.place_at(NOW + 1) == 1
    assert log.place_at(NOW + 10 * CHUNK_RECORDS) == CHUNK_RECORDS
    assert log.place_at(NOW + 10**9) == log.end
    log.forget_before(NOW + 95)
    assert log.place_at(NOW) == 10


def test_arrival_times_do_not_step_back_with_the_clock() -> None:
    log = ShardLog(NOW // 1000, 0)
    log.append([(b"a", b"")], NOW)
    log.append([(b"b", b"")], NOW - 5000)
    assert [record.arrival for record in log.read(0, 2)] == [NOW, NOW]


def test_the_emulator_reads_it_as_a_list_of_dictionaries() -> None:
    log = log_with(CHUNK_RECORDS + 10)
    assert len(log) == CHUNK_RECORDS + 10
    last = log[-1]
    assert last["PartitionKey"] == f"key{CHUNK_RECORDS + 9}"
    assert set(last) == {"SequenceNumber", "ApproximateArrivalTimestamp", "Data", "PartitionKey"}
    assert log[5]["Data"] == "ZGF0YTU="
    assert log[5]["ApproximateArrivalTimestamp"] == (NOW + 5) / 1000
    assert [record["PartitionKey"] for record in log[2:5]] == ["key2", "key3", "key4"]
    assert log[len(log) :] == []
    assert sum(1 for _ in log) == len(log)
    with pytest.raises(IndexError):
        log[len(log)]


def test_a_kept_event_takes_less_memory_than_its_text() -> None:
    record = (
        b'{"event_time":"2019-10-01 00:00:00 UTC","event_type":"view","category_code":"electronics.smartphone","n":%d}'
    )
    records = [(b"user-%d" % i, record % i) for i in range(20 * CHUNK_RECORDS)]
    text = sum(len(data) for _, data in records)
    tracemalloc.start()
    log = ShardLog(NOW // 1000, 0)
    for i in range(0, len(records), 500):
        log.append([(bytes(key), bytes(data)) for key, data in records[i : i + 500]], NOW)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < text / 2
