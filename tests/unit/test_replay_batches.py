"""PutRecords requests keep their limits, and the order of a key where it is at risk."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.replay import batches as limits
from helpers.replay.batches import batches
from helpers.replay.pace import Pace
from helpers.replay.records import Outgoing

pytestmark = pytest.mark.faults

MIB = 1024 * 1024


def record(key: str = "k", size_bytes: int = 330, second: int = 0) -> Outgoing:
    return (key, f'{{"event_time":"2019-10-01 00:{second // 60:02}:{second % 60:02} UTC",'.encode(), size_bytes)


def never() -> bool:
    return False


def always() -> bool:
    return True


@pytest.mark.parametrize(("count", "sizes"), [(499, [499]), (500, [500]), (501, [500, 1]), (1001, [500, 500, 1])])
def test_at_most_500_records(count: int, sizes: list[int]) -> None:
    assert [len(batch) for batch in batches([record()] * count, never)] == sizes


@pytest.mark.parametrize(("last_bytes", "sizes"), [(MIB, [10]), (MIB + 1, [9, 1])])
def test_at_most_10_mib(last_bytes: int, sizes: list[int]) -> None:
    records = [record(size_bytes=MIB)] * 9 + [record(size_bytes=last_bytes)]
    assert [len(batch) for batch in batches(records, never)] == sizes


def test_no_records_no_batch() -> None:
    assert list(batches([], never)) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 20)), max_size=60),
    st.booleans(),
    st.integers(1, 12),
    st.integers(20, 80),
)
@settings(max_examples=200, deadline=None)
def test_batches_are_the_records_in_order_within_every_limit(
    drawn: list[tuple[str, int]], wary: bool, max_records: int, max_bytes: int
) -> None:
    """The limits are small here, so that every other batch comes to one of them and just above it."""
    records = [record(key, size) for key, size in drawn]
    with patch.object(limits, "MAX_REQUEST_BYTES", max_bytes):
        made = list(batches(records, lambda: wary, max_records=max_records))
    assert [r for batch in made for r in batch] == records
    for batch, following in zip(made, [*made[1:], []], strict=False):
        assert 1 <= len(batch) <= max_records
        assert sum(size for _, _, size in batch) <= max_bytes
        keys = [key for key, _, _ in batch]
        assert not wary or len(set(keys)) == len(keys)
        if following:
            full = len(batch) == max_records
            heavy = sum(size for _, _, size in batch) + following[0][2] > max_bytes
            assert full or heavy or (wary and following[0][0] in keys), "a batch ended without need"


def test_whether_keys_must_differ_is_asked_anew_for_each_batch() -> None:
    answers = iter([True, False, True])
    made = batches([record("a"), record("a"), record("a"), *[record("b")] * 498, record("c")], lambda: next(answers))
    assert [len(batch) for batch in made] == [1, 500, 1]


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_what_is_due_goes_out_before_the_wait_for_the_next() -> None:
    clock = Clock()
    pace = Pace(60, clock.now, clock.sleep)
    records = [record(second=second) for second in (0, 0, 60, 60, 60, 180)]
    sent = [(clock.time - 1000, len(batch)) for batch in batches(records, never, pace)]
    assert sent == [(0, 2), (1, 3), (3, 1)]
    assert pace.lag_seconds == 0
