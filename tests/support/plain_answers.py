"""The answers once more, line by line in plain Python, from the text of the file alone.

It shares no code with the lab: it is what the results are held against.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

Row = dict[str, str]


def read_rows(lines: Iterable[str]) -> list[Row]:
    return list(csv.DictReader(lines))


def unique_visitors_per_day(rows: list[Row]) -> list[tuple[str, int]]:
    users: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        users[row["event_time"][:10]].add(row["user_id"])
    return [(day, len(users[day])) for day in sorted(users)]


def cart_abandonment(rows: list[Row]) -> list[tuple[str, int, int, float]]:
    first_cart: dict[tuple[str, str], str] = {}
    bought: set[tuple[str, str]] = set()
    for row in rows:
        pair = (row["user_session"], row["product_id"])
        if not pair[0]:
            continue
        if row["event_type"] == "cart":
            first_cart[pair] = min(first_cart.get(pair, row["event_time"]), row["event_time"])
        elif row["event_type"] == "purchase":
            bought.add(pair)
    carted = Counter(time[:10] for time in first_cart.values())
    abandoned = Counter(time[:10] for pair, time in first_cart.items() if pair not in bought)
    return [(day, carted[day], abandoned[day], abandoned[day] / carted[day]) for day in sorted(carted)]


def top_categories(rows: list[Row], slot: str) -> list[tuple[int, int, str, int]]:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["category_code"]:
            time = row["event_time"]
            key = int(time[11:13]) if slot == "hour" else date.fromisoformat(time[:10]).isoweekday()
            counts[key][row["category_code"]] += 1
    top = []
    for key in sorted(counts):
        ranked = sorted(counts[key].items(), key=lambda item: (-item[1], item[0]))[:5]
        top += [(key, rank, code, events) for rank, (code, events) in enumerate(ranked, start=1)]
    return top


def brands_to_promote(rows: list[Row]) -> list[tuple[int, str, int, int, int, Fraction, float, float, float]]:
    parts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    revenue: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        parts[row["brand"], row["category_id"]][row["event_type"]] += 1
        whole[row["category_id"]][row["event_type"]] += 1
        if row["event_type"] == "purchase":
            revenue[row["brand"]] += Fraction(row["price"])
    brands: dict[str, Counter[str]] = defaultdict(Counter)
    for (brand, category), events in parts.items():
        if not brand:
            continue
        brands[brand].update(events)
        if events["view"]:
            promised = events["view"] * whole[category]["purchase"] * 1000 // whole[category]["view"]
            brands[brand]["expected"] += promised
    judged = []
    for brand, events in brands.items():
        missing = events["expected"] - events["purchase"] * 1000
        if events["expected"] >= 5000 and missing > 0:
            judged.append((missing, brand, events))
    judged.sort(key=lambda item: (-item[0], item[1]))
    return [
        (
            rank, brand, events["view"], events["cart"], events["purchase"], revenue[brand],
            events["purchase"] / events["view"], events["expected"] / 1000, missing / 1000,
        )
        for rank, (missing, brand, events) in enumerate(judged, start=1)
    ]  # fmt: skip
