"""How tables of money read: `$0.0602` in each cell, and nothing where nothing is paid."""

from __future__ import annotations

import pandas as pd


def dollars(table: pd.DataFrame, decimals: int = 4) -> pd.DataFrame:
    """Return a table whose numbers are written as dollars.

    Parameters
    ----------
    table
        Columns of float64 are written as dollars, `-` for 0; others stay.
    decimals
        Digits after the point.
    """
    numbers = table.select_dtypes("float64").columns
    written = table.astype(dict.fromkeys(numbers, object))
    for name in numbers:
        written[name] = [f"${value:,.{decimals}f}" if value else "-" for value in table[name]]
    return written
