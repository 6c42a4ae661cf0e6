"""When sessions start: an inhomogeneous Poisson process over fourteen days of October 2019."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import numpy as np

from helpers.generator.calibration import Floats, Integers, load_calibration

# Two whole weeks, so that hours and weekdays mean something, with both of the file's regimes of
# logging carts in them. A data set of fewer rows has fewer users, not fewer days.
DAYS = 14
DAY_SECONDS = 86_400
START_SECONDS = int(datetime(2019, 10, 1, tzinfo=UTC).timestamp())
END_SECONDS = START_SECONDS + DAYS * DAY_SECONDS


@cache
def _curve() -> tuple[Floats, Floats]:
    """Return the share of the traffic before each hour, and that hour in seconds since the epoch."""
    traffic = load_calibration()["traffic"]
    hours: list[float] = []
    for day, totals in list(traffic["daily"].items())[:DAYS]:
        weekday = date.fromisoformat(day).strftime("%a")
        scale = totals["events"] / traffic["weekday_mean_events"][weekday]
        hours += [scale * events for events in traffic["weekday_hour_mean_events"][weekday]]
    cumulative = np.concatenate(([0.0], np.cumsum(hours)))
    return cumulative / cumulative[-1], START_SECONDS + 3600.0 * np.arange(len(hours) + 1)


def place(position: Floats) -> Integers:
    """Return the seconds since the epoch at positions between 0 and 1 of the fourteen days' traffic."""
    share, seconds = _curve()
    placed = np.interp(position, share, seconds).astype(np.int64)
    return np.minimum(placed, END_SECONDS - 1)


def purchase_factor(seconds: Integers) -> Floats:
    """Return how much likelier than on average sessions started then are to end in a purchase."""
    rates = np.array(load_calibration()["purchase_rate_by_hour"]["rates"])
    share, _ = _curve()
    by_hour = np.diff(share).reshape(DAYS, 24).sum(axis=0)
    factors: Floats = (rates / (rates * by_hour).sum())[seconds % DAY_SECONDS // 3600]
    return factors


def cart_factor(seconds: Integers) -> Floats:
    """Return how much likelier than over the month carts are logged on the day: two regimes."""
    calibration = load_calibration()
    days = list(calibration["traffic"]["daily"].values())
    rates = np.array([day["sessions_with_cart"] / day["sessions"] for day in days])
    weights = np.array([day["sessions"] for day in days])
    factors: Floats = (rates / np.average(rates, weights=weights))[(seconds - START_SECONDS) // DAY_SECONDS]
    return factors
