"""The files that other programs read: one CSV an answer, in `build/results/`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd

from helpers.settings import Settings
from helpers.whole_file import whole_file

# Money has two decimals, more only where the data has them.
_CENT = Decimal("0.01")


def write_result(settings: Settings, name: str, frame: pd.DataFrame) -> Path:
    """Write an answer as `results/NAME.csv` and return its path.

    UTF-8, LF, a header; integers plain, floats unrounded (shortest text that reads back the same),
    decimals with at least two places. The rows are taken in the order they come.

    Raises
    ------
    helpers.whole_file.UnwritableFileError
        If it cannot be written.
    """
    path = settings.results_dir / f"{name}.csv"
    texts = frame.apply(lambda column: column.map(_text) if column.dtype == object else column)
    with whole_file(path) as part:
        texts.to_csv(part, index=False, encoding="utf-8", lineterminator="\n")
    return path


def first_difference(found: pd.DataFrame, expected: pd.DataFrame) -> str | None:
    """Say where two answers differ first, None if they are equal to the last digit.

    Compared are names, order of rows, and the text of each value as `write_result` writes it.
    """
    if list(found.columns) != list(expected.columns):
        return f"columns {list(found.columns)} instead of {list(expected.columns)}"
    if len(found) != len(expected):
        return f"{len(found)} rows instead of {len(expected)}"
    for name in found.columns:
        pairs = zip(map(_plain, found[name]), map(_plain, expected[name]), strict=True)
        for number, (one, other) in enumerate(pairs):
            if one != other:
                return f"{name} in row {number} is {one} instead of {other}"
    return None


def _plain(value: object) -> str:
    text = _text(value)
    return str(float(text)) if isinstance(text, float) else str(text)


def _text(value: object) -> object:
    if not isinstance(value, Decimal):
        return value
    plain = value.normalize()
    exponent = plain.as_tuple().exponent
    return format(plain if isinstance(exponent, int) and exponent < -2 else plain.quantize(_CENT), "f")
