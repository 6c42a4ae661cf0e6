"""The four business answers, computed in pandas from the events themselves.

Notebook 06 gets them from Athena and holds them against these, to the last digit. So every figure is
exact: counts are integers, money is summed as decimals, and a ratio is one division of two of them.
Each function takes the events of the period as `helpers.dataset.read_events` gives them.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

TOP_CATEGORIES = 5

# A brand is judged when its categories' conversion promises it at least this many purchases: below,
# chance alone explains a miss (the usual rule for expected counts: Cochran, Biometrics 10, 1954).
LEAST_EXPECTED_PURCHASES = 5


def unique_visitors_per_day(events: pd.DataFrame) -> pd.DataFrame:
    """Count the distinct users of each UTC day, whatever they did.

    Returns
    -------
    DataFrame
        `day` (`YYYY-MM-DD`, str), `visitors` (int64); one row a day with events.
    """
    users = events.assign(day=_day(events)).drop_duplicates(["day", "user_id"])
    return users.groupby("day").size().rename("visitors").reset_index()


def cart_abandonment(events: pd.DataFrame) -> pd.DataFrame:
    """Count the products that were put in a cart and never bought, by the day of the first cart event.

    A cart is a pair of session and product; it counts as bought if the same pair has a purchase anywhere
    in the period. Rows without a session are left out.

    Returns
    -------
    DataFrame
        `day` (str), `carted` (int64), `abandoned` (int64), `rate` (float64, abandoned / carted).
    """
    carts = abandoned_carts(events)
    per_day = carts.groupby("day")["abandoned"].agg(carted="size", abandoned="sum").reset_index()
    return per_day.assign(rate=per_day["abandoned"] / per_day["carted"])


def abandoned_carts(events: pd.DataFrame) -> pd.DataFrame:
    """Return every cart of the period.

    Returns
    -------
    DataFrame
        `user_session`, `product_id`, `day` (str, of the first cart event), `category_code`,
        `abandoned` (bool).
    """
    pair = ["user_session", "product_id"]
    known = events[_present(events["user_session"])]
    carted = known[known["event_type"] == "cart"].sort_values("event_time", kind="stable").drop_duplicates(pair)
    bought = known.loc[known["event_type"] == "purchase", pair].drop_duplicates()
    carts = carted.assign(day=_day(carted)).merge(bought, on=pair, how="left", indicator="found")
    carts["abandoned"] = carts["found"] == "left_only"
    return carts[[*pair, "day", "category_code", "abandoned"]]


def top_categories_by_hour(events: pd.DataFrame) -> pd.DataFrame:
    """Rank the five category codes with most events in each UTC hour of the day.

    Returns
    -------
    DataFrame
        `hour` (0-23), `rank` (1-5), `category_code`, `events` (int64); ties by name.
    """
    return _top_categories(events, events["event_time"].dt.hour.rename("hour"))


def top_categories_by_weekday(events: pd.DataFrame) -> pd.DataFrame:
    """Rank the five category codes with most events on each weekday.

    Returns
    -------
    DataFrame
        `weekday` (1 = Monday), `rank` (1-5), `category_code`, `events` (int64); ties by name.
    """
    return _top_categories(events, (events["event_time"].dt.day_of_week + 1).rename("weekday"))


def brands_to_promote(events: pd.DataFrame, least_expected: int = LEAST_EXPECTED_PURCHASES) -> pd.DataFrame:
    """Rank the brands that people look at and do not buy, against others in the same categories.

    Each view of a brand is worth what a view in its category (`category_id`) converts to, all brands
    together. The sum over the brand's views is what it could expect to sell; what it sold less is
    missing. Brands that could expect at least `least_expected` and sold fewer are ranked by
    what is missing, ties by name. Expectations are kept in whole thousandths of a purchase, rounded
    down in each category, so that their sum does not depend on the order of adding.

    Returns
    -------
    DataFrame
        `rank`, `brand`, `views`, `carts`, `purchases` (int64), `revenue` (Decimal), `view_to_purchase`
        (float64), `expected_purchases`, `missing_purchases` (float64, in thousandths).
    """
    sold = events[["category_id", "brand"]].copy()
    for name, event_type in (("views", "view"), ("carts", "cart"), ("purchases", "purchase")):
        sold[name] = (events["event_type"] == event_type).astype("int64")
    whole = sold.groupby("category_id")[["views", "purchases"]].sum().add_prefix("category_")
    counts = ["views", "carts", "purchases"]
    parts = sold[_present(sold["brand"])].groupby(["category_id", "brand"], observed=True)[counts].sum().reset_index()
    parts = parts[parts["views"] > 0].merge(whole, on="category_id")
    parts["expected"] = parts["views"] * parts["category_purchases"] * 1000 // parts["category_views"]
    expected = parts.groupby("brand", observed=True)["expected"].sum()

    brands = sold[_present(sold["brand"])].groupby("brand", observed=True)[counts].sum()
    brands = brands.join(expected, how="inner").join(_revenue(events)).reset_index()
    brands["missing"] = brands["expected"] - brands["purchases"] * 1000
    judged = brands[(brands["expected"] >= least_expected * 1000) & (brands["missing"] > 0)]
    ranked = judged.sort_values(["missing", "brand"], ascending=[False, True]).reset_index(drop=True)
    return pd.DataFrame(
        {
            "rank": ranked.index + 1,
            "brand": ranked["brand"],
            **{name: ranked[name] for name in counts},
            "revenue": [Decimal(0) if pd.isna(value) else value for value in ranked["revenue"]],
            "view_to_purchase": ranked["purchases"] / ranked["views"],
            "expected_purchases": ranked["expected"] / 1000,
            "missing_purchases": ranked["missing"] / 1000,
        }
    )


def _top_categories(events: pd.DataFrame, slot: pd.Series) -> pd.DataFrame:
    coded = events["category_code"][_present(events["category_code"])].astype(str)
    counts = coded.groupby([slot.loc[coded.index], coded]).size().rename("events").reset_index()
    name = str(slot.name)
    counts = counts.sort_values([name, "events", "category_code"], ascending=[True, False, True])
    counts["rank"] = counts.groupby(name).cumcount() + 1
    top = counts[counts["rank"] <= TOP_CATEGORIES].reset_index(drop=True)
    return top[[name, "rank", "category_code", "events"]]


def _revenue(events: pd.DataFrame) -> pd.Series:
    """Sum the prices of each brand's purchases exactly, as decimals."""
    purchases = events[events["event_type"] == "purchase"]
    prices = purchases["price"].map(lambda price: Decimal(repr(price)))
    return (
        prices.groupby(purchases["brand"], observed=True).agg(lambda values: sum(values, Decimal(0))).rename("revenue")
    )


def _day(events: pd.DataFrame) -> pd.Series:
    return events["event_time"].dt.strftime("%Y-%m-%d")


def _present(texts: pd.Series) -> pd.Series:
    return texts.notna() & (texts != "")
