"""Pictures of the data set: when events come, what they are, what things cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from helpers.charts.style import BLUE, CART, ORANGE, PURCHASE, VIEW, figure

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def traffic(events: pd.DataFrame) -> Figure:
    """Draw events by hour of the day and by weekday (means per day), UTC."""
    drawn, (hours, days) = figure(columns=2)
    time = events["event_time"]
    dates = time.dt.date.nunique()
    by_hour = time.dt.hour.value_counts().reindex(range(24), fill_value=0) / dates
    hours.bar(by_hour.index, by_hour.to_numpy(), color=BLUE)
    hours.set(xlabel="hour of the day, UTC", ylabel="events per hour, mean", xticks=range(0, 24, 4))
    per_date = time.dt.floor("D").value_counts()
    by_day = per_date.groupby(per_date.index.day_of_week).mean().reindex(range(7), fill_value=0)
    days.bar(WEEKDAYS, by_day.to_numpy(), color=ORANGE)
    days.set(xlabel="weekday, UTC", ylabel="events per day, mean")
    for axes in (hours, days):
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    return drawn


def funnel(events: pd.DataFrame) -> Figure:
    """Draw the share of sessions that view, put in a cart and buy at least once."""
    drawn, (axes,) = figure(height_inches=2.6)
    counts = sessions_with(events)
    percent = counts / max(events["user_session"].nunique(), 1) * 100
    bars = axes.barh(counts.index, percent.to_numpy(), color=[VIEW, CART, PURCHASE])
    labels = [f"{count:,} · {share:.1f} %" for count, share in zip(counts, percent, strict=True)]
    axes.bar_label(bars, labels=labels, padding=4)
    axes.invert_yaxis()
    axes.set(xlabel="% of all sessions", xlim=(0, 125), xticks=range(0, 101, 20))
    return drawn


def sessions_with(events: pd.DataFrame) -> pd.Series:
    """Count the sessions with at least one view, cart and purchase event.

    Returns
    -------
    Series
        int64, indexed by `view`, `cart`, `purchase`.
    """
    counts = events.groupby("event_type")["user_session"].nunique()
    return counts.reindex(["view", "cart", "purchase"], fill_value=0).rename("sessions")


def price_histogram(events: pd.DataFrame) -> Figure:
    """Draw the prices of viewed and of bought products on a logarithmic scale; prices of 0 are left out."""
    drawn, (axes,) = figure()
    positive = events[events["price"] > 0]
    edges = np.geomspace(0.5, 3000, 40) if positive.empty else _edges(positive["price"])
    for kind, color in (("view", VIEW), ("purchase", PURCHASE)):
        prices = positive.loc[positive["event_type"] == kind, "price"]
        weights = np.full(len(prices), 100 / max(len(prices), 1))
        label = f"{kind}, median {prices.median():,.0f}" if len(prices) else f"{kind}, none"
        axes.hist(prices, bins=list(edges), weights=weights, histtype="step", linewidth=2, color=color, label=label)
    axes.set(xscale="log", xlabel="price (no currency is given), logarithmic", ylabel="% of the events of its type")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.legend(frameon=False, loc="upper left")
    return drawn


def _edges(prices: pd.Series) -> np.ndarray:
    lowest = float(prices.min())
    return np.geomspace(lowest, max(float(prices.max()), lowest * 1.1), 40)


def top_categories(events: pd.DataFrame, count: int = 12) -> Figure:
    """Draw the category codes with most events, and how many events have none."""
    drawn, (axes,) = figure(height_inches=4.2)
    codes = events["category_code"].astype("string").fillna("(none)").replace("", "(none)")
    shares = codes.value_counts(normalize=True).head(count) * 100
    colors = [ORANGE if name == "(none)" else BLUE for name in shares.index]
    bars = axes.barh(shares.index.astype(str), shares.to_numpy(), color=colors)
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.set(xlabel="% of all events")
    return drawn
