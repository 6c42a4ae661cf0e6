"""Pictures of the data set: when events come, what they are, what things cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.charts.style import BLUE, CART, ORANGE, PURCHASE, VIEW, figure

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def traffic(events: pd.DataFrame) -> Figure:
    """Draw events by hour of the day and by weekday (means per day), UTC."""
    drawn, (hours, days) = figure(columns=2)
    time = events["event_time"]
    dates = time.dt.date.nunique()
    by_hour = time.dt.hour.value_counts().reindex(range(24), fill_value=0) / dates
    hours.bar(by_hour.index, by_hour.to_numpy(), color=BLUE)
    hours.set(xlabel="hour of the day, UTC", ylabel="events per day", xticks=range(0, 24, 4))
    per_date = time.dt.floor("D").value_counts()
    by_day = per_date.groupby(per_date.index.day_of_week).mean().reindex(range(7), fill_value=0)
    days.bar(WEEKDAYS, by_day.to_numpy(), color=ORANGE)
    days.set(xlabel="weekday", ylabel="events per day")
    return drawn


def funnel(events: pd.DataFrame) -> Figure:
    """Draw how many sessions view, put in a cart and buy, on a logarithmic scale."""
    drawn, (axes,) = figure(height_inches=2.6)
    kinds = ("view", "cart", "purchase")
    counts = [events.loc[events["event_type"] == kind, "user_session"].nunique() for kind in kinds]
    bars = axes.barh(kinds, counts, color=[VIEW, CART, PURCHASE])
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts], padding=4)
    axes.invert_yaxis()
    axes.set(xscale="log", xlabel="sessions with at least one, logarithmic", xlim=(1, max(max(counts), 1) * 4))
    return drawn


def price_histogram(events: pd.DataFrame) -> Figure:
    """Draw the prices of viewed and of bought products on a logarithmic scale."""
    drawn, (axes,) = figure()
    positive = events[events["price"] > 0]
    edges = np.geomspace(max(positive["price"].min(), 0.5), max(positive["price"].max(), 1.0), 40)
    for kind, color in (("view", VIEW), ("purchase", PURCHASE)):
        prices = positive.loc[positive["event_type"] == kind, "price"]
        weights = np.full(len(prices), 100 / max(len(prices), 1))
        axes.hist(prices, bins=list(edges), weights=weights, histtype="step", linewidth=2, color=color, label=kind)
    axes.set(xscale="log", xlabel="price, logarithmic", ylabel="% of the events of its type")
    axes.legend(frameon=False)
    return drawn


def top_categories(events: pd.DataFrame, count: int = 12) -> Figure:
    """Draw the category codes with most events, and how many events have none."""
    drawn, (axes,) = figure(height_inches=4.2)
    codes = events["category_code"].astype("string").fillna("(none)").replace("", "(none)")
    shares = codes.value_counts(normalize=True).head(count) * 100
    colors = [ORANGE if name == "(none)" else BLUE for name in shares.index]
    bars = axes.barh(shares.index.astype(str), shares.to_numpy(), color=colors)
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.invert_yaxis()
    axes.set(xlabel="% of all events")
    return drawn
