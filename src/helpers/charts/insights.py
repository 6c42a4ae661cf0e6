"""Pictures of the four answers."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from helpers.charts.style import BLUE, GREEN, ORANGE, RED, SKY, figure, label_step

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def visitors(answer: pd.DataFrame) -> Figure:
    """Draw the unique visitors of each day; week-ends in another colour."""
    drawn, (axes,) = figure()
    days = pd.to_datetime(answer["day"])
    colors = [ORANGE if day.day_of_week >= 5 else BLUE for day in days]
    axes.bar(range(len(days)), answer["visitors"].to_numpy(dtype=float), color=colors)
    step = label_step(len(days))
    labels = [f"{WEEKDAYS[day.day_of_week]}\n{day:%d %b}" for day in days]
    axes.set_xticks(range(0, len(days), step), labels[::step])
    axes.set(ylabel="unique visitors (orange: week-end)")
    return drawn


def abandonment(answer: pd.DataFrame) -> Figure:
    """Draw carted and abandoned products per day, and the rate."""
    drawn, (counts, rates) = figure(rows=2, height_inches=5)
    places = range(len(answer))
    counts.bar(places, answer["carted"].to_numpy(dtype=float), color=SKY, label="carted")
    counts.bar(places, answer["abandoned"].to_numpy(dtype=float), color=RED, label="abandoned", width=0.5)
    counts.set(ylabel="products in carts")
    counts.legend(frameon=False)
    rates.plot(places, answer["rate"].to_numpy(dtype=float) * 100, color=RED, marker="o", markersize=4)
    rates.set(ylabel="% abandoned", ylim=(0, 100))
    step = label_step(len(answer))
    for axes in (counts, rates):
        axes.set_xticks(list(places)[::step], [day[5:] for day in answer["day"]][::step])
    return drawn


def ranking(names: pd.Series, values: pd.Series, label: str, *, color: str = BLUE) -> Figure:
    """Draw a ranking, the largest on top."""
    drawn, (axes,) = figure(height_inches=0.9 + 0.32 * len(names))
    bars = axes.barh(names.astype(str), values.to_numpy(dtype=float), color=color)
    axes.bar_label(bars, fmt="{:,.0f}", padding=3)
    axes.invert_yaxis()
    axes.set(xlabel=label)
    axes.margins(x=0.12)
    return drawn


def category_hours(counts: pd.DataFrame) -> Figure:
    """Draw a heat map: each category's share of its own events in every hour.

    Parameters
    ----------
    counts
        Indexed by category, one column for each hour from 0 to 23: events.
    """
    drawn, (axes,) = figure(height_inches=1.4 + 0.34 * len(counts))
    shares = counts.div(counts.sum(axis=1), axis=0) * 100
    image = axes.imshow(shares.to_numpy(dtype=float), aspect="auto", cmap="cividis")
    axes.set_yticks(range(len(shares)), list(shares.index.astype(str)))
    axes.set_xticks(range(0, 24, 2))
    axes.set(xlabel="hour of the day, UTC")
    axes.grid(visible=False)
    drawn.colorbar(image, ax=axes, label="% of the category's events")
    return drawn


def brands(answer: pd.DataFrame, count: int = 12) -> Figure:
    """Draw expected against real purchases of the brands that miss most."""
    drawn, (axes,) = figure(height_inches=1.2 + 0.36 * min(count, len(answer)))
    top = answer.head(count)
    axes.barh(top["brand"].astype(str), top["expected_purchases"].to_numpy(dtype=float), color=SKY, label="expected")
    axes.barh(top["brand"].astype(str), top["purchases"].to_numpy(dtype=float), color=GREEN, height=0.45, label="sold")
    axes.invert_yaxis()
    axes.set(xlabel="purchases in the period")
    axes.legend(frameon=False, loc="lower right")
    return drawn
