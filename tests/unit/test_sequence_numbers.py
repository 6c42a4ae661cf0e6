"""The form of Kinesis sequence numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.local.kinesis.sequence import LAST_PLACE, Sequence, numbers, parse, prefix

seconds = st.integers(1_400_000_000, 2_000_000_000)
shards = st.integers(0, 2**31 - 1)


@given(seconds, shards, st.integers(0, LAST_PLACE), seconds)
def test_a_number_tells_its_parts(created: int, shard: int, place: int, arrival: int) -> None:
    sequence = Sequence(created, shard, place, arrival)
    assert parse(str(sequence)) == sequence
    assert len(str(sequence)) == 56


@given(seconds, shards, st.integers(1, 2**40), seconds, st.integers(0, 10**6))
def test_numbers_increase_with_the_place_whatever_the_clock_says(
    created: int, shard: int, place: int, arrival: int, later: int
) -> None:
    first = numbers(prefix(created, shard), place, 3, arrival + later)
    then = numbers(prefix(created, shard), place + 3, 1, arrival)
    ordered = [*first, *then]
    assert [int(number) for number in ordered] == sorted(int(number) for number in ordered)
    assert ordered == sorted(ordered)
    assert parse(then[0]) == Sequence(created, shard, place + 3, arrival)


@pytest.mark.parametrize("number", ["0", "5", "abc", "", "2" * 56, str(Sequence(1, 1, LAST_PLACE + 1, 1)), "-1"])
def test_what_is_no_sequence_number_is_refused(number: str) -> None:
    with pytest.raises(ValueError):
        parse(number)
