"""The file of events that several parts of the benchmark measure with, made once."""

from __future__ import annotations

from pathlib import Path

from helpers.bench.figure import Scale
from helpers.generator import generate

ROWS = 7_000_000
# A cut of the first rows must stop before the file ends.
_MORE_THAN_CUT = 1.02
_SEED = 1


def shop_events(scale: Scale) -> Path:
    """Return a CSV of a little more than the share's part of seven million events.

    Raises
    ------
    helpers.errors.LabError
        If it cannot be made.
    """
    folder = scale.shared or scale.folder
    path = folder / "shop-events.csv"
    if not path.exists():
        unfinished = path.with_name("unfinished.csv")
        generate(round(scale.of(ROWS) * _MORE_THAN_CUT) + 1, _SEED, unfinished)
        unfinished.replace(path)
    return path
