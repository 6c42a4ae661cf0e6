"""Bots to plant among the shop's visitors, and the truth about them.

Each visit is made for a rule of the lab: more than 5 actions of one user in a tumbling window of
10 seconds are looked at, more than 10 raise an alert. Windows start at whole multiples of 10
seconds since the epoch, as Flink's do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from helpers.generator.batch import CART, VIEW, Batch, concatenate, empty_batch, make_session_ids
from helpers.generator.calibration import Integers, load_calibration
from helpers.generator.catalogue import Catalogue
from helpers.generator.traffic import DAY_SECONDS, START_SECONDS, place

WINDOW_SECONDS = 10

_MOST_OF_ALL_EVENTS = 0.025
_EVENTS_PER_TEAM = 50_000
_MOST_TEAMS = 20
_SECONDS_BETWEEN_BURSTS = 90


@dataclass(frozen=True)
class Kind:
    """One way to behave.

    Attributes
    ----------
    name, is_bot, description
        What the truth file says.
    bursts
        Actions in each burst of less than 10 seconds; bursts are 90 seconds or more apart.
    split
        Whether bursts lie across the border of two windows, half of the actions in each.
    carts
        Whether every second action is a cart.
    steady
        If not 0: single actions this many seconds apart, instead of bursts.
    """

    name: str
    is_bot: bool
    description: str
    bursts: tuple[int, ...]
    split: bool = False
    carts: bool = False
    steady: int = 0

    @property
    def events(self) -> int:
        """Number of events of a visit."""
        return sum(self.bursts)

    @property
    def longest_seconds(self) -> int:
        """The most seconds from the start of a visit's first window to its last event."""
        if self.steady:
            return (self.events - 1) * self.steady
        waits = sum(_next_window(_waits(actions)[1] - 1) for actions in self.bursts[:-1])
        return waits + int(_burst(self.bursts[-1], self.split)[-1])


# What a person looks at one after the other, around the one burst.
_BROWSING = (1,) * 5

_OVER = "bursts of 11 or 12 in a window: just over the alert threshold"
_UNDER = "bursts of 9 or 10 in a window: looked at, but no alert"
_BELOW = "bursts of 6 to 8 in a window: looked at, far from an alert"
_SPLIT = "12 actions in 10 seconds, 6 on either side of a window's border: only a hopping window sees 12"
_SCRAPER = "views dozens of products in seconds"
_STUFFER = "puts one product after the other into carts"
_BUSY = "a person who once opens many products at a time: a false alarm if alerted"
_SLOW = "an action every 4 seconds for a quarter of an hour: no window of 10 seconds is unusual, the session is"

# In order of importance: a small data set gets those for which there is room.
TEAM = (
    Kind("just_over", True, _OVER, (11, 12)),
    Kind("scraper", True, _SCRAPER, (32,)),
    Kind("straddler", True, _SPLIT, (12, 12), split=True),
    Kind("just_under", True, _UNDER, (10, 9)),
    Kind("busy_person", False, _BUSY, (*_BROWSING, 11, *_BROWSING)),
    Kind("cart_stuffer", True, _STUFFER, (24,), carts=True),
    Kind("below", True, _BELOW, (6, 8, 7)),
    Kind("just_over", True, _OVER, (12,)),
    Kind("straddler", True, _SPLIT, (12,), split=True),
    Kind("just_under", True, _UNDER, (9, 10, 9)),
    Kind("busy_person", False, _BUSY, (*_BROWSING, 12, *_BROWSING)),
    Kind("scraper", True, _SCRAPER, (45, 60)),
    Kind("just_over", True, _OVER, (11, 11, 11)),
    Kind("below", True, _BELOW, (7, 6)),
    Kind("slow", True, _SLOW, (1,) * 225, steady=4),
    Kind("scraper", True, _SCRAPER, (200,)),
    Kind("cart_stuffer", True, _STUFFER, (30, 40), carts=True),
    Kind("just_over", True, _OVER, (12, 11, 12, 11)),
    Kind("just_under", True, _UNDER, (10, 10)),
    Kind("straddler", True, _SPLIT, (12, 12, 12), split=True),
    Kind("busy_person", False, _BUSY, (*_BROWSING, 11, *_BROWSING)),
    Kind("below", True, _BELOW, (8, 8, 7, 6)),
    Kind("just_over", True, _OVER, (11, 9, 12)),
    Kind("just_under", True, _UNDER, (9,)),
)


@dataclass(frozen=True)
class Visit:
    """One planted user.

    Attributes
    ----------
    user
        user_id, no one else's.
    kind
        How the user behaves.
    first_second, last_second
        Seconds since the epoch of the first and the last event.
    most_in_window
        Most events in a tumbling window of 10 seconds.
    """

    user: int
    kind: Kind
    first_second: int
    last_second: int
    most_in_window: int


