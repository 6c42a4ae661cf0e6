"""Pictures of the alarm: the metric as CloudWatch has it, and what two ways to find bots cost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from helpers.charts.style import BLUE, ORANGE, RED, figure

_MINUTES = 10


def metric(counts: pd.DataFrame) -> Figure:
    """Draw metrics minute by minute, the last ten minutes that have something.

    Parameters
    ----------
    counts
        Indexed by minute (datetime64, UTC), which may have holes: one column for each metric (numbers).
    """
    minutes = pd.date_range(end=counts.index.max(), periods=_MINUTES, freq="min")
    shown = counts.reindex(minutes, fill_value=0)
    drawn, panels = figure(rows=len(shown.columns), height_inches=3.6)
    for axes, name, color in zip(panels, shown.columns, (BLUE, RED), strict=False):
        bars = axes.bar([f"{minute:%H:%M}" for minute in minutes], shown[name], color=color, width=0.6)
        axes.bar_label(bars, labels=[f"{value:,.0f}" if value else "" for value in shown[name]], padding=2)
        axes.set(ylabel=name.lower(), ylim=(0, max(shown[name].max() * 1.3, 1)))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_xticks(range(0, _MINUTES, 3))
    panels[-1].set_xlabel("minute, UTC")
    return drawn


def hourly_prices(prices: pd.DataFrame, marks: Mapping[str, float]) -> Figure:
    """Draw what two ways cost by the hour over the traffic.

    Parameters
    ----------
    prices
        Indexed by events per second (float64): one column for each way, dollars per hour.
    marks
        Traffics to point at, by name, in events per second.
    """
    drawn, (axes,) = figure(height_inches=3.4)
    for name, color in zip(prices.columns, (BLUE, ORANGE), strict=False):
        axes.plot(prices.index, prices[name], color=color, linewidth=2, label=name)
    axes.yaxis.set_major_formatter(StrMethodFormatter("${x:.2f}"))
    axes.set(xlabel="events per second", ylabel="per hour", xlim=(0, prices.index.max()))
    axes.set_ylim(0, prices.to_numpy().max() * 1.1)
    for name, rate in marks.items():
        axes.axvline(rate, color=RED, linewidth=1, linestyle=":")
        axes.annotate(name, (rate, axes.get_ylim()[1]), xytext=(4, -4), textcoords="offset points", va="top")
    axes.legend(loc="lower right", frameon=False)
    return drawn
