"""Reading generated events and measuring them as the Kaggle file was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

# Targets of the month and the accepted ranges around them. They hold for fourteen days as they
# stand, for a data set of fewer days or rows has fewer users, not thinner sessions or histories.
RANGES = {
    "share_view": (0.955, 0.966),
    "share_cart": (0.013, 0.033),
    "share_purchase": (0.014, 0.021),
    "empty_category_code": (0.30, 0.34),
    "empty_brand": (0.13, 0.16),
    "events_per_session_mean": (4.2, 5.0),
    "events_per_session_median": (2, 2),
    "events_per_session_p90": (9, 12),
    "events_per_session_p99": (26, 38),
    "single_event_sessions": (0.32, 0.39),
    "sessions_per_user_mean": (2.7, 3.4),
    "single_session_users": (0.45, 0.53),
    "gap_seconds_median": (25, 40),
    "gap_seconds_p95": (120, 240),
    "sessions_with_cart": (0.035, 0.095),
    "sessions_with_purchase": (0.058, 0.080),
    "purchasing_sessions_without_cart": (0.45, 0.70),
    "purchase_given_cart": (0.41, 0.57),
    "price_median": (145, 180),
    "price_mean": (265, 315),
    "price_p95": (930, 1120),
    "smartphone_share": (0.25, 0.29),
    "top5_category_id_share": (0.36, 0.42),
    "top20_category_id_share": (0.55, 0.62),
    "samsung": (0.115, 0.135),
    "apple": (0.088, 0.106),
    "xiaomi": (0.065, 0.080),
    "exact_duplicate_share": (0.0001, 0.002),
    "peak_over_mean_hour": (1.6, 1.9),
    "peak_over_trough_hour": (10, 16),
}


def read_events(path: Path) -> pd.DataFrame:
    """Read events with nothing empty turned into NaN; `seconds` (int64, since the epoch) is added."""
    events = pd.read_csv(path, keep_default_na=False)
    times = pd.to_datetime(events["event_time"], format="%Y-%m-%d %H:%M:%S UTC")
    events["seconds"] = times.astype("datetime64[s]").astype("int64")
    return events


def read_truth(path: Path) -> pd.DataFrame:
    """Read a truth file."""
    return pd.read_csv(path)


def count_in_windows(events: pd.DataFrame, seconds: int = 10) -> pd.Series:
    """Return events per (user_id, tumbling window)."""
    return events.groupby(["user_id", events["seconds"] // seconds]).size()


def measure(events: pd.DataFrame) -> dict[str, float]:
    """Return every quantity of `RANGES`."""
    found: dict[str, float] = {}
    kinds = events["event_type"].value_counts(normalize=True)
    for kind in ("view", "cart", "purchase"):
        found[f"share_{kind}"] = kinds.get(kind, 0.0)
    found["empty_category_code"] = (events["category_code"] == "").mean()
    found["empty_brand"] = (events["brand"] == "").mean()
    found |= _measure_sessions(events)
    found["price_median"] = events["price"].median()
    found["price_mean"] = events["price"].mean()
    found["price_p95"] = events["price"].quantile(0.95)
    found["smartphone_share"] = (events["category_code"] == "electronics.smartphone").mean()
    ids = events["category_id"].value_counts(normalize=True)
    found["top5_category_id_share"] = ids[:5].sum()
    found["top20_category_id_share"] = ids[:20].sum()
    for brand in ("samsung", "apple", "xiaomi"):
        found[brand] = (events["brand"] == brand).mean()
    found["exact_duplicate_share"] = events.duplicated().mean()
    hours = np.bincount(events["seconds"] // 3600 % 24, minlength=24)
    found["peak_over_mean_hour"] = hours.max() / hours.mean()
    found["peak_over_trough_hour"] = hours.max() / hours.min()
    return found


def _measure_sessions(events: pd.DataFrame) -> dict[str, float]:
    sizes = events.groupby("user_session").size()
    per_user = events.drop_duplicates("user_session").groupby("user_id").size()
    ordered = events.sort_values(["user_session", "seconds"], kind="stable")
    gaps = ordered["seconds"].diff()[ordered["user_session"].eq(ordered["user_session"].shift())]
    carting = set(events.loc[events["event_type"] == "cart", "user_session"])
    buying = set(events.loc[events["event_type"] == "purchase", "user_session"])
    return {
        "events_per_session_mean": sizes.mean(),
        "events_per_session_median": sizes.median(),
        "events_per_session_p90": sizes.quantile(0.9),
        "events_per_session_p99": sizes.quantile(0.99),
        "single_event_sessions": (sizes == 1).mean(),
        "sessions_per_user_mean": per_user.mean(),
        "single_session_users": (per_user == 1).mean(),
        "gap_seconds_median": gaps.median(),
        "gap_seconds_p95": gaps.quantile(0.95),
        "sessions_with_cart": len(carting) / len(sizes),
        "sessions_with_purchase": len(buying) / len(sizes),
        "purchasing_sessions_without_cart": len(buying - carting) / len(buying),
        "purchase_given_cart": len(buying & carting) / len(carting),
    }
