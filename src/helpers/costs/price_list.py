"""The price file: what each unit costs, where that was read, and when.

Prices are of one region, which the file names, before free tiers; other regions differ by some percent.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("helpers").joinpath("prices.json").read_text(encoding="utf-8"))
    return found


def price_usd(name: str) -> float:
    """Return one price by its name in `prices.json`."""
    return float(_file()["prices"][name]["usd"])


def prices() -> pd.DataFrame:
    """Return the price list.

    Returns
    -------
    DataFrame
        Indexed by name: `usd` (float64), `unit`, `source`, `date` (str), the day on which the source was current.
    """
    return pd.DataFrame.from_dict(_file()["prices"], orient="index")


def region() -> str:
    """Return the region that the prices are of."""
    return str(_file()["region"])


def read_on() -> str:
    """Return the day on which the prices were read."""
    return str(_file()["read_on"])
