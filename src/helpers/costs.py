"""What the lab costs on AWS: one dated price file, and the sums that the notebooks print.

Prices are of `us-east-1`, before free tiers; other regions differ by some percent.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
PUT_UNIT_BYTES = 25 * 1024
# https://aws.amazon.com/athena/pricing/: every query is billed for at least 10 MB.
ATHENA_LEAST_BYTES = 10_000_000
_TB = 1e12
_GB = 1e9


@dataclass(frozen=True)
class NotebookCost:
    """What one notebook costs: once for what it does, and by the hour for what it leaves running."""

    notebook: str
    what: str
    once_usd: float
    hourly_usd: float = 0.0


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


def read_on() -> str:
    """Return the day on which the prices were read."""
    return str(_file()["read_on"])


def streams_hourly_usd(streams: int, shards: int) -> float:
    """Return the hourly price of provisioned streams with `shards` shards each."""
    return streams * shards * price_usd("kinesis_shard_hour")


def puts_usd(records: int, record_bytes: int) -> float:
    """Return the price of writing `records` records of `record_bytes` bytes to provisioned shards."""
    units = records * math.ceil(record_bytes / PUT_UNIT_BYTES)
    return units / 1e6 * price_usd("kinesis_put_units_million")


def provisioned_hourly_usd(records_per_second: float, record_bytes: int, shards: int) -> float:
    """Return the hourly price of one provisioned stream at a mean traffic; reading is free."""
    return streams_hourly_usd(1, shards) + puts_usd(1, record_bytes) * records_per_second * 3600


def on_demand_hourly_usd(records_per_second: float, record_bytes: int, readers: int = 1) -> float:
    """Return the hourly price of one on-demand stream at a mean traffic, read by `readers`."""
    billed_bytes = math.ceil(record_bytes / 1024) * 1024
    gb_in = records_per_second * 3600 * billed_bytes / _GB
    gb_out = records_per_second * 3600 * record_bytes * readers / _GB
    return (
        price_usd("kinesis_on_demand_stream_hour")
        + gb_in * price_usd("kinesis_on_demand_gb_in")
        + gb_out * price_usd("kinesis_on_demand_gb_out")
    )


def athena_usd(bytes_scanned: int) -> float:
    """Return the price of one Athena query."""
    return max(bytes_scanned, ATHENA_LEAST_BYTES) / _TB * price_usd("athena_tb_scanned")


def s3_usd(size_bytes: int, puts: int = 0, gets: int = 0) -> float:
    """Return the price of keeping `size_bytes` for a month, and of the requests."""
    return (
        size_bytes / _GB * price_usd("s3_gb_month")
        + puts / 1000 * price_usd("s3_put_thousand")
        + gets / 1000 * price_usd("s3_get_thousand")
    )


def notebook_costs(rows: int = 50_000, shards: int = 2) -> list[NotebookCost]:
    """Return what each notebook costs for a data set of `rows` events.

    Parameters
    ----------
    rows
        Events; one has about 134 bytes in the file and 400 as a record.
    shards
        Shards of each of the two streams.
    """
    file_bytes = rows * 134
    uploads = math.ceil(file_bytes / 8e6) + 2
    crawl = price_usd("glue_crawler_run") + 6 * athena_usd(file_bytes)
    return [
        NotebookCost("00_start", "an AWS Budget (two are free)", 0.0),
        NotebookCost("01_bucket", "an empty bucket", 0.0),
        NotebookCost("02_dataset", "the file in S3 for a month", s3_usd(file_bytes, uploads)),
        NotebookCost("03_streams", f"two streams of {shards} shards", 0.0, streams_hourly_usd(2, shards)),
        NotebookCost("04_replay", "a PUT payload unit for each event", puts_usd(rows, 400)),
        NotebookCost("05_catalog", "a crawler run and six queries", crawl),
        NotebookCost("06_insights", "eight queries", 8 * athena_usd(file_bytes // 5)),
    ]


def cost_table(rows: int = 50_000, shards: int = 2, forgotten_hours: float = 12) -> pd.DataFrame:
    """Return the costs of the lab as a table.

    Returns
    -------
    DataFrame
        Indexed by notebook: `what` (str), `once $`, `per hour $`, `forgotten night $` (float64, of
        `forgotten_hours` hours), with a row of sums.
    """
    costs = notebook_costs(rows, shards)
    table = pd.DataFrame(
        {
            "what": [cost.what for cost in costs],
            "once $": [cost.once_usd for cost in costs],
            "per hour $": [cost.hourly_usd for cost in costs],
            "forgotten night $": [cost.hourly_usd * forgotten_hours for cost in costs],
        },
        index=pd.Index([cost.notebook for cost in costs], name="notebook"),
    )
    table.loc["in all"] = ["", *table[["once $", "per hour $", "forgotten night $"]].sum()]
    return table


def estimate_usd(rows: int, hours: float = 1.0, shards: int = 2) -> float:
    """Return what one run of the whole course costs, with its streams kept for `hours`."""
    costs = notebook_costs(rows, shards)
    return sum(cost.once_usd + cost.hourly_usd * hours for cost in costs)
