"""Pictures of streams: who sits on which shard, and which mode is cheaper."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import costs
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
    axes[0].set_ylabel("% of all events")
    return drawn


def modes(record_bytes: int, shards: int = 2) -> Figure:
    """Draw the hourly price of one provisioned and one on-demand stream by their traffic."""
    drawn, (axes,) = figure()
    traffic = np.geomspace(1, 4000, 60)
    on_demand = [costs.on_demand_hourly_usd(rate, record_bytes) for rate in traffic]
    provisioned = [
        costs.streams_hourly_usd(1, max(shards, int(np.ceil(rate / 1000))))
        + costs.puts_usd(int(rate * 3600), record_bytes)
        for rate in traffic
    ]
    axes.plot(traffic, on_demand, color=ORANGE, linewidth=2, label="on-demand")
    axes.plot(traffic, provisioned, color=BLUE, linewidth=2, label=f"provisioned, {shards} shards or as many as needed")
    axes.set(xscale="log", yscale="log", xlabel="records per second, logarithmic", ylabel="$ per hour, logarithmic")
    axes.legend(frameon=False)
    return drawn
