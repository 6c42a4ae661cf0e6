"""Pictures of the delivery: what each object holds, and how long it was filled."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from helpers.charts.style import BLUE, ORANGE, SOFT, figure

MIB = 1 << 20
# An object that was full at once is drawn as a dash of this width.
_LEAST_SECONDS = 0.25
# What holds nearly the hinted size was delivered because of it.
_FULL_SHARE = 0.9


def objects(delivered: pd.DataFrame, size_mib: int, interval_seconds: int) -> Figure:
    """Draw each delivered object from its oldest record's arrival to its delivery, at the height of its size.

    Parameters
    ----------
    delivered
        A row an object: `arrived`, `stored` (datetime64, UTC), `bytes` (int64, uncompressed).
    size_mib, interval_seconds
        The buffering hints.
    """
    drawn, (axes,) = figure(height_inches=3.0)
    begin = delivered["arrived"].min()
    left = (delivered["arrived"] - begin).dt.total_seconds()
    width = (delivered["stored"] - delivered["arrived"]).dt.total_seconds().clip(lower=_LEAST_SECONDS)
    mib = delivered["bytes"] / MIB
    full = mib >= _FULL_SHARE * size_mib
    for chosen, color, label in ((full, BLUE, "full"), (~full, ORANGE, "old enough")):
        axes.barh(
            mib[chosen], width[chosen], left=left[chosen], height=0.05 * size_mib, color=color, alpha=0.8, label=label
        )
    axes.axhline(size_mib, color=SOFT, linestyle="--", linewidth=1)
    axes.annotate(f"{size_mib} MiB", (0, size_mib), xytext=(2, 4), textcoords="offset points", color=SOFT, fontsize=9)
    axes.set(
        xlabel=f"seconds since the first record (an object waits about {interval_seconds} s)",
        ylabel="MiB before packing",
        ylim=(0, 1.25 * size_mib),
        xlim=(-0.5, float((left + width).max()) + 1),
    )
    axes.legend(frameon=False, loc="upper right", ncols=2)
    return drawn
