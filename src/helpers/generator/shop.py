"""The shop's events in order of time, in constant memory whatever their number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from helpers.generator.batch import PURCHASE, Batch, concatenate, empty_batch, make_session_ids
from helpers.generator.calibration import Floats, Integers
from helpers.generator.catalogue import Catalogue
from helpers.generator.sessions import Block, Funnel, build_funnel, draw_sizes, play
from helpers.generator.traffic import END_SECONDS, place
from helpers.generator.users import Visitors

_BLOCK_SESSIONS = 8192
# Sessions started in the last hours may be moved back, to end within the last day, so events
# from then on are held until all sessions are known.
_HELD_SECONDS = 2 * 3600
_SIZES, _SPACINGS, _CONTENTS = 1, 2, 3


class Shop:
    """A shop visited by people only.

    Parameters
    ----------
    rows
        Number of events, all of them in whole sessions.
    seed
        Decides everything but the catalogue.
    catalogue
        The shop's products.
    """

    def __init__(self, rows: int, seed: int, catalogue: Catalogue) -> None:
        self._rows, self._seed, self._catalogue = rows, seed, catalogue
        self._funnel: Funnel = build_funnel(catalogue)

    def events(self) -> Iterator[Batch]:
        """Yield the events in order of time, ties at random."""
        pending = empty_batch()
        sessions = sum(len(sizes) for sizes in self._sizes())
        visitors = Visitors(sessions)
        hold = END_SECONDS - _HELD_SECONDS
        for number, (sizes, positions) in enumerate(zip(self._sizes(), self._positions(sessions), strict=True)):
            rng = make_rng(self._seed, _CONTENTS, number)
            starts = place(positions)
            block = play(starts, sizes, self._catalogue, self._funnel, rng)
            starts, seconds = _fit_period(starts, sizes, block)
            ends = np.maximum.reduceat(seconds, np.cumsum(sizes) - sizes)
            buying = np.bincount(block.session, block.kind == PURCHASE) > 0
            users = visitors.assign(starts, ends, buying, rng)
            ids = make_session_ids(len(sizes), rng)
            new = Batch(
                seconds, block.kind, block.product, users[block.session], ids[block.session], rng.random(len(seconds))
            )
            pending = concatenate((pending, new))
            done = pending.seconds < min(int(starts[-1]), hold)
            yield pending.take(done).in_order()
            pending = pending.take(~done)
        yield pending.in_order()

    def _sizes(self) -> Iterator[Integers]:
        """Yield events per session, block by block; the last session is cut to reach the number of rows."""
        rng, left = make_rng(self._seed, _SIZES), self._rows
        while left > 0:
            sizes = draw_sizes(_BLOCK_SESSIONS, rng)
            total = np.cumsum(sizes)
            if total[-1] >= left:
                count = int(np.searchsorted(total, left)) + 1
                sizes = sizes[:count]
                sizes[-1] -= total[count - 1] - left
            left -= int(sizes.sum())
            yield sizes

    def _positions(self, sessions: int) -> Iterator[Floats]:
        """Yield where in the traffic the sessions start, rising from 0 to 1.

        The spacings of a Poisson process are exponential; divided by their sum they are those of
        so many points thrown at random, without having to sort them.
        """
        total = sum(float(spacings.sum()) for spacings in self._spacings(sessions + 1))
        passed = 0.0
        for spacings in self._spacings(sessions):
            positions = passed + np.cumsum(spacings)
            passed = float(positions[-1])
            yield np.minimum(positions / total, 1.0)

    def _spacings(self, count: int) -> Iterator[Floats]:
        rng = make_rng(self._seed, _SPACINGS)
        for done in range(0, count, _BLOCK_SESSIONS):
            yield -np.log1p(-rng.random(min(_BLOCK_SESSIONS, count - done)))


def _fit_period(starts: Integers, sizes: Integers, block: Block) -> tuple[Integers, Integers]:
    """Return starts and seconds of all events within the period: late sessions start earlier, or are quicker."""
    first = np.cumsum(sizes) - sizes
    length = np.maximum.reduceat(block.seconds, first)
    over = np.maximum(starts + length - (END_SECONDS - 1), 0)
    if not over.any():
        return starts, starts[block.session] + block.seconds
    earliest = np.minimum(starts, END_SECONDS - _HELD_SECONDS)
    begin = np.maximum(starts - over, earliest)
    room = END_SECONDS - 1 - begin
    # Quicker: what is left of each gap is at least two seconds, the steps being whole.
    tight = (length > room)[block.session]
    scaled = block.seconds * room[block.session] // np.maximum(length, 1)[block.session]
    return begin, begin[block.session] + np.where(tight, scaled, block.seconds)


def make_rng(seed: int, *purpose: int) -> np.random.Generator:
    """Return a source of randomness for one purpose, the same for the same seed on every machine."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *purpose])))
