"""A table in a notebook that changes while its query runs, as a result does in Zeppelin."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from typing import Literal

import pandas as pd
from IPython.display import HTML, display

from helpers.flink import FlinkSession

Mode = Literal["append", "update"]

# Zeppelin refreshes once a second at the most: its `refreshInterval` is not taken below 1000 ms.
REFRESH_SECONDS = 0.5


def watch(
    session: FlinkSession,
    query: str,
    *,
    mode: Mode = "update",
    rows: int | None = None,
    seconds: float | None = None,
    quiet_seconds: float | None = None,
    enough: Callable[[pd.DataFrame], bool] = lambda result: False,
    shown_rows: int = 8,
) -> pd.DataFrame:
    """Run a query, show its result as it grows or changes, and return it.

    Parameters
    ----------
    session
        Where to run it.
    query
        One SELECT.
    mode
        `append` shows the latest rows, `update` the table from its top, as the options of `%flink.ssql` do.
    rows, seconds, quiet_seconds
        Bounds, as `helpers.flink.FlinkSession.query` has them.
    enough
        Asked whenever the result has changed: is this all that was wanted?
    shown_rows
        How many rows to show.

    Raises
    ------
    helpers.flink.StatementFailedError
        With the root cause in one line.
    """
    result = pd.DataFrame()
    screen = display(HTML("<em>waiting for the first rows</em>"), display_id=True)
    began = shown = time.monotonic()
    for result in session.updates(query, rows=rows, seconds=seconds, quiet_seconds=quiet_seconds):
        if time.monotonic() - shown > REFRESH_SECONDS:
            shown = time.monotonic()
            _show(screen, result, mode, shown_rows, f"running for {shown - began:.0f} s")
        if enough(result):
            break
    _show(screen, result, mode, shown_rows, "stopped")
    return result


def _show(screen: object, result: pd.DataFrame, mode: Mode, shown_rows: int, state: str) -> None:
    visible = result.tail(shown_rows) if mode == "append" else result.head(shown_rows)
    more = "" if len(visible) == len(result) else f", {len(visible)} shown"
    line = f"<small>{len(result):,} rows{more} · {html.escape(state)}</small>"
    # Outside of a notebook there is no screen.
    if screen is not None:
        screen.update(HTML(visible.to_html(index=False, border=0) + line))  # type: ignore[attr-defined]
