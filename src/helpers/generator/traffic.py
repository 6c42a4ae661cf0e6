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
    share: Floats = cumulative / cumulative[-1]
    return share, np.arange(len(hours) + 1, dtype=np.float64) * 3600 + START_SECONDS


def place(position: Floats) -> Integers:
    """Return the seconds since the epoch at positions between 0 and 1 of the fourteen days' traffic."""
    share, seconds = _curve()
    placed = np.interp(position, share, seconds).astype(np.int64)
    return np.minimum(placed, END_SECONDS - 1)


@cache
def _purchase_factors() -> Floats:
    # The hours' rates are known for October and November together, the blocks' for October alone.
    calibration = load_calibration()
    share, _ = _curve()
    by_hour = np.diff(share).reshape(DAYS, 24).sum(axis=0)
    factors = np.array(calibration["purchase_rate_by_hour"]["rates"])
    for block, shares in calibration["purchases_by_utc_block"]["blocks"].items():
        first, last = (int(hour) for hour in block.split("-"))
        hours = slice(first, last + 1)
        mean = np.average(factors[hours], weights=by_hour[hours])
        factors[hours] *= shares["purchases"] / shares["events"] / mean
    normalised: Floats = factors / (factors * by_hour).sum()
    return normalised


def purchase_factor(seconds: Integers) -> Floats:
    """Return how much likelier than on average sessions started then are to end in a purchase."""
    factors: Floats = _purchase_factors()[seconds % DAY_SECONDS // 3600]
    return factors


def cart_factor(seconds: Integers) -> Floats:
    """Return how much likelier than over the month carts are logged on the day: two regimes."""
    calibration = load_calibration()
    days = list(calibration["traffic"]["daily"].values())
    rates = np.array([day["sessions_with_cart"] / day["sessions"] for day in days])
    weights = np.array([day["sessions"] for day in days])
    factors: Floats = (rates / np.average(rates, weights=weights))[(seconds - START_SECONDS) // DAY_SECONDS]
    return factors
