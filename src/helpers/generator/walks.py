"""Which products a visitor goes through in a session."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from helpers.generator.calibration import Floats, Integers
from helpers.generator.catalogue import Catalogue

# Chances of the next event, fitted to the sample of the file: same product 34 %, same category
# 88 %, same brand 65 % (a new product, brand or category may by chance be the old one).
_SAME_PRODUCT = 0.24
_SAME_BRAND = 0.52
_SAME_CATEGORY = 0.865


def walk(
    first: Integers, total: int, keep: NDArray[np.bool_], catalogue: Catalogue, rng: np.random.Generator
) -> Integers:
    """Return the product of each event.

    Parameters
    ----------
    first
        Int64 (S,): index of each session's first event.
    total
        Number of events n.
    keep
        Bool (n,): events that must be of the same product as the one before.
    catalogue
        The shop's products.
    rng
        Source of randomness.

    Returns
    -------
    Integers
        Int64 (n,): indexes in the catalogue.
    """
    begins = np.zeros(total, dtype=bool)
    begins[first] = True
    step = rng.random(total)
    kept = ~begins & (keep | (step < _SAME_PRODUCT))
    moved = (step - _SAME_PRODUCT) / (1 - _SAME_PRODUCT)
    stays = (_SAME_CATEGORY - _SAME_PRODUCT) / (1 - _SAME_PRODUCT)
    new_category = begins | (~kept & (moved >= stays))
    new_brand = new_category | (~kept & (moved >= stays * _SAME_BRAND))
    choice = rng.random(total)

    # Each event takes its bearings from the last one that changed category, then brand, then product.
    in_shop = catalogue.find(choice)
    category = catalogue.category[in_shop[_last(new_category)]]
    in_category = catalogue.find(_within(catalogue.category_bounds, category, choice))
    start_of_brand = np.where(new_category, in_shop, in_category)
    pair = catalogue.pair[start_of_brand[_last(new_brand)]]
    in_pair = catalogue.find(_within(catalogue.pair_bounds, pair, choice))
    product = np.where(new_brand, start_of_brand, in_pair)
    return product[_last(begins | ~kept)]


def _last(marked: NDArray[np.bool_]) -> Integers:
    """Return for each event the index of the last marked one up to it."""
    return np.maximum.accumulate(np.where(marked, np.arange(len(marked)), 0))


def _within(bounds: Floats, index: Integers, choice: Floats) -> Floats:
    low, high = bounds[index], bounds[index + 1]
    within: Floats = low + choice * (high - low)
    return within
