"""Pictures of streams: who sits on which shard, and which mode is cheaper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from helpers.charts.style import BLUE, ORANGE, RED, SOFT, figure


def shard_shares(shares: Mapping[str, pd.Series]) -> Figure:
    """Draw the share of each shard's events for several partition keys, side by side.

    Parameters
    ----------
    shares
        By name of the key: a share from 0 to 1 for each shard.
    """
    drawn, axes = figure(columns=len(shares), share_y=True)
    for each, (key, values) in zip(axes, shares.items(), strict=True):
        percent = values.to_numpy() * 100
        even = 100 / len(percent)
        colors = [RED if value > 1.5 * even else BLUE for value in percent]
        bars = each.bar([str(number) for number in range(len(percent))], percent, color=colors)
        each.bar_label(bars, fmt="%.1f", padding=2)
        each.axhline(even, color=SOFT, linewidth=1, linestyle="--")
        each.set(title=f"by {key}", xlabel="shard")
        each.margins(y=0.12)
    axes[0].set_ylabel("% of all events (dashed: even)")
    return drawn


def busiest_shard(shares: pd.DataFrame) -> Figure:
    """Draw the busiest shard's share of the events by the number of shards.

    Parameters
    ----------
    shares
        Indexed by the number of shards, one float64 column for each key: a share from 0 to 1.
    """
    drawn, (axes,) = figure()
    places = range(len(shares))
    for (key, column), color in zip(shares.items(), (RED, BLUE), strict=False):
        percent = column.to_numpy() * 100
        axes.plot(places, percent, color=color, linewidth=2, marker="o", label=f"by {key}")
        axes.annotate(
            f"{percent[-1]:.0f} %", (places[-1], percent[-1]), xytext=(8, 0), textcoords="offset points", va="center"
        )
    axes.plot(places, [100 / count for count in shares.index], color=SOFT, linewidth=1, linestyle="--", label="even")
    axes.set_xticks(places, [str(count) for count in shares.index])
    axes.set(xlabel="shards", ylabel="% of all events on the busiest shard", ylim=(0, None))
    axes.legend(frameon=False)
    return drawn


def modes(busiest: Sequence[int], prices: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the hourly price of a stream in each mode, by the traffic that it must be ready for.

    Parameters
    ----------
    busiest
        Records/s in the busiest second.
    prices
        By mode: $ per hour for each of `busiest`.
    """
    drawn, (axes,) = figure()
    for (mode, values), color in zip(prices.items(), (BLUE, ORANGE), strict=False):
        axes.step(busiest, values, where="pre", color=color, linewidth=2, label=mode)
    axes.set(xlabel="records per second that the stream must be ready for", ylabel="$ per hour", ylim=(0, None))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.legend(frameon=False)
    return drawn
