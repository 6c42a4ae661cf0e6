"""What the course costs, notebook by notebook and service by service, from the sizes that it works with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from helpers.costs import services
from helpers.costs.price_list import price_usd

# Notebook 07 sends so many events of its own.
DELIVERED_EVENTS = 10_000
# A row of the Kaggle file, and the same event as a record.
ROW_BYTES = 134
RECORD_BYTES = 400
_WHAT = {
    "00_start": "an AWS Budget, free as it only writes",
    "01_bucket": "an empty bucket",
    "02_dataset": "the file in S3 for a month",
    "03_streams": "two streams of {shards} shards",
    "04_replay": "a PUT payload unit for each event",
    "05_catalog": "a crawler run and nine queries",
    "06_insights": "ten queries",
    "07_delivery": "a part of the events through Firehose, two job runs, three queries",
    "08_flink_studio": "a replay, which Firehose delivers too",
    "09_alerts": "a few windows; an alarm, a dashboard and two metrics",
    "10_live": "a replay and its delivery, three job runs, five queries",
    "11_quicksight": "ten queries; an author, if the account has none, costs more each month than all the rest",
    "12_clean_up": "deleting is free",
}


@dataclass(frozen=True)
class Item:
    """One line of the bill: what one service charges for one notebook, once and by the hour."""

    notebook: str
    service: str
    once_usd: float
    hourly_usd: float = 0.0


@dataclass(frozen=True)
class NotebookCost:
    """What one notebook costs: once for what it does, and by the hour for what it leaves running."""

    notebook: str
    what: str
    once_usd: float
    hourly_usd: float = 0.0


def items(rows: int = 50_000, shards: int = 2) -> list[Item]:
    """Return the bill of the course for a data set of `rows` events, in the order of the notebooks.

    Parameters
    ----------
    rows
        Events; one has about 134 bytes in the file and 400 as a record.
    shards
        Shards of each of the two streams.
    """
    file_bytes = rows * ROW_BYTES
    uploads = math.ceil(file_bytes / 8e6) + 2
    part = min(rows, DELIVERED_EVENTS)
    of_table = services.athena_usd(file_bytes // 5)
    puts, delivery = services.puts_usd(rows, RECORD_BYTES), services.delivery_usd(rows, RECORD_BYTES)
    job = services.python_shell_usd(60)
    return [
        Item("00_start", "Budgets", 0.0),
        Item("01_bucket", "S3", 0.0),
        Item("02_dataset", "S3", services.s3_usd(file_bytes, uploads)),
        Item("03_streams", "Kinesis", 0.0, services.streams_hourly_usd(2, shards)),
        Item("04_replay", "Kinesis", puts),
        Item("05_catalog", "Glue", price_usd("glue_crawler_run")),
        Item("05_catalog", "Athena", 6 * services.athena_usd(file_bytes) + 3 * of_table),
        Item("06_insights", "Athena", 9 * of_table + services.athena_usd(file_bytes // 2)),
        Item("07_delivery", "Kinesis", services.puts_usd(part, RECORD_BYTES)),
        Item("07_delivery", "Firehose", services.delivery_usd(part, RECORD_BYTES)),
        Item("07_delivery", "Glue", 2 * job),
        Item("07_delivery", "Athena", 3 * services.athena_usd(0)),
        Item("08_flink_studio", "Kinesis", puts),
        Item("08_flink_studio", "Firehose", delivery),
        Item("09_alerts", "Lambda", services.lambda_usd(10, 10 * 0.1)),
        Item("09_alerts", "DynamoDB", services.writes_usd(10 + 5)),
        Item("09_alerts", "SNS", services.mails_usd(5)),
        Item("09_alerts", "CloudWatch", 0.0, services.monitoring_hourly_usd(metrics=2)),
        Item("10_live", "Kinesis", puts),
        Item("10_live", "Firehose", delivery),
        Item("10_live", "Glue", 3 * job),
        Item("10_live", "Athena", 5 * of_table),
        Item("11_quicksight", "Athena", 10 * of_table),
        Item("12_clean_up", "every service", 0.0),
    ]


def notebook_costs(rows: int = 50_000, shards: int = 2) -> list[NotebookCost]:
    """Return what each notebook costs for a data set of `rows` events, in streams of `shards` shards."""
    found = []
    for notebook, group in groupby(items(rows, shards), key=lambda item: item.notebook):
        lines = list(group)
        once, hourly = sum(line.once_usd for line in lines), sum(line.hourly_usd for line in lines)
        found.append(NotebookCost(notebook, _WHAT[notebook].format(shards=shards), once, hourly))
    return found


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
