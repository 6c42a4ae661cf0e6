"""Writing events in the Kaggle file's textual form, and the truth about who was planted among them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from helpers.events import HEADER
from helpers.generator.batch import Batch
from helpers.generator.bots import Visit
from helpers.generator.catalogue import Catalogue
from helpers.generator.traffic import DAY_SECONDS, START_SECONDS

TRUTH_COLUMNS = (
    "user_id", "kind", "is_bot", "first_event", "last_event", "events", "max_actions_10s", "description",
)  # fmt: skip
_KINDS = ("view", "cart", "purchase")


def write_events(batches: Iterable[Batch], catalogue: Catalogue, out: Path) -> int:
    """Write events as CSV, gzipped if the file's name ends in `.gz`, and return their number."""
    rows = 0
    with ExitStack() as stack:
        raw = stack.enter_context(out.open("wb"))
        # Without a name and a time in its head, the same events make the same file.
        file = (
            stack.enter_context(gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0))
            if out.suffix == ".gz"
            else raw
        )
        file.write(HEADER)
        for batch in batches:
            file.write(format_events(batch, catalogue))
            rows += len(batch)
    return rows


def format_events(batch: Batch, catalogue: Catalogue) -> bytes:
    """Return events as lines of CSV."""
    times = [f"{moment} UTC" for moment in format_times(batch.seconds)]
    text = catalogue.text
    cents = catalogue.prices_on(batch.product, (batch.seconds - START_SECONDS) // DAY_SECONDS).tolist()
    columns = zip(
        times, batch.kind.tolist(), batch.product.tolist(), cents, batch.user.tolist(),
        batch.session.astype("U36").tolist(), strict=True,
    )  # fmt: skip
    lines = [
        f"{time},{_KINDS[kind]},{text[product]},{price // 100}.{price % 100:02d},{user},{session}\n"
        for time, kind, product, price, user, session in columns
    ]
    return "".join(lines).encode("ascii")


def format_times(seconds: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    """Return seconds since the epoch as `YYYY-MM-DD HH:MM:SS`."""
    texts: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]"), unit="s").tolist()
    return [text.replace("T", " ") for text in texts]


def write_truth(visits: Sequence[Visit], out: Path) -> None:
    """Write one row per planted user as CSV."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TRUTH_COLUMNS)
        for visit in visits:
            first, last = format_times(np.array([visit.first_second, visit.last_second]))
            kind = visit.kind
            writer.writerow(
                (visit.user, kind.name, str(kind.is_bot).lower(), f"{first} UTC", f"{last} UTC", kind.events,
                 visit.most_in_window, kind.description)
            )  # fmt: skip
