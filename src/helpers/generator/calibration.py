"""The aggregates that the generator is calibrated to, and the shapes made of them.

`calibration.json` holds published statistics of the Kaggle file and aggregates of public samples
of it; every block names its source. It holds no row, user, session or product of the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NORMAL_STEPS = 8192


@cache
def load_calibration() -> dict[str, Any]:
    """Read `calibration.json`."""
    text = resources.files("helpers.generator").joinpath("calibration.json").read_text(encoding="utf-8")
    calibration: dict[str, Any] = json.loads(text)
    return calibration


@cache
def _normal_table() -> tuple[Floats, Floats]:
    levels = (np.arange(_NORMAL_STEPS) + 0.5) / _NORMAL_STEPS
    inverse = NormalDist().inv_cdf
    return levels, np.array([inverse(float(level)) for level in levels])


def to_normal(uniform: Floats) -> Floats:
    """Map uniform numbers to standard normal ones (within +-3.8), from a table.

    The bits of `Generator.random` are stable across NumPy's versions, those of
    `Generator.normal` are not promised to be.
    """
    levels, values = _normal_table()
    return np.interp(uniform, levels, values)


def to_lognormal(uniform: Floats, median: float, sigma: float) -> Floats:
    """Map uniform numbers to lognormal ones."""
    return median * np.exp(sigma * to_normal(uniform))


def complete_price_quantiles(quantiles: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Make a price curve out of whichever quantiles are known.

    Parameters
    ----------
    quantiles
        Prices by name `p1` to `p99`; at least `p25`, `p50` and `p75`. Where the outer ones are
        missing, the quartiles go on as a lognormal distribution on either side.

    Returns
    -------
    tuple
        Levels between 0 and 1, and the logarithms of the prices there, both rising.
    """
    middle = np.log(quantiles["p50"])
    upper = max(np.log(quantiles["p75"]) - middle, 0.02)
    lower = max(middle - np.log(quantiles["p25"]), 0.02)
    quartile = NormalDist().inv_cdf(0.75)
    levels = [0.002, 0.01, 0.05, 0.10, 0.25, 0.5, 0.75, 0.90, 0.95, 0.99, 0.998]
    names = ["", "p1", "p5", "p10", "p25", "p50", "p75", "p90", "p95", "p99", ""]
    prices = []
    for level, name in zip(levels, names, strict=True):
        if name in quantiles:
            prices.append(np.log(quantiles[name]))
        else:
            deviation = NormalDist().inv_cdf(level) / quartile
            prices.append(middle + deviation * (upper if deviation > 0 else lower))
    return np.array(levels), np.maximum.accumulate(np.array(prices))
