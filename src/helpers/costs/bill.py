"""The whole bill for a data set and a time, and what it costs to forget it."""

from __future__ import annotations

import pandas as pd

from helpers.costs.course import items
from helpers.costs.services import HOURS_A_MONTH, flink_hourly_usd

NIGHT_HOURS = 12.0


def bill(rows: int, hours: float = 1.0, nights: int = 0, shards: int = 2) -> pd.DataFrame:
    """Return the bill of one run of the course.

    Parameters
    ----------
    rows
        Events of the data set.
    hours
        How long what is billed by the hour is kept.
    nights
        Nights of 12 hours for which it is kept as well, forgotten.
    shards
        Shards of each of the two streams.

    Returns
    -------
    DataFrame
        `notebook`, `service` (str), `once $`, `per hour $`, `in all $` (float64), without the lines of 0, and with a
        row of sums.
    """
    kept_hours = hours + nights * NIGHT_HOURS
    lines = [
        (line.notebook, line.service, line.once_usd, line.hourly_usd, line.once_usd + line.hourly_usd * kept_hours)
        for line in items(rows, shards)
        if line.once_usd or line.hourly_usd
    ]
    table = pd.DataFrame(lines, columns=["notebook", "service", "once $", "per hour $", "in all $"])
    table.loc[len(table)] = ["in all", "", *table[["once $", "per hour $", "in all $"]].sum()]
    return table


def forgotten(shards: int = 2) -> dict[str, float]:
    """Return what a forgotten night and a forgotten month cost, of the lab and of a Studio left running, in dollars."""
    hourly = sum(line.hourly_usd for line in items(shards=shards))
    studio = flink_hourly_usd(kpus=1, studio=True)
    return {
        f"a forgotten night ({NIGHT_HOURS:.0f} hours)": hourly * NIGHT_HOURS,
        f"a forgotten month ({HOURS_A_MONTH} hours)": hourly * HOURS_A_MONTH,
        "the night with a Flink Studio left running": (hourly + studio) * NIGHT_HOURS,
        "the month with a Flink Studio left running": (hourly + studio) * HOURS_A_MONTH,
    }
