"""The shop's categories: ids, codes, shares of the events, prices and brands of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.generator.calibration import Floats, load_calibration

SMARTPHONES = "electronics.smartphone"

# Codes of the file's remaining events: each has less than 0.11 % of them, so no figures are published.
_RARE_CODE_NAMES = """
electronics.camera.photo electronics.video.projector electronics.audio.microphone
electronics.audio.music_tools.piano electronics.camera.video electronics.audio.dictaphone
appliances.environment.air_conditioner appliances.environment.fan appliances.kitchen.juicer
appliances.kitchen.toster appliances.kitchen.coffee_grinder appliances.kitchen.steam_cooker
appliances.kitchen.fryer appliances.ironing_board appliances.personal.massager appliances.steam_cleaner
computers.components.motherboard computers.components.memory computers.components.power_supply
computers.components.cooler computers.components.sound_card computers.components.cdrw computers.ebooks
computers.peripherals.camera computers.peripherals.joystick computers.network.router auto.accessories.radar
auto.accessories.parktronic auto.accessories.winch auto.accessories.light auto.accessories.anti_freeze
auto.accessories.gps construction.tools.pump construction.tools.light construction.tools.painting
construction.tools.screw construction.tools.soldering construction.tools.axe construction.components.faucet
furniture.bathroom.bath furniture.bathroom.toilet furniture.bedroom.blanket furniture.bedroom.pillow
furniture.living_room.shelving furniture.universal.light kids.swing kids.dolls kids.fmcg.diapers kids.bottles
sport.trainer sport.ski sport.snowboard sport.tennis sport.diving accessories.wallet accessories.umbrella
apparel.shirt apparel.tshirt apparel.trousers apparel.jumper apparel.underwear apparel.dress
medicine.tools.tonometer country_yard.lawn_mower country_yard.cultivator stationery.cartrige
"""
_RARE_CODES = _RARE_CODE_NAMES.split()
_RARE_CODES_WITH_SEVERAL_IDS = 30


@dataclass(frozen=True)
class Category:
    """One category id.

    Attributes
    ----------
    category_id
        19 digits, above 2**53.
    code
        `category_code`, empty if the id never has one.
    share
        Share of the events, 0 to 1.
    price
        Known price quantiles, `p1` to `p99`, in the shop's currency.
    brands
        Known shares of the brands within the category; the key "" is no brand.
    """

    category_id: int
    code: str
    share: float
    price: dict[str, float]
    brands: dict[str, float]

    @property
    def top(self) -> str:
        """First level of the code, empty without a code."""
        return self.code.partition(".")[0]


def build_categories(rng: np.random.Generator) -> list[Category]:
    """Return all category ids of the shop, largest share first; the shares add up to 1."""
    calibration = load_calibration()
    found = _published(calibration)
    taken = {category.category_id for category in found}
    labelled = 1 - calibration["catalogue"]["empty_code_share"]
    rest_labelled = labelled - sum(c.share for c in found if c.code)
    rest_unlabelled = 1 - labelled - sum(c.share for c in found if not c.code)
    for code, share in zip(_RARE_CODES, rest_labelled * _falling(len(_RARE_CODES), 12), strict=True):
        ids = 2 if _RARE_CODES.index(code) < _RARE_CODES_WITH_SEVERAL_IDS else 1
        price = _draw_price(rng, 110.0)
        found += [Category(_draw_id(rng, taken), code, share / ids, price, {}) for _ in range(ids)]
    missing = calibration["catalogue"]["category_ids"] - len(found)
    for share in rest_unlabelled * _falling(missing, 80):
        found.append(Category(_draw_id(rng, taken), "", float(share), _draw_price(rng, 75.0), {}))
    return sorted(found, key=lambda category: (-category.share, category.category_id))


def _published(calibration: dict[str, Any]) -> list[Category]:
    labelled = [
        Category(int(category_id), row["code"], row["share"] * within, row["price"], row["brands"])
        for row in calibration["categories"]["rows"]
        for category_id, within in row["category_ids"].items()
    ]
    unlabelled = [
        Category(int(row["category_id"]), "", row["share"], row["price"], row["brands"])
        for row in calibration["unlabelled"]["rows"]
    ]
    return labelled + unlabelled


def _falling(count: int, offset: int) -> Floats:
    shares = 1 / (np.arange(count) + offset) ** 1.5
    falling: Floats = shares / shares.sum()
    return falling


def _draw_id(rng: np.random.Generator, taken: set[int]) -> int:
    while True:
        category_id = 2053013550 * 10**9 + int((1 + rng.random() * 15) * 10**9)
        if category_id not in taken:
            taken.add(category_id)
            return category_id


def _draw_price(rng: np.random.Generator, typical: float) -> dict[str, float]:
    middle = typical * 12 ** (rng.random() - 0.5)
    return {"p25": middle * 0.55, "p50": middle, "p75": middle * 1.8}
