"""Pictures of the live run: its course, the stages of an alert, the rule against the truth."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from helpers.charts.style import BLUE, GREEN, ORANGE, RED, SKY, figure


def course(history: pd.DataFrame) -> Figure:
    """Draw a run over its seconds.

    Parameters
    ----------
    history
        Indexed by seconds since the start: `events`, `windows`, `alerts` (int64), each counted so far.
    """
    drawn, (above, below) = figure(rows=2, height_inches=4.2)
    above.plot(history.index, history["events"], color=BLUE)
    above.set(ylabel="events sent", ylim=0)
    above.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    for name, color in (("windows", ORANGE), ("alerts", RED)):
        below.step(history.index, history[name], where="post", color=color, label=name)
    below.set(xlabel="seconds", ylabel="in DynamoDB", ylim=0)
    below.legend(frameon=False, loc="upper left")
    return drawn


def stages(summary: pd.DataFrame) -> Figure:
    """Draw median and 95th percentile of each stage.

    Parameters
    ----------
    summary
        As `helpers.latency.summary` returns it, in seconds.
    """
    drawn, (axes,) = figure(height_inches=1.0 + 0.5 * len(summary))
    rows = range(len(summary))
    axes.barh([row - 0.2 for row in rows], summary["p50"], height=0.38, color=BLUE, label="half of the alerts")
    axes.barh([row + 0.2 for row in rows], summary["p95"], height=0.38, color=SKY, label="95 % of the alerts")
    axes.set_yticks(list(rows), list(summary.index))
    axes.invert_yaxis()
    axes.set(xlabel="seconds at the most")
    axes.legend(frameon=False, loc="upper right")
    return drawn


def rule(by_threshold: pd.DataFrame, alert_over: int) -> Figure:
    """Draw precision and recall by threshold.

    Parameters
    ----------
    by_threshold
        As `helpers.planted.by_threshold` returns it.
    alert_over
        The threshold of the lab.
    """
    drawn, (axes,) = figure(height_inches=3.2)
    for name, color in (("precision", GREEN), ("recall", BLUE)):
        axes.plot(by_threshold.index, by_threshold[name], color=color, label=name, marker=".")
    axes.axvline(alert_over, color=ORANGE, linestyle="--", linewidth=1)
    axes.annotate(" our rule", (alert_over, 0.03), color=ORANGE)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(xlabel="alert at more than so many actions in a window", ylim=(0, 1.05))
    axes.legend(frameon=False)
    return drawn
