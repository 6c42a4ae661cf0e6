"""Events as dense in time as those of the Kaggle file, however few they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.dataset import read_events
from helpers.generator import generate

# 42,448,764 events in the 31 days of October 2019.
EVENTS_PER_SECOND = 42_448_764 / (31 * 86_400)


def write_shop_day(rows: int, seed: int, path: Path) -> pd.DataFrame:
    """Write events of a shop that is as busy as the file's, and return them.

    The generator spreads any number of events over fourteen days. Here they are laid over each other in
    as much time as the shop takes for them; each session keeps its own pace.

    Parameters
    ----------
    rows
        Number of events.
    seed
        As the generator takes it.
    path
        The CSV to write.

    Returns
    -------
    DataFrame
        As `helpers.dataset.read_events` returns it, in the order of `event_time`.

    Raises
    ------
    helpers.errors.LabError
        If the events cannot be generated.
    """
    generate(rows, seed, path)
    events = read_events(path)
    first = events["event_time"].min()
    seconds = (events["event_time"] - first).dt.total_seconds() % (rows / EVENTS_PER_SECOND)
    events["event_time"] = first + pd.to_timedelta(seconds.astype("int64"), unit="s")
    events = events.sort_values("event_time", kind="stable", ignore_index=True)
    texts = events["event_time"].dt.strftime("%Y-%m-%d %H:%M:%S UTC")
    events.assign(event_time=texts).to_csv(path, index=False, lineterminator="\n")
    return events
