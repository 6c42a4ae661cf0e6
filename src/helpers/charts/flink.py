"""Pictures of what Flink finds: two clocks, one task or one a shard."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from helpers.charts.style import BLUE, GREEN, ORANGE, figure


def counts(numbers: Mapping[str, int], what: str) -> Figure:
    """Draw one bar for each count; the first is the trap, the second the cure."""
    drawn, (axes,) = figure(height_inches=1.2 + 0.5 * len(numbers))
    bars = axes.barh(list(numbers), list(numbers.values()), color=[ORANGE, GREEN, BLUE][: len(numbers)])
    axes.bar_label(bars, labels=[f"{number:,}" for number in numbers.values()], padding=4)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.set(xlabel=what, xlim=(0, max([*numbers.values(), 1]) * 1.15))
    return drawn
