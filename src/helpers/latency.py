"""From the event that crosses the threshold to the mail: how long each stage takes."""

from __future__ import annotations

import pandas as pd

# Times of an alert's way, in their order, and what happens until each.
STAGES = {
    "ended_at": "until the window's end and the watermark",
    "arrived_at": "Flink, into stream 2",
    "handled_at": "into the function",
    "published_at": "DynamoDB, and to SNS",
    "mailed_at": "into the mailbox",
}


def stage_seconds(alerts: pd.DataFrame, crossings: pd.DataFrame, clock: pd.DataFrame, watermark: int) -> pd.DataFrame:
    """Split the way of each alert into its stages.

    Parameters
    ----------
    alerts
        One row an alert: `user_id` (of the same type as in `crossings`), `window_start`, `window_end`,
        `arrived_at`, `handled_at`, `published_at`, `mailed_at` (datetime64, UTC without zone).
    crossings
        `user_id`, `window_start`, `crossed_at`: when the event was sent that crossed the threshold.
    clock
        `event_time`, `sent_at`: when the first event of each second was sent.
    watermark
        Seconds by which the watermark stays behind the latest event.

    Returns
    -------
    DataFrame
        One column a stage (float64, seconds), one row an alert; alerts of windows that only the end of
        the replay closed are left out, since nothing says when that was sent.
    """
    at = pd.DataFrame(alerts)
    at["due"] = at["window_end"] + pd.Timedelta(seconds=watermark)
    at = at.merge(crossings, on=["user_id", "window_start"]).sort_values("due")
    later = clock.rename(columns={"event_time": "due", "sent_at": "ended_at"}).sort_values("due")
    for frame in (at, later):
        frame["due"] = frame["due"].astype("datetime64[ms]")
    at = pd.merge_asof(at, later, on="due", direction="forward").dropna(subset=["ended_at"])
    # Without an alert the columns have no type of their own.
    moments = [pd.to_datetime(at[name]) for name in ("crossed_at", *STAGES)]
    pairs = zip(STAGES.values(), moments, moments[1:], strict=False)
    return pd.DataFrame({stage: (end - begin).dt.total_seconds() for stage, begin, end in pairs})


def summary(stages: pd.DataFrame) -> pd.DataFrame:
    """Return the median and the 95th percentile of each stage and of the whole way, in seconds."""
    whole = stages.assign(**{"the whole way": stages.sum(axis=1)})
    return whole.quantile([0.5, 0.95]).T.set_axis(["p50", "p95"], axis=1)
