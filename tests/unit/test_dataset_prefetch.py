"""Reading ahead changes neither order nor errors, and ends with its context."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from helpers.dataset.prefetch import AHEAD, prefetched


def test_items_come_in_order() -> None:
    with prefetched(iter(range(1000))) as items:
        assert list(items) == list(range(1000))


def test_error_comes_where_it_happened() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    taken: list[int] = []
    with pytest.raises(ValueError, match="third"), prefetched(broken()) as items:
        for item in items:
            taken.append(item)
    assert taken == [1, 2]


def test_leaving_early_ends_the_thread_and_reads_no_further() -> None:
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    before = threading.active_count()
    with prefetched(source := endless()) as items:
        assert next(items) == 0
    assert threading.active_count() == before
    assert len(made) <= AHEAD + 3
    assert next(source) == len(made) - 1


def test_one_stage_may_feed_the_next() -> None:
    with prefetched(iter(range(100))) as numbers, prefetched(n * n for n in numbers) as squares:
        assert next(squares) == 0
        assert next(squares) == 1
