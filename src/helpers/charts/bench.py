"""Pictures of the benchmark: how far each figure is from its target, its runs, and how it grows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from helpers.charts.style import BLUE, GREEN, INK, ORANGE, RED, SOFT, figure

_NAME_LETTERS = 44


def beyond_target(shares: Mapping[str, float]) -> Figure:
    """Draw each figure as a bar, to the right of the line if it is better than its target.

    Parameters
    ----------
    shares
        By name: 2 is twice as good as the target asks for, 0.5 half as good.
    """
    names, values = [textwrap.fill(name, _NAME_LETTERS) for name in shares], list(shares.values())
    drawn, [axes] = figure(height_inches=0.9 + 0.4 * len(names))
    colors = [GREEN if value >= 1 else RED for value in values]
    axes.barh(names, [value - 1 for value in values], left=1, color=colors, height=0.6)
    axes.set_xscale("log")
    axes.axvline(1, color=INK, linewidth=1)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("times as good as asked for")
    axes.tick_params(axis="y", labelsize=8)
    return drawn


def runs(ours: Sequence[float], baseline: Sequence[float], against: str, unit: str) -> Figure:
    """Draw each run of a figure as a dot, beside those of what it is measured against."""
    rows = [("the lab", ours, BLUE)] + ([(textwrap.fill(against, 20), baseline, ORANGE)] if baseline else [])
    drawn, [axes] = figure(height_inches=0.9 + 0.4 * len(rows))
    for place, (_, values, color) in enumerate(rows):
        axes.plot(values, [place] * len(values), "o", color=color, markersize=9, alpha=0.75)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel(unit)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    return drawn


def growth(points: Mapping[int, float], unit: str) -> Figure:
    """Draw a figure over the number of events, and the straight line through the two ends.

    Parameters
    ----------
    points
        By number of events.
    unit
        Of the values.
    """
    drawn, [axes] = figure()
    sizes = sorted(points)
    ends = [sizes[0], sizes[-1]]
    axes.plot(ends, [points[size] for size in ends], color=SOFT, linewidth=1, linestyle="--")
    axes.plot(sizes, [points[size] for size in sizes], "o", color=BLUE, markersize=9)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("events")
    axes.set_ylabel(unit)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return drawn
