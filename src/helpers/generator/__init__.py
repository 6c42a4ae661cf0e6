"""Synthetic events of the web shop, in the exact form of the Kaggle file and calibrated to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.generator.catalogue import build_catalogue
from helpers.generator.shop import Shop
from helpers.generator.writer import write_events


@dataclass(frozen=True)
class GenerationReport:
    """What was written.

    Attributes
    ----------
    path
        The events.
    rows
        Number of events.
    """

    path: Path
    rows: int


def generate(rows: int, seed: int, out: Path) -> GenerationReport:
    """Write events of a web shop as CSV."""
    catalogue = build_catalogue()
    written = write_events(Shop(rows, seed, catalogue).events(), catalogue, out)
    return GenerationReport(out, written)
