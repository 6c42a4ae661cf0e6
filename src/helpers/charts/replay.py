"""Pictures of the replay: one record at a time against batches, and what each shard holds."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from helpers.charts.style import BLUE, GREEN, ORANGE, figure


def speeds(records_per_second: Mapping[str, float]) -> Figure:
    """Draw how fast each way of sending is."""
    drawn, (axes,) = figure(height_inches=2.2)
    names, values = list(records_per_second), list(records_per_second.values())
    bars = axes.barh(names, values, color=[ORANGE, GREEN][: len(names)])
    axes.bar_label(bars, labels=[f"{value:,.0f}" for value in values], padding=4)
    axes.invert_yaxis()
    axes.set(xlabel="records per second", xlim=(0, max(values) * 1.15))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    return drawn


def records_per_shard(counts: Mapping[str, int]) -> Figure:
    """Draw how many records each shard holds."""
    drawn, (axes,) = figure(height_inches=2.4)
    bars = axes.barh([str(int(name.removeprefix("shardId-"))) for name in counts], list(counts.values()), color=BLUE)
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts.values()], padding=4)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set(xlabel="records", ylabel="shard", xlim=(0, max(counts.values(), default=1) * 1.15 + 1))
    return drawn
