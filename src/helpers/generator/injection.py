"""Bots planted in a learner's own file, so that the truth about some of its users is known.

The file's lines stay as they are, malformed ones included; the planted events stand among them
at their time. Products and prices are the file's own, and so are the hours at which bots come.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.dataset.clean import whole_lines
from helpers.dataset.cut import whole_file
from helpers.dataset.prefetch import prefetched
from helpers.dataset.source import Source
from helpers.dataset.times import TIME_LENGTH, time_numbers
from helpers.events import HEADER, judge
from helpers.generator.batch import make_session_ids
from helpers.generator.bots import WINDOW_SECONDS, Kind, Visit, choose_kinds, draw_times, sum_up
from helpers.generator.calibration import Integers
from helpers.generator.errors import NoRoomForBotsError, UnwritableOutputError
from helpers.generator.shop import make_rng
from helpers.generator.survey import Survey, survey
from helpers.generator.writer import format_times, write_truth

_SURVEYING, _PLANTING = 1, 2
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'


@dataclass(frozen=True)
class InjectionReport:
    """What was written.

    Attributes
    ----------
    path
        The learner's rows with the planted events among them.
    truth_path
        Who was planted, in the form of `data/sample/bots.csv`.
    rows
        Number of the learner's rows, malformed ones included.
    planted_rows
        Number of planted events.
    planted
        Number of users planted.
    """

    path: Path
    truth_path: Path
    rows: int
    planted_rows: int
    planted: int


class _Planted(NamedTuple):
    """A planted event: its time as a number, 20191001000000, and its line."""

    number: int
    line: bytes


def inject(source: Source, rows: int | None, seed: int, folder: Path) -> InjectionReport:
    """Write a learner's file anew with bots in it, in constant memory, and beside it the truth about them.

    Parameters
    ----------
    source
        From `helpers.dataset.inspect`.
    rows
        How many first rows to take, malformed ones included; None for all.
    seed
        Decides who comes when. The same file, rows and seed make the same text.
    folder
        `2019-Oct.csv.zip` becomes `2019-Oct_with_bots.csv.gz` and `2019-Oct_bots.csv` in it.

    Raises
    ------
    NoRoomForBotsError
        If the events are too few, or lie too close together, for any visit.
    helpers.dataset.DatasetError, UnwritableOutputError
        If the file is damaged, or a new one cannot be written.
    """
    found = survey(source, rows, make_rng(seed, _SURVEYING))
    visits, planted = _plan(found, make_rng(seed, _PLANTING))
    if not visits:
        raise NoRoomForBotsError(source.name, found.events, found.last - found.first)
    name = _stem(source.path.name)
    path, truth_path = folder / f"{name}_with_bots.csv.gz", folder / f"{name}_bots.csv"
    taken = 0
    with (
        whole_file(path) as raw,
        # Fast rather than small: the file is read a few times and thrown away.
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as file,
        prefetched(source.rows()) as chunks,
    ):
        file.write(HEADER)
        for text, count in _merge(_first_rows(whole_lines(chunks), rows), planted):
            file.write(text)
            taken += count
    try:
        write_truth(visits, truth_path)
    except OSError as error:
        raise UnwritableOutputError(truth_path, error.strerror or str(error)) from error
    return InjectionReport(path, truth_path, taken, len(planted), len(visits))


def _plan(found: Survey, rng: np.random.Generator) -> tuple[list[Visit], list[_Planted]]:
    """Return the visits for which there is room, by first event, and their events in order of time."""
    visits: list[Visit] = []
    planted: list[_Planted] = []
    ids = iter(found.free_ids.tolist())
    for kind in choose_kinds(found.events, lambda kind: _earliest(found) <= _latest(found, kind)):
        times = draw_times(kind, rng)
        moment = int(found.seconds[int(rng.random() * len(found.seconds))])
        start = min(max(_window_start(moment), _earliest(found)), _latest(found, kind))
        visit = sum_up(next(ids), kind, start + times)
        visits.append(visit)
        planted += _act(visit, start + times, found.offers, rng)
    visits.sort(key=lambda each: (each.first_second, each.user))
    return visits, sorted(planted, key=lambda each: each.number)


def _earliest(found: Survey) -> int:
    """Return the start of the first window whole within the period."""
    return _window_start(found.first + WINDOW_SECONDS - 1)


def _latest(found: Survey, kind: Kind) -> int:
    """Return the start of the last window from which a visit of the kind ends before the last event."""
    return _window_start(found.last - 1 - kind.longest_seconds)


def _window_start(seconds: int) -> int:
    return seconds // WINDOW_SECONDS * WINDOW_SECONDS


def _act(visit: Visit, seconds: Integers, offers: Sequence[str], rng: np.random.Generator) -> Iterator[_Planted]:
    session = make_session_ids(1, rng)[0].decode("ascii")
    offer = ""
    for i, time in enumerate(format_times(seconds)):
        # Who puts things into carts looks at each of them first.
        cart = visit.kind.carts and i % 2 == 1
        if not cart:
            offer = offers[int(rng.random() * len(offers))]
        line = f"{time} UTC,{'cart' if cart else 'view'},{offer},{visit.user},{session}\n"
        yield _Planted(int("".join(filter(str.isdigit, time))), line.encode("utf-8"))


def _first_rows(blocks: Iterator[bytes | None], rows: int | None) -> Iterator[tuple[bytes, Integers, int]]:
    """Yield blocks of whole lines, where each line starts, and how many are rows; blank lines are none."""
    # The survey has refused a file with a line that is too long.
    for lines in filter(None, blocks):
        text = np.frombuffer(lines, dtype=np.uint8)
        ends = np.flatnonzero(text == _NEWLINE)
        if not lines.endswith(b"\n"):
            ends = np.append(ends, len(lines))
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts
        counted = np.cumsum((lengths > 1) | ((lengths == 1) & (text[starts] != _RETURN)))
        if rows is not None and counted[-1] >= rows:
            last = int(np.searchsorted(counted, rows))
            yield lines[: int(ends[last]) + 1], starts[: last + 1], rows
            return
        rows = rows if rows is None else rows - int(counted[-1])
        yield lines, starts, int(counted[-1])


def _merge(blocks: Iterator[tuple[bytes, Integers, int]], planted: Sequence[_Planted]) -> Iterator[tuple[bytes, int]]:
    """Put each planted event before the first line of a later time; count the lines that were there."""
    due = 0
    for lines, starts, count in blocks:
        if due < len(planted):
            padded = np.frombuffer(lines + bytes(TIME_LENGTH + 1), dtype=np.uint8)
            numbers = time_numbers(padded, starts + (padded[starts] == _QUOTE))
        pieces, done = [], 0
        while due < len(planted):
            later = _first_later(numbers, planted[due].number, lines, starts)
            if later is None:
                break
            place = int(starts[later])
            pieces += [lines[done:place], planted[due].line]
            done, due = place, due + 1
        pieces.append(lines[done:])
        yield b"".join(pieces), count


def _first_later(numbers: Integers, number: int, lines: bytes, starts: Integers) -> int | None:
    """Return the first line whose time is later; of lines that are no events, `numbers` are set to 0 for good."""
    while (numbers > number).any():
        later = int(np.argmax(numbers > number))
        end = lines.find(b"\n", int(starts[later]))
        line = lines[int(starts[later]) : end if end >= 0 else None]
        if not judge(line.removesuffix(b"\r")).kind:
            return later
        numbers[later] = 0
    return None


def _stem(name: str) -> str:
    for ending in (".zip", ".gz", ".csv"):
        name = name.removesuffix(ending)
    return name
