"""Which brands each category sells: known shares, raked to the brands' shares of the whole shop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.generator.calibration import Floats, load_calibration
from helpers.generator.categories import Category

# Brands to expect in a department where no shares are known; raking sets how much of each.
_USUAL = {
    "appliances": "samsung lg bosch indesit beko artel redmond vitek philips polaris tefal elenberg midea haier",
    "computers": "acer hp lenovo asus samsung lg apple",
    "electronics": "samsung sony xiaomi lg philips elenberg nokia",
    "auto": "starline pioneer philips",
    "construction": "bosch",
    "apparel": "respect",
}
_SYLLABLES = "ba be bo da di do fa fi ga go ka ki ko la le li lo ma mi mo na ne ni no pa po ra ri sa si so ta ti to va"
_RAKING_ROUNDS = 40


def mix_brands(categories: Sequence[Category], rng: np.random.Generator) -> list[dict[str, float]]:
    """Return for each category its brands with their shares of the shop's events.

    The shares of one category add up to the category's share. The key "" is no brand.
    """
    known = load_calibration()["brands"]["shares"]
    rare = _invent_names(load_calibration()["catalogue"]["brands"], set(known), rng)
    rows = [_seed(category, rare, known, rng) for category in categories]
    names = list(known)
    seeds = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    others = np.array([sum(share for name, share in row.items() if name not in known) for row in rows])
    weights = np.array([category.share for category in categories])
    raked, kept = _rake(seeds * weights[:, None], others * weights, weights, np.array([known[name] for name in names]))
    mixed = []
    for index, row in enumerate(rows):
        shares = {name: float(raked[index, column]) for column, name in enumerate(names) if raked[index, column] > 0}
        scale = float(kept[index] / others[index]) if others[index] else 0.0
        shares.update({name: share * scale for name, share in row.items() if name not in known})
        mixed.append({name: share for name, share in shares.items() if share > 0})
    return mixed


def _rake(seeds: Floats, others: Floats, row_sums: Floats, column_sums: Floats) -> tuple[Floats, Floats]:
    # Iterative proportional fitting; the brands without a known share take what is left of each row.
    for _ in range(_RAKING_ROUNDS):
        seeds = seeds * (column_sums / np.maximum(seeds.sum(axis=0), 1e-12))
        others = others * ((row_sums.sum() - column_sums.sum()) / others.sum())
        scale = row_sums / (seeds.sum(axis=1) + others)
        seeds, others = seeds * scale[:, None], others * scale
    return seeds, others


def _seed(
    category: Category, rare: Sequence[str], known: dict[str, float], rng: np.random.Generator
) -> dict[str, float]:
    row = dict(category.brands)
    rest = max(1 - sum(row.values()), 0.01)
    if not row:
        row[""] = 0.15 if category.code else 0.4
        rest = 1 - row[""]
        usual = [name for name in _USUAL.get(category.top, "").split() if name in known]
        row.update({name: 0.4 / len(usual) for name in usual})
        rest -= 0.4 * bool(usual)
    count = 4 + int(36 * rng.random() ** 2 + 2000 * category.share * rest)
    first = int(rng.random() * (len(rare) - count))
    parts = 1 / (np.arange(count) + 2.0)
    for name, part in zip(rare[first : first + count], parts / parts.sum(), strict=True):
        row[name] = row.get(name, 0.0) + rest * float(part)
    return row


def _invent_names(count: int, taken: set[str], rng: np.random.Generator) -> list[str]:
    syllables = _SYLLABLES.split()
    names: list[str] = []
    seen = set(taken)
    while len(names) < count:
        length = 2 + int(rng.random() * 2.5)
        name = "".join(syllables[int(rng.random() * len(syllables))] for _ in range(length))
        if rng.random() < 0.01:
            name += "-line"
        if name not in seen:
            seen.add(name)
            names.append(name)
    return names
