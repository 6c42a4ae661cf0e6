"""What must be known of a learner's file before bots are planted in it, found in one pass."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.dataset.clean import CleanBlock, clean_blocks
from helpers.dataset.errors import NoEventsError
from helpers.dataset.prefetch import prefetched
from helpers.dataset.source import Source
from helpers.dataset.times import time_span
from helpers.events import COLUMNS, join_fields, split_line
from helpers.generator.calibration import Integers

# Enough for the planted to look at different products at different times of the day.
SAMPLED_EVENTS = 2_000
# Ids of nine digits, as the shop's, many more than are needed: those that the file has are left out.
_LEAST_ID, _MOST_ID, _CANDIDATES = 100_000_000, 999_999_999, 4_096

_NEWLINE = ord("\n")


@dataclass(frozen=True)
class Survey:
    """A learner's events in sum.

    Attributes
    ----------
    events
        How many well-formed rows there are.
    first, last
        Earliest and latest event_time, in seconds since the epoch.
    seconds
        Int64 of shape (n,): event_time of a sample of the events, each as likely as any other.
    offers
        Of the same events `product_id,category_id,category_code,brand,price`, as CSV.
    free_ids
        Int64, in no order: user ids that the file does not have.
    """

    events: int
    first: int
    last: int
    seconds: Integers
    offers: list[str]
    free_ids: Integers


def survey(source: Source, rows: int | None, rng: np.random.Generator) -> Survey:
    """Read a file once, in constant memory.

    Parameters
    ----------
    source
        From `helpers.dataset.inspect`.
    rows
        How many first rows to read, malformed ones included; None for all.
    rng
        Chooses the sample and the ids.

    Raises
    ------
    helpers.dataset.DatasetError
        If the file is damaged or has no event among these rows.
    """
    candidates = _LEAST_ID + np.unique((rng.random(_CANDIDATES) * (_MOST_ID - _LEAST_ID)).astype(np.int64))
    taken = np.zeros(len(candidates), dtype=np.bool_)
    sample = _Sample(rng)
    events, first, last = 0, "", ""
    with prefetched(source.rows()) as chunks:
        for block in clean_blocks(chunks, source.name, source.first_line_number, rows):
            if not block.rows:
                continue
            span = time_span(block.data)
            first, last = min(first or span.earliest, span.earliest), max(last, span.latest)
            events += block.rows
            taken |= np.isin(candidates, _user_ids(block))
            sample.add(block)
    if not events:
        raise NoEventsError(source.path, "none of the rows read is well-formed")
    free = candidates[~taken]
    free = free[np.argsort(rng.random(len(free)), kind="stable")]
    fields = [split_line(line.decode("utf-8")) for line in sample.lines()]
    return Survey(
        events,
        to_seconds(first),
        to_seconds(last),
        np.array([to_seconds(each[0]) for each in fields], dtype=np.int64),
        [join_fields(each[2:7]).decode("utf-8") for each in fields],
        free,
    )


def to_seconds(event_time: str) -> int:
    """Return an event_time, such as `2019-10-01 00:00:00 UTC`, as seconds since the epoch."""
    return int(np.datetime64(event_time.removesuffix(" UTC"), "s").astype(np.int64))


class _Sample:
    """Lines chosen at random: those with the smallest of random keys."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._chosen: list[tuple[float, bytes]] = []
        self._below = 1.0

    def add(self, block: CleanBlock) -> None:
        keys = self._rng.random(block.rows)
        ends = np.flatnonzero(np.frombuffer(block.data, dtype=np.uint8) == _NEWLINE)
        for i in np.flatnonzero(keys < self._below).tolist():
            start = int(ends[i - 1]) + 1 if i else 0
            self._chosen.append((float(keys[i]), block.data[start : int(ends[i])]))
        self._chosen = sorted(self._chosen)[:SAMPLED_EVENTS]
        if len(self._chosen) == SAMPLED_EVENTS:
            self._below = self._chosen[-1][0]

    def lines(self) -> list[bytes]:
        return [line for _, line in self._chosen]


def _user_ids(block: CleanBlock) -> NDArray[np.int64]:
    # Imported here because it costs memory and time that the other commands need not spend.
    import pyarrow as pa
    from pyarrow import csv

    table: Any = csv.read_csv(
        io.BytesIO(block.data),
        read_options=csv.ReadOptions(column_names=list(COLUMNS)),
        convert_options=csv.ConvertOptions(column_types={"user_id": pa.int64()}, include_columns=["user_id"]),
    )
    ids: NDArray[np.int64] = table["user_id"].to_numpy()
    return ids
