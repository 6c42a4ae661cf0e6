"""What happens in sessions: how many events, which are carts and purchases, how long between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from helpers.generator.batch import CART, PURCHASE, VIEW
from helpers.generator.calibration import Flags, Floats, Integers, load_calibration, to_lognormal
from helpers.generator.catalogue import Catalogue
from helpers.generator.traffic import cart_factor, purchase_factor
from helpers.generator.walks import walk

# Cumulative shares of sessions by number of events, all of them and those with a purchase: the
# published quantiles, with the points between fitted to the published means (4.59 and 7.53).
_ALL = {1: 0.353681, 2: 0.5204, 5: 0.765, 10: 0.899, 16: 0.9515, 32: 0.9902, 71: 0.99902, 200: 0.9999879, 1159: 1.0}
_BUYING = {1: 0.0, 2: 0.07, 3: 0.27, 5: 0.53, 9: 0.765, 15: 0.905, 21: 0.952, 41: 0.9905, 87: 0.999, 1159: 1.0}

# The published chances of a cart are per session and department, of which some sessions have several.
# Both are fitted: half of the sessions with a cart have a purchase, half of those with a purchase a cart.
_CART_SCALE_IF_BOUGHT = 1.2
_CART_SCALE = 1.36

# Any six events of a session then span 10 seconds or more, so no window of 10 seconds has six.
_LEAST_GAP_SECONDS = 2
_LEAST_GAP_BESIDE_ZERO_SECONDS = 10


@dataclass(frozen=True)
class Block:
    """Sessions and their events; S sessions, n events, the events of a session side by side.

    Attributes
    ----------
    session
        Int64 (n,): which session each event belongs to.
    seconds
        Int64 (n,): seconds since the session's start.
    kind
        Int8 (n,): `VIEW`, `CART` or `PURCHASE`.
    product
        Int64 (n,): index in the catalogue.
    """

    session: Integers
    seconds: Integers
    kind: NDArray[np.int8]
    product: Integers


@dataclass(frozen=True)
class Funnel:
    """How likely carts and purchases are in each of C categories; all of shape (C,).

    Attributes
    ----------
    buy
        Chance of a purchase, relative to the shop's mean.
    cart
        Chance of a cart in a session without a purchase.
    cart_if_bought
        Chance of a cart in a session with a purchase.
    """

    buy: Floats
    cart: Floats
    cart_if_bought: Floats


def build_funnel(catalogue: Catalogue) -> Funnel:
    """Return the funnel of the catalogue's categories, by their top level."""
    rows = load_calibration()["funnel_by_top_category"]["rows"]
    buy = np.array([rows[top]["with_purchase"] for top in catalogue.top_level])
    cart = np.array([rows[top]["view_to_cart"] for top in catalogue.top_level])
    kept = np.array([rows[top]["carted_bought"] for top in catalogue.top_level])
    return Funnel(
        buy=buy / np.average(buy, weights=np.diff(catalogue.category_bounds)),
        cart=cart * (1 - kept) * _CART_SCALE,
        cart_if_bought=np.minimum(cart * kept / buy * _CART_SCALE_IF_BOUGHT, 0.95),
    )


@cache
def _size_tables() -> tuple[Floats, Floats]:
    """Return the cumulative share of sessions by size 1, 2, ..., and the share of buying ones by size."""
    sizes = np.arange(1, max(_ALL) + 1)

    def spread(points: dict[int, float]) -> Floats:
        left = np.maximum(1 - np.array(list(points.values())), 1e-9)
        survival = np.exp(np.interp(np.log(sizes), np.log(list(points)), np.log(left)))
        survival[-1] = 0.0
        cumulative: Floats = 1 - survival
        return cumulative

    everyone, buying = spread(_ALL), spread(_BUYING)
    shares = np.diff(np.concatenate(([0.0], everyone)))
    buying_shares = np.diff(np.concatenate(([0.0], buying)))
    buying_shares[0] = 0.0
    return everyone, load_calibration()["sessions"]["with_purchase"] * buying_shares / shares


