"""Windows of users who do much in little time: counted anew, read from stream 2, and compared."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from helpers.bot_rule import BotRule
from helpers.replay.read_back import read_shard
from helpers.replay.shards import list_shards

_logger = logging.getLogger(__name__)

COLUMNS = ["window_start", "window_end", "user_id", "actions"]
_KEY = ["window_start", "user_id"]


@dataclass(frozen=True)
class Reconciliation:
    """Two lists of windows laid side by side.

    Attributes
    ----------
    expected, found
        How many windows each list has.
    missing
        Windows that are expected and not found, found with another count, or found less often.
    extra
        Windows that are found and not expected, expected with another count, or found more often.
    """

    expected: int
    found: int
    missing: int
    extra: int

    def as_record(self) -> dict[str, int]:
        """Return the counts as `run.json` has them."""
        return asdict(self)


def count_windows(events: pd.DataFrame, rule: BotRule) -> pd.DataFrame:
    """Count the actions of each user in tumbling windows of event time.

    Parameters
    ----------
    events
        `event_time` (datetime64, UTC or without zone) and `user_id` (any type), in any order.
    rule
        The windows' length, and the number of actions that a window must exceed.

    Returns
    -------
    DataFrame
        `window_start`, `window_end` (datetime64[s], UTC without zone), `user_id` (str), `actions`
        (int64), sorted.
    """
    moments = pd.to_datetime(events["event_time"], utc=True).dt.tz_localize(None)
    # From the epoch on, as Flink's TUMBLE lays its windows.
    starts = moments.dt.floor(f"{rule.window_seconds}s").astype("datetime64[s]")
    keys = pd.DataFrame({"window_start": starts, "user_id": events["user_id"]})
    counts = keys.groupby(_KEY, observed=True).size().rename("actions").reset_index()
    return _shaped(counts[counts["actions"] > rule.activity_over], rule)


def read_windows(kinesis: Any, stream: str, rule: BotRule, since: datetime | None = None) -> pd.DataFrame:
    """Read the windows that stream 2 holds; records that are no windows are left out with a warning.

    Parameters
    ----------
    kinesis
        boto3 client.
    stream
        Name of stream 2.
    rule
        The windows' length.
    since
        Only what arrived from this time on.

    Returns
    -------
    DataFrame
        As `count_windows` returns it; a window that is there twice stands there twice.
    """
    rows, others = [], 0
    for shard in list_shards(kinesis, stream):
        for record in read_shard(kinesis, stream, shard["ShardId"], since):
            window = _parse(record["Data"])
            if window is None:
                others += 1
            else:
                rows.append(window)
    if others:
        _logger.warning("%d records of %s are no windows and are left out.", others, stream)
    return _shaped(pd.DataFrame(rows, columns=[*_KEY, "actions"]), rule)


def _parse(data: bytes) -> dict[str, Any] | None:
    try:
        window = json.loads(data)
        start = datetime.fromisoformat(window["window_start"])
        row = {"window_start": start, "user_id": str(window["user_id"]), "actions": int(window["actions"])}
    except (ValueError, TypeError, KeyError):
        return None
    return row if start.tzinfo is None else None


def reconcile(found: pd.DataFrame, expected: pd.DataFrame) -> Reconciliation:
    """Compare two lists of windows row by row, the count of actions included; doubles count as often as they stand.

    Parameters
    ----------
    found, expected
        As `count_windows` returns them.
    """
    left, right = _numbered(expected), _numbered(found)
    pairs = left.merge(right, how="outer", on=list(left.columns), indicator="side")["side"].value_counts()
    return Reconciliation(len(expected), len(found), int(pairs["left_only"]), int(pairs["right_only"]))


def _numbered(windows: pd.DataFrame) -> pd.DataFrame:
    """Number rows that are equal, or a merge would let one of them stand for all."""
    row = [*_KEY, "actions"]
    return windows[row].assign(nth=windows.groupby(row, dropna=False).cumcount())


def _shaped(windows: pd.DataFrame, rule: BotRule) -> pd.DataFrame:
    starts = pd.to_datetime(windows["window_start"]).astype("datetime64[s]")
    shaped = pd.DataFrame(
        {
            "window_start": starts,
            "window_end": (starts + pd.Timedelta(seconds=rule.window_seconds)).astype("datetime64[s]"),
            "user_id": windows["user_id"].astype(str),
            "actions": windows["actions"].astype("int64"),
        }
    )
    return shaped.sort_values(COLUMNS, ignore_index=True)
