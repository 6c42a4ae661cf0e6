"""What `python -m helpers costs` prints."""

from __future__ import annotations

from pathlib import Path

from helpers import tables
from helpers.costs.bill import bill, forgotten
from helpers.costs.price_list import read_on, region
from helpers.dataset import inspect

_SAMPLE_ROWS = 50_000


def costs_in_words(dataset: Path | None, rows: int | None, hours: float, nights: int) -> str:
    """Return the bill of the course as text, with what forgetting it costs.

    Parameters
    ----------
    dataset
        A file whose rows are counted; None for the sample.
    rows
        So many first rows of the file; without a file, the number itself.
    hours
        How long what is billed by the hour is kept.
    nights
        Forgotten nights of 12 hours on top.

    Raises
    ------
    helpers.errors.LabError
        If the file cannot be used.
    """
    count = count_rows(dataset, rows) if dataset else rows or _SAMPLE_ROWS
    table = tables.dollars(bill(count, hours, nights))
    kept = f"{hours:g} hours" + (f" and {nights} forgotten nights" if nights else "")
    lines = [
        f"{count:,} events, kept for {kept}; {region()}, prices read {read_on()}, before any free tier:",
        table.to_string(index=False, justify="left"),
        *(f"{what}: ${usd:,.2f}" for what, usd in forgotten().items()),
        "`python -m helpers clean-up` ends it, and says what is there now.",
    ]
    return "\n".join(lines)


def count_rows(path: Path, most: int | None = None) -> int:
    """Count the rows of a data set, the malformed ones too, up to `most` of them.

    Raises
    ------
    helpers.errors.LabError
        If the file cannot be used.
    """
    count, last = 0, b"\n"
    for chunk in inspect(path, most).rows():
        count += chunk.count(b"\n")
        last = chunk[-1:] or last
        if most is not None and count >= most:
            return most
    return count + (last != b"\n")
