"""Who visits: residents of very different zeal, and newcomers whose ids grow with time."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from helpers.generator.calibration import Flags, Floats, Integers, load_calibration, to_normal
from helpers.generator.traffic import DAY_SECONDS, DAYS, START_SECONDS

# Sessions per user: Poisson with a lognormal rate. Fitted to the month's mean of 3.06 and its
# 48.8 % of users with one session; a shorter period has fewer users, each with their whole history.
_ZEAL_SIGMA = 1.65
_SESSIONS_PER_RESIDENT = 1.5

_HIGHEST_RANK = 0.999

_NEWCOMER_SHARE = 0.12
_SESSIONS_PER_NEWCOMER = 1.6
_PAUSE_BETWEEN_SESSIONS_SECONDS = 60
_ROUNDS_BEFORE_ANY_ID = 8
_USERS_PER_BUYER = 6
_ROUNDS_TO_FIND_A_BUYER = 8
_MULTIPLIER = 2_654_435_761


@cache
def _normal_cdf() -> tuple[Floats, Floats]:
    deviations = np.linspace(-6, 6, 4801)
    cdf = NormalDist().cdf
    return deviations, np.array([cdf(float(deviation)) for deviation in deviations])


class Visitors:
    """Draws a user for each session, and never one who is in another session at that time.

    Nothing is kept per user but for those in a session, so memory does not grow with the users.

    Parameters
    ----------
    sessions
        Number of sessions that the data set will have; sets the number of users.
    """

    def __init__(self, sessions: int) -> None:
        ids = load_calibration()["users"]
        self._residents = max(1, round(sessions * (1 - _NEWCOMER_SHARE) / _SESSIONS_PER_RESIDENT))
        self._newcomers = max(1, round(sessions * _NEWCOMER_SHARE / _SESSIONS_PER_NEWCOMER))
        self._id_curve = (
            np.array([0.0, 0.55, 1.0]),
            np.array([ids["id_min"], ids["id_median"], ids["id_newest_at_start"]], dtype=float),
        )
        month_share = DAYS / 31
        self._first_newcomer = ids["id_newest_at_start"]
        self._newcomer_ids = (ids["id_newest_at_month_end"] - ids["id_newest_at_start"]) * month_share
        self._busy_users = np.zeros(0, dtype=np.int64)
        self._busy_until = np.zeros(0, dtype=np.int64)

    def assign(self, starts: Integers, ends: Integers, buying: Flags, rng: np.random.Generator) -> Integers:
        """Return a user id for each session of a block; starts must not fall, nor from block to block.

        Parameters
        ----------
        starts, ends
            Int64, seconds since the epoch of the first and last event of each session.
        buying
            Bool, whether the session has a purchase: a sixth of the users make most of them.
        rng
            Source of randomness.
        """
        users = self._draw(starts, rng.random(len(starts)), rng.random(len(starts)))
        for _ in range(_ROUNDS_TO_FIND_A_BUYER):
            wanted = buying & (users * _MULTIPLIER // 1024 % _USERS_PER_BUYER != 0)
            number = int(wanted.sum())
            users[wanted] = self._draw(starts[wanted], rng.random(number), rng.random(number))
        still = self._busy_until > starts[0]
        busy_users, busy_until = self._busy_users[still], self._busy_until[still]
        rounds = 0
        while True:
            clashes = _find_clashes(users, starts, ends, busy_users, busy_until)
            if not clashes.any():
                break
            number = int(clashes.sum())
            rounds += 1
            if rounds <= _ROUNDS_BEFORE_ANY_ID:
                users[clashes] = self._draw(starts[clashes], rng.random(number), rng.random(number))
            else:
                users[clashes] = self._resident_ids(rng.random(number))
        self._busy_users = np.concatenate((busy_users, users))
        self._busy_until = np.concatenate((busy_until, ends + _PAUSE_BETWEEN_SESSIONS_SECONDS))
        return users

    def _draw(self, starts: Integers, kind: Floats, choice: Floats) -> Integers:
        deviations, cdf = _normal_cdf()
        rank = np.interp(to_normal(choice) + _ZEAL_SIGMA, deviations, cdf)
        # No one is more zealous than the 999th of a thousand: what lies beyond goes to anyone.
        rank = np.where(rank > _HIGHEST_RANK, choice * 4096 % 1, rank)
        resident = (rank * self._residents).astype(np.int64) * _MULTIPLIER % self._residents
        ids = self._resident_ids((resident + _jitter(resident)) / self._residents)
        arrived = (starts - START_SECONDS) / (DAYS * DAY_SECONDS) * self._newcomers
        lag = np.maximum(kind / _NEWCOMER_SHARE - 0.4, 0) ** 4 * self._newcomers
        newcomer = np.maximum(arrived - lag, arrived * choice * choice).astype(np.int64)
        newcomer_ids = self._first_newcomer + (newcomer + _jitter(newcomer)) * self._newcomer_ids / self._newcomers
        # Even ids only: the odd ones among the newcomers' belong to whoever is planted among the visitors.
        return np.where(kind < _NEWCOMER_SHARE, newcomer_ids.astype(np.int64) // 2 * 2, ids)

    def _resident_ids(self, position: Floats) -> Integers:
        return np.interp(position, *self._id_curve).astype(np.int64)


def _jitter(index: Integers) -> Floats:
    # A fraction that belongs to the user, so that ids are not evenly spaced.
    jitter: Floats = (index * 40_503 % 65_536) / 65_536
    return jitter


def _find_clashes(
    users: Integers, starts: Integers, ends: Integers, busy_users: Integers, busy_until: Integers
) -> Flags:
    # Among the sessions of one user in order of start, one clashes if an earlier one has not ended.
    everyone = np.concatenate((busy_users, users))
    begin = np.concatenate((np.zeros(len(busy_users), dtype=np.int64), starts))
    until = np.concatenate((busy_until, ends + _PAUSE_BETWEEN_SESSIONS_SECONDS))
    order = np.lexsort((begin, everyone))
    everyone, begin, until = everyone[order], begin[order], until[order]
    first = np.concatenate(([True], everyone[1:] != everyone[:-1]))
    span = int(until.max()) + 1
    offset = np.cumsum(first) * span
    latest = np.maximum.accumulate(until + offset) - offset
    clash = np.zeros(len(everyone), dtype=bool)
    clash[1:] = ~first[1:] & (begin[1:] < latest[:-1])
    clash &= order >= len(busy_users)
    found = np.zeros(len(users), dtype=bool)
    found[order[clash] - len(busy_users)] = True
    return found
