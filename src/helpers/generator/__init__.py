"""Synthetic events of the web shop, in the exact form of the Kaggle file and calibrated to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.generator.bots import choose_kinds, merge, plan
from helpers.generator.catalogue import build_catalogue
from helpers.generator.errors import (
    InvalidOutputNameError,
    InvalidRowCountError,
    InvalidSeedError,
    UnwritableOutputError,
)
from helpers.generator.shop import Shop, make_rng
from helpers.generator.writer import write_events, write_truth

_PLANTING = 4


@dataclass(frozen=True)
class GenerationReport:
    """What was written.

    Attributes
    ----------
    path
        The events.
    truth_path
        Who was planted among the visitors.
    rows
        Number of events, those of the planted included.
    planted_rows
        Number of events of the planted.
    planted
        Number of users planted.
    """

    path: Path
    truth_path: Path
    rows: int
    planted_rows: int
    planted: int


def generate(rows: int, seed: int, out: Path) -> GenerationReport:
    """Write fourteen days of a web shop's events as CSV, and beside them the truth about the bots.

    The same rows and seed make the same text on every machine. Every session is whole: a data set
    of fewer rows has fewer users.

    Parameters
    ----------
    rows
        Number of events.
    seed
        Decides who does what and when; the shop's catalogue is always the same.
    out
        `.csv` or `.csv.gz`; the truth goes to `events.bots.csv` for `events.csv` or `events.csv.gz`.

    Raises
    ------
    GeneratorError
        If an argument makes no sense or a file cannot be written.
    """
    if rows < 1:
        raise InvalidRowCountError(rows)
    if seed < 0:
        raise InvalidSeedError(seed)
    catalogue = build_catalogue()
    visits, planted = plan(choose_kinds(rows), catalogue, make_rng(seed, _PLANTING))
    truth_path = name_truth(out)
    shop = Shop(rows - len(planted), seed, catalogue)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        written = write_events(merge(shop.events(), planted), catalogue, out)
        write_truth(visits, truth_path)
    except OSError as error:
        raise UnwritableOutputError(Path(error.filename or out), error.strerror or str(error)) from error
    return GenerationReport(out, truth_path, written, len(planted), len(visits))


def name_truth(out: Path) -> Path:
    """Return the name of the truth file beside a data set.

    Raises
    ------
    InvalidOutputNameError
        If the data set's name ends neither in `.csv` nor in `.csv.gz`.
    """
    for ending in (".csv.gz", ".csv"):
        if out.name.endswith(ending) and out.name != ending:
            return out.with_name(out.name.removesuffix(ending) + ".bots.csv")
    raise InvalidOutputNameError(out)