def draw_sizes(count: int, rng: np.random.Generator) -> Integers:
    """Return numbers of events per session."""
    cumulative, _ = _size_tables()
    return np.searchsorted(cumulative, rng.random(count), side="right").astype(np.int64) + 1


def play(starts: Integers, sizes: Integers, catalogue: Catalogue, funnel: Funnel, rng: np.random.Generator) -> Block:
    """Return what happens in sessions with given starts (seconds since the epoch) and sizes."""
    return _Sessions(starts, sizes, catalogue, funnel, rng).play()


class _Sessions:
    def __init__(
        self, starts: Integers, sizes: Integers, catalogue: Catalogue, funnel: Funnel, rng: np.random.Generator
    ) -> None:
        self.starts, self.sizes, self.catalogue, self.funnel, self.rng = starts, sizes, catalogue, funnel, rng
        self.first = np.cumsum(sizes) - sizes
        self.session = np.repeat(np.arange(len(sizes)), sizes)
        self.total = int(sizes.sum())
        self.kind = np.full(self.total, VIEW, dtype=np.int8)
        self.zero_gap = np.zeros(self.total, dtype=bool)

    def play(self) -> Block:
        rng, count = self.rng, len(self.sizes)
        buys, carts_only = self._choose_candidates()
        sure = np.maximum(self.sizes - 1, 1)
        purchase_at = np.where(rng.random(count) < 0.1, self.sizes - 1, 1 + (rng.random(count) * sure).astype(np.int64))
        purchase_at = np.minimum(np.where(self.sizes >= 3, np.maximum(purchase_at, 2), purchase_at), self.sizes - 1)
        before = np.where((rng.random(count) < 0.12) & (purchase_at >= 3), 2, 1)
        cart_at = np.where(buys, purchase_at - before, 1 + (rng.random(count) * sure).astype(np.int64))
        can_cart = (buys & (self.sizes >= 3)) | carts_only
        second = purchase_at + 3 + (rng.random(count) * np.maximum(self.sizes - purchase_at - 3, 1)).astype(np.int64)
        buys_again = buys & (second < self.sizes) & (rng.random(count) < 0.85)
        again = cart_at - 1
        carts_again = can_cart & (again >= 1) & (rng.random(count) < 0.7)
        later = cart_at + 2 + (rng.random(count) * np.maximum(self.sizes - cart_at - 2, 1)).astype(np.int64)
        later = np.where(buys, second - 1, later)
        carts_later = np.where(buys, buys_again, can_cart & (later < self.sizes)) & (rng.random(count) < 0.9)

        keep = np.zeros(self.total, dtype=bool)
        for chosen, place in (
            (buys, purchase_at), (buys & (before == 2), purchase_at - 1), (can_cart, cart_at),
            (buys_again, second), (carts_again, again), (carts_later, later),
        ):  # fmt: skip
            keep[(self.first + place)[chosen]] = True
        product = walk(self.first, self.total, keep, self.catalogue, rng)

        bought = buys & self._accept_purchases(product, purchase_at, rng.random(count))
        carted = self._accept_carts(product, cart_at, bought, buys, can_cart, rng.random(count))
        self._mark(bought, purchase_at, PURCHASE)
        self._mark(bought & buys_again & self._accept_purchases(product, second, rng.random(count)), second, PURCHASE)
        self._mark(carted, cart_at, CART)
        self._mark(carted & carts_again, again, CART)
        self._mark(carted & carts_later & (self._rate(self.funnel.cart, product, later) > 0.001), later, CART)
        # Carts are sometimes logged twice in the same second: these rows are exact duplicates.
        self.zero_gap[(self.first + cart_at)[carted & carts_again & (rng.random(count) < 0.16)]] = True
        return Block(self.session, self._pass_time(), self.kind, product)

    def _choose_candidates(self) -> tuple[Flags, Flags]:
        _, by_size = _size_tables()
        chance = np.minimum(by_size[self.sizes - 1] * purchase_factor(self.starts) * self.funnel.buy.max(), 0.95)
        buys = self.rng.random(len(self.sizes)) < chance
        # Sessions of one event cannot cart; the others make up for them.
        chance = self.funnel.cart.max() * cart_factor(self.starts) / 0.646
        return buys, ~buys & (self.sizes >= 2) & (self.rng.random(len(self.sizes)) < chance)

    def _rate(self, rates: Floats, product: Integers, place: Integers) -> Floats:
        at = np.minimum(self.first + place, self.total - 1)
        found: Floats = rates[self.catalogue.category[product[at]]]
        return found

    def _accept_purchases(self, product: Integers, place: Integers, chance: Floats) -> Flags:
        at = np.minimum(self.first + place, self.total - 1)
        accepted: Flags = chance * self.funnel.buy.max() < self._rate(self.funnel.buy, product, place)
        return accepted & (self.catalogue.price_cents[product[at]] > 0)

    def _accept_carts(
        self, product: Integers, place: Integers, bought: Flags, buys: Flags, can_cart: Flags, chance: Floats
    ) -> Flags:
        factor = cart_factor(self.starts)
        of_buyers = chance < self._rate(self.funnel.cart_if_bought, product, place) * factor
        of_others = chance * self.funnel.cart.max() < self._rate(self.funnel.cart, product, place)
        return can_cart & np.where(buys, bought & of_buyers, of_others)

    def _mark(self, chosen: Flags, place: Integers, kind: int) -> None:
        self.kind[(self.first + place)[chosen]] = kind

    def _pass_time(self) -> Integers:
        rng = self.rng
        gap = to_lognormal(rng.random(self.total), 32.5, 0.95)
        slow = rng.random(self.total) < 0.02
        gap = np.where(slow, gap * 4, gap)
        follows_cart = np.concatenate(([False], self.kind[:-1] == CART))
        purchase = self.kind == PURCHASE
        gap = np.where(purchase, to_lognormal(rng.random(self.total), 1.0, 0.8) * np.where(follows_cart, 68, 72), gap)
        whole = np.maximum(np.round(gap), _LEAST_GAP_SECONDS).astype(np.int64)
        place = np.arange(self.total) - self.first[self.session]
        seldom = (rng.random(self.total) < 0.0004) & (place % 4 == 3) & (self.kind == VIEW)
        zero = (self.zero_gap | seldom) & (place > 0)
        beside = np.zeros(self.total, dtype=bool)
        beside[1:] |= zero[:-1]
        beside[:-1] |= zero[1:]
        whole = np.where(beside, np.maximum(whole, _LEAST_GAP_BESIDE_ZERO_SECONDS), whole)
        whole = np.where(zero, 0, np.where(place == 0, 0, whole))
        self._pause(whole)
        passed = np.cumsum(whole)
        elapsed: Integers = passed - passed[self.first][self.session]
        return elapsed

    def _pause(self, gap: Integers) -> None:
        # Some visitors come back to a session after minutes to days: 0.18 % of the sessions span a day.
        count = len(self.sizes)
        pauses = (self.sizes >= 2) & (self.rng.random(count) < 0.065)
        place = 1 + (self.rng.random(count) * np.maximum(self.sizes - 1, 1)).astype(np.int64)
        at = np.minimum(self.first + place, self.total - 1)
        levels = np.array([0.0, 0.55, 0.83, 0.955, 0.985, 1.0])
        lengths = np.log(np.array([420.0, 1500.0, 5000.0, 50_000.0, 200_000.0, 450_000.0]))
        length = np.exp(np.interp(self.rng.random(count), levels, lengths)).astype(np.int64)
        pauses &= (gap[at] > 0) & (self.kind[at] == VIEW)
        gap[at[pauses]] = length[pauses]
