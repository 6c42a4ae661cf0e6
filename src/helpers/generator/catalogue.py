"""The shop's products: id, category, brand, popularity and price of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.generator.brands import mix_brands
from helpers.generator.calibration import Floats, Integers, complete_price_quantiles, load_calibration
from helpers.generator.categories import SMARTPHONES, Category, build_categories

# Products per (category, brand) and their popularity, fitted to the published concentration:
# 1 % of the products take 49 % of the views, 10 % take 83 %.
_PRODUCTS_GROW_AS = 0.28
_ZIPF_EXPONENT = 1.35
_ZIPF_OFFSET = 2.2

_CATALOGUE_SEED = 2053013
_PRICE_STEPS = 997


@dataclass(frozen=True)
class Catalogue:
    """Products in order of category, then brand; P products, C categories, B (category, brand) pairs.

    Attributes
    ----------
    cumulative
        Float64 of shape (P + 1,): share of the events before each product, from 0 to 1.
    category, pair
        Int64 of shape (P,): index of each product's category and (category, brand) pair.
    category_bounds, pair_bounds
        Float64 of shape (C + 1,) and (B + 1,): where each begins in `cumulative`.
    price_cents
        Int64 of shape (P,): the price on the first day, 0 for products without a price.
    top_level
        First level of each category's code, "" without a code.
    text
        `product_id,category_id,category_code,brand` of each product.
    """

    cumulative: Floats
    category: Integers
    pair: Integers
    category_bounds: Floats
    pair_bounds: Floats
    price_cents: Integers
    top_level: list[str]
    text: list[str]

    def find(self, position: Floats) -> Integers:
        """Return the products at positions between 0 and 1 of the shop's events."""
        found: Integers = np.searchsorted(self.cumulative, position, side="right") - 1
        return np.clip(found, 0, len(self.text) - 1)

    def prices_on(self, product: Integers, day: Integers) -> Integers:
        """Return the prices in cents on days counted from the first: a third of the products change theirs."""
        step = (product * 7919 + (day + product % 5) // 5 * 104729) % _PRICE_STEPS
        percent = np.where((product % 3 == 0) & (day + product % 5 >= 5), 94 + step * 12 // _PRICE_STEPS, 100)
        ceiling = round(load_calibration()["catalogue"]["price_ceiling"] * 100)
        return np.minimum(self.price_cents[product] * percent // 100, ceiling)


def build_catalogue() -> Catalogue:
    """Return the shop's catalogue; it is the same for every data set, whatever its seed."""
    rng = np.random.Generator(np.random.PCG64(_CATALOGUE_SEED))
    categories = build_categories(rng)
    mixed = mix_brands(categories, rng)
    pairs = [(index, brand, share) for index, row in enumerate(mixed) for brand, share in row.items()]
    share = np.array([pair[2] for pair in pairs])
    counts = _count_products(share, load_calibration()["catalogue"]["products"])
    pair = np.repeat(np.arange(len(pairs)), counts)
    category = np.array([pair[0] for pair in pairs])[pair]
    weight = _weigh(share, counts)
    cumulative = np.concatenate(([0.0], np.cumsum(weight)))
    cumulative /= cumulative[-1]
    cents = _price(categories, [brand for _, brand, _ in pairs], category, pair, weight, rng)
    return Catalogue(
        cumulative=cumulative,
        category=category,
        pair=pair,
        category_bounds=cumulative[np.searchsorted(category, np.arange(len(categories) + 1))],
        pair_bounds=cumulative[np.searchsorted(pair, np.arange(len(pairs) + 1))],
        price_cents=_remove_prices(cents, weight, rng),
        top_level=[c.top for c in categories],
        text=_write(categories, pairs, category, pair, rng),
    )


def _count_products(share: Floats, total: int) -> Integers:
    parts = share**_PRODUCTS_GROW_AS
    return np.maximum(1, np.round(parts / parts.sum() * total).astype(np.int64))


def _weigh(share: Floats, counts: Integers) -> Floats:
    weights = []
    for part, count in zip(share, counts, strict=True):
        ranks = 1 / (np.arange(count) + _ZIPF_OFFSET) ** _ZIPF_EXPONENT
        weights.append(part * ranks / ranks.sum())
    return np.concatenate(weights)


def _price(
    categories: Sequence[Category],
    brands: Sequence[str],
    category: Integers,
    pair: Integers,
    weight: Floats,
    rng: np.random.Generator,
) -> Integers:
    # Prices stand on a category's curve by weight, not by number: so its events, not its products,
    # have the published quantiles. Smartphone brands have curves of their own.
    own = load_calibration()["smartphone_prices"]["rows"]
    cents = np.zeros(len(weight), dtype=np.int64)
    order = rng.random(len(weight))
    for index, kind in enumerate(categories):
        start, end = np.searchsorted(category, [index, index + 1])
        groups: list[tuple[dict[str, float], Integers]] = []
        members = np.arange(start, end)
        if kind.code == SMARTPHONES:
            for number in range(pair[start], pair[end - 1] + 1):
                if brands[number] in own:
                    mine = members[pair[members] == number]
                    groups.append((own[brands[number]], mine))
                    members = members[pair[members] != number]
        groups.append((kind.price, members))
        for quantiles, group in groups:
            shuffled = group[np.argsort(order[group], kind="stable")]
            mass = np.cumsum(weight[shuffled])
            level = (mass - weight[shuffled] / 2) / mass[-1] if len(mass) else mass
            levels, logarithms = complete_price_quantiles(quantiles)
            cents[shuffled] = np.round(np.exp(np.interp(level, levels, logarithms)) * 100).astype(np.int64)
    ceiling = round(load_calibration()["catalogue"]["price_ceiling"] * 100)
    return np.clip(cents, 77, ceiling)


def _remove_prices(cents: Integers, weight: Floats, rng: np.random.Generator) -> Integers:
    # Little-seen products only, so that no single one decides the share of prices of 0.00.
    target = load_calibration()["catalogue"]["zero_price_share"] * weight.sum()
    candidates = np.flatnonzero(weight < weight.sum() * 2e-5)
    shuffled = candidates[np.argsort(rng.random(len(candidates)), kind="stable")]
    chosen = shuffled[np.cumsum(weight[shuffled]) <= target]
    priced = cents.copy()
    priced[chosen] = 0
    return priced


def _write(
    categories: Sequence[Category],
    pairs: Sequence[tuple[int, str, float]],
    category: Integers,
    pair: Integers,
    rng: np.random.Generator,
) -> list[str]:
    # A product id without its last five digits stands for the category: 7 digits for the largest
    # categories (60 % of the events), 8 for the others.
    prefixes = _choose_prefixes(categories)
    numbers = np.zeros(len(category), dtype=np.int64)
    for index in range(len(categories)):
        start, end = np.searchsorted(category, [index, index + 1])
        spread = np.sort(rng.random(end - start))
        room = 100_000 - (end - start)
        distinct = (spread * room).astype(np.int64) + np.arange(end - start)
        numbers[start:end] = distinct[np.argsort(rng.random(end - start), kind="stable")]
    suffixes = [f"{categories[index].category_id},{categories[index].code},{brand}" for index, brand, _ in pairs]
    columns = zip(category.tolist(), numbers.tolist(), pair.tolist(), strict=True)
    return [f"{prefixes[kind]}{number:05d},{suffixes[number_of_pair]}" for kind, number, number_of_pair in columns]


def _choose_prefixes(categories: Sequence[Category]) -> list[int]:
    short = load_calibration()["catalogue"]["seven_digit_product_share"]
    prefixes, mass, two, three = [], 0.0, 10, 100
    for kind in categories:
        if mass < short and two < 100:
            prefixes.append(two)
            two += 1
        else:
            prefixes.append(three)
            three += 1
        mass += kind.share
    return prefixes