def choose_kinds(rows: int, fits: Callable[[Kind], bool] = lambda kind: True) -> list[Kind]:
    """Return who is to be planted among so many events: at most a fortieth of them, and of kinds that fit."""
    room = int(rows * _MOST_OF_ALL_EVENTS)
    teams = min(max(rows // _EVENTS_PER_TEAM, 1), _MOST_TEAMS)
    chosen = []
    for kind in TEAM * teams:
        if kind.events <= room and fits(kind):
            chosen.append(kind)
            room -= kind.events
    return chosen


def plan(kinds: list[Kind], catalogue: Catalogue, rng: np.random.Generator) -> tuple[list[Visit], Batch]:
    """Return the visits, by first event, and all their events in order of time."""
    visits, batches = [], [empty_batch()]
    taken: set[int] = set()
    for kind in kinds:
        start = int(place(np.array([0.02 + 0.95 * rng.random()]))[0])
        seconds = start // WINDOW_SECONDS * WINDOW_SECONDS + draw_times(kind, rng)
        user = _new_user(start, taken)
        visits.append(sum_up(user, kind, seconds))
        batches.append(_act(kind, seconds, user, catalogue, rng))
    return sorted(visits, key=lambda each: (each.first_second, each.user)), concatenate(batches).in_order()


def merge(events: Iterator[Batch], planted: Batch) -> Iterator[Batch]:
    """Yield events with others planted among them; both must be in order of time."""
    for batch in events:
        if not len(batch):
            continue
        due = int(np.searchsorted(planted.seconds, batch.seconds[-1], side="right"))
        if not due:
            yield batch
            continue
        yield concatenate((batch, planted.take(slice(0, due)))).in_order()
        planted = planted.take(slice(due, None))
    if len(planted):
        yield planted


def sum_up(user: int, kind: Kind, seconds: Integers) -> Visit:
    """Sum up the visit of a user whose events are at these seconds since the epoch, in order."""
    _, in_window = np.unique(seconds // WINDOW_SECONDS, return_counts=True)
    return Visit(user, kind, int(seconds[0]), int(seconds[-1]), int(in_window.max()))


def draw_times(kind: Kind, rng: np.random.Generator) -> Integers:
    """Return the seconds of a visit's events, counted from the start of a window."""
    if kind.steady:
        return np.arange(kind.events) * kind.steady
    times = []
    begin = 0
    for actions in kind.bursts:
        times.append(begin + _burst(actions, kind.split))
        least, most = _waits(actions)
        begin += _next_window(least + int(rng.random() * (most - least)))
    return np.concatenate(times)


def _burst(actions: int, split: bool) -> Integers:
    # A split burst takes the last 5 seconds of one window and the first 5 of the next.
    return WINDOW_SECONDS // 2 * split + np.arange(actions) * WINDOW_SECONDS // actions


def _waits(actions: int) -> tuple[int, int]:
    """Return the least and the most seconds after a burst, or a single action."""
    return (_SECONDS_BETWEEN_BURSTS, _SECONDS_BETWEEN_BURSTS + 240) if actions > 1 else (20, 60)


def _next_window(seconds: int) -> int:
    """Return the start of the first window after so many seconds."""
    return (seconds + WINDOW_SECONDS) // WINDOW_SECONDS * WINDOW_SECONDS


def _act(kind: Kind, seconds: Integers, user: int, catalogue: Catalogue, rng: np.random.Generator) -> Batch:
    count = len(seconds)
    candidates = catalogue.find(rng.random(8 * count + 64))
    can_cart = np.array([top != "apparel" for top in catalogue.top_level])
    good = (catalogue.price_cents[candidates] > 0) & can_cart[catalogue.category[candidates]]
    product = candidates[good][:count]
    actions = np.full(count, VIEW, dtype=np.int8)
    if kind.carts:
        actions[1::2] = CART
        product[1::2] = product[: count - 1 : 2]
    return Batch(
        seconds=seconds,
        kind=actions,
        product=product,
        user=np.full(count, user, dtype=np.int64),
        session=np.repeat(make_session_ids(1, rng), count),
        # Rising, so that actions within one second keep their order.
        tie=np.sort(rng.random(count)),
    )


def _new_user(start: int, taken: set[int]) -> int:
    """Return an id as given to those who register at the time, but odd: the other newcomers' are even."""
    ids = load_calibration()["users"]
    share = (start - START_SECONDS) / (31 * DAY_SECONDS)
    user = int(ids["id_newest_at_start"] + share * (ids["id_newest_at_month_end"] - ids["id_newest_at_start"])) | 1
    while user in taken:
        user += 2
    taken.add(user)
    return user
