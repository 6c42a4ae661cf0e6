"""A cut as a data frame, with exact types."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from helpers.dataset.errors import NotCsvError
from helpers.events import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

_TIME_FORMAT = "%Y-%m-%d %H:%M:%S UTC"


def read_events(file: Path | IO[bytes]) -> pd.DataFrame:
    """Read a cut: its nine columns, one row an event, in the file's order.

    Parameters
    ----------
    file
        Path of a `.csv` or `.csv.gz` that the lab cut or generated, or the body of a `get_object`.

    Returns
    -------
    DataFrame
        `event_time` (datetime64, UTC), `event_type`, `category_code`, `brand`, `user_session`
        (str, missing where empty), `product_id`, `category_id`, `user_id` (int64: category ids are
        above 2^53, where floats skip integers), `price` (float64).

    Raises
    ------
    NotCsvError
        If a row is malformed: `helpers.dataset.cut_to_file` makes a file without such rows.
    """
    # Imported here because cutting needs neither, and both together cost 100 MB of memory.
    import pyarrow as pa
    from pyarrow import csv

    types: dict[str, pa.DataType] = dict.fromkeys(COLUMNS, pa.string())
    types |= dict.fromkeys(("product_id", "category_id", "user_id"), pa.int64())
    types |= {"event_time": pa.timestamp("s"), "price": pa.float64()}
    try:
        table = csv.read_csv(
            file,
            convert_options=csv.ConvertOptions(
                column_types=types,
                include_columns=list(COLUMNS),
                timestamp_parsers=[_TIME_FORMAT],
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, KeyError) as error:
        name = file if isinstance(file, Path) else Path(getattr(file, "name", "the object"))
        raise NotCsvError(name, f"no clean CSV of events ({error})", "cut it first (notebook 02)") from error
    events: pd.DataFrame = table.to_pandas()
    events["event_time"] = events["event_time"].dt.tz_localize("UTC")
    return events
