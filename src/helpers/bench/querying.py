"""The four insights on 7 million rows: Athena on Parquet against pandas, and Parquet against CSV."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awswrangler as wr
import pandas as pd

from helpers import costs, insights
from helpers.bench import insight_sql
from helpers.bench.figure import Figure, Scale
from helpers.bench.memory import MB
from helpers.bench.services import aws_process, cpu_seconds, fresh_lab
from helpers.bench.shop_events import ROWS, shop_events
from helpers.dataset import cut_to_s3, inspect
from helpers.errors import LabError
from helpers.events import COLUMNS
from helpers.lab import Lab
from helpers.results import first_difference

_CSV_VIEW = "events_csv"
# awswrangler asks once a second by default, as long as a query takes here.
_POLLING_SECONDS = 0.05
_TYPES = dict.fromkeys(COLUMNS, "string") | {
    "product_id": "bigint",
    "category_id": "bigint",
    "price": "double",
    "user_id": "bigint",
}
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S UTC"
_ON_AWS = (
    "Athena reads the same column chunks and takes $5 a TB, at least 10 MB a query (Athena pricing). A table that a "
    "query reads twice it counts twice, CSV and Parquet alike; the local Athena counts it once."
)
PANDAS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "unique_visitors_per_day": insights.unique_visitors_per_day,
    "cart_abandonment": insights.cart_abandonment,
    "top_categories_by_hour": insights.top_categories_by_hour,
    "top_categories_by_weekday": insights.top_categories_by_weekday,
    "brands_to_promote": insights.brands_to_promote,
}


class AnswersDifferError(LabError):
    """What is to be compared is not the same."""

    def __init__(self, name: str, difference: str) -> None:
        super().__init__(f"The answers to {name} differ ({difference}): their times say nothing.")


@dataclass(frozen=True)
class Answers:
    """What a way of asking came to: the answers by name, and the seconds and bytes scanned of each."""

    tables: Mapping[str, pd.DataFrame]
    seconds: Mapping[str, float]
    scanned: Mapping[str, int]

    @property
    def seconds_in_all(self) -> float:
        return sum(self.seconds.values())


def measure(scale: Scale) -> list[Figure]:
    """Measure the rows of the table about queries.

    Raises
    ------
    helpers.errors.LabError
        If the tables cannot be made, or two ways of asking do not give the same answers.
    """
    rows, source = scale.of(ROWS), shop_events(scale)
    wr.config.athena_query_wait_polling_delay = _POLLING_SECONDS
    with fresh_lab(scale.folder / "aws") as lab:
        made_in = _make_tables(lab, source, rows, scale.folder / "rejected.csv")
        emulator, athena, pandas_ways, shares = aws_process(lab), [], [], []
        for _ in range(scale.runs):
            before = cpu_seconds(emulator)
            athena.append(_ask(lab, lab.settings.events_table))
            shares.append(cpu_seconds(emulator) - before)
            pandas_ways.append(_in_pandas(source, rows))
            _require_same(athena[-1], pandas_ways[-1])
        csv, by_type = _ask(lab, _CSV_VIEW), _ask(lab, lab.settings.events_by_type_table)
        for answers in (csv, by_type):
            _require_same(answers, athena[-1])
    return [
        _speed(rows, athena, pandas_ways, made_in, statistics.median(shares)),
        *(_scanned(name, athena[-1], csv) for name in PANDAS if name != "cart_abandonment"),
        _scanned_by_type(athena[-1], csv, by_type),
    ]


def _make_tables(lab: Lab, source: Path, rows: int, rejects: Path) -> float:
    """Put the CSV into S3, make the tables of notebooks 05 and 06, and return how many seconds the one by day took."""
    settings = lab.settings
    s3 = lab.client("s3")
    s3.create_bucket(Bucket=settings.bucket)
    cut_to_s3(inspect(source), rows, s3, settings.bucket, settings.raw_key, rejects)
    lab.client("glue").create_database(DatabaseInput={"Name": settings.database})
    configuration: dict[str, Any] = {"ResultConfiguration": {"OutputLocation": settings.query_results_uri}}
    configuration["EnforceWorkGroupConfiguration"] = False
    lab.client("athena").create_work_group(Name=settings.workgroup, Configuration=configuration)
    columns = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
    _execute(
        lab,
        f"CREATE EXTERNAL TABLE {settings.raw_table} ({columns}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{settings.raw_uri}' TBLPROPERTIES ('skip.header.line.count'='1')",
    )
    _execute(lab, insight_sql.csv_view(settings.raw_table, _CSV_VIEW))
    by_day, by_type = settings.events_table, settings.events_by_type_table
    began = time.perf_counter()
    _execute(lab, insight_sql.parquet_table(settings.raw_table, by_day, f"{settings.lake_uri}{by_day}/"))
    made_in = time.perf_counter() - began
    _execute(lab, insight_sql.parquet_table_by_type(by_day, by_type, f"{settings.lake_uri}{by_type}/"))
    return made_in


def _execute(lab: Lab, statement: str) -> None:
    settings = lab.settings
    wr.athena.start_query_execution(statement, database=settings.database, workgroup=settings.workgroup, wait=True)


def _ask(lab: Lab, table: str) -> Answers:
    tables: dict[str, pd.DataFrame] = {}
    seconds: dict[str, float] = {}
    scanned: dict[str, int] = {}
    for statement in insight_sql.STATEMENTS:
        name, began = statement.__name__, time.perf_counter()
        answer: Any = wr.athena.read_sql_query(
            statement(table),
            database=lab.settings.database,
            workgroup=lab.settings.workgroup,
            ctas_approach=False,
        )
        seconds[name] = time.perf_counter() - began
        scanned[name] = answer.query_metadata["Statistics"]["DataScannedInBytes"]
        tables[name] = answer
    return Answers(tables, seconds, scanned)


def _in_pandas(source: Path, rows: int) -> Answers:
    began = time.perf_counter()
    events = pd.read_csv(source, nrows=rows)
    events["event_time"] = pd.to_datetime(events["event_time"], format=_TIME_FORMAT, utc=True)
    seconds, tables = {"load": time.perf_counter() - began}, {}
    for name, answer in PANDAS.items():
        began = time.perf_counter()
        tables[name] = answer(events)
        seconds[name] = time.perf_counter() - began
    return Answers(tables, seconds, {})


def _require_same(one: Answers, other: Answers) -> None:
    for name, table in one.tables.items():
        difference = first_difference(table, other.tables[name])
        if difference:
            raise AnswersDifferError(name, difference)


def _speed(rows: int, athena: list[Answers], in_pandas: list[Answers], made_in: float, emulator: float) -> Figure:
    ours = statistics.median(each.seconds_in_all for each in athena)
    longest = max(athena[-1].seconds, key=lambda name: athena[-1].seconds[name])
    return Figure(
        name=f"the four insights on {rows:,} rows, Athena on Parquet",
        against="the same in pandas from the CSV, load included",
        unit="rows/s",
        ours=[rows / each.seconds_in_all for each in athena],
        baseline=[rows / each.seconds_in_all for each in in_pandas],
        target=5,
        more_is_better=True,
        bound="emulator",
        why=f"Five queries take {ours:.1f} s, in which the local Athena uses {emulator:.1f} processor seconds; "
        f"{longest.replace('_', ' ')} takes longest, {athena[-1].seconds[longest]:.1f} s.",
        on_aws="Athena reads the partitions in parallel on its own machines; expect seconds for each query, and "
        f"${costs.athena_usd(sum(athena[-1].scanned.values())):.4f} for the five (Athena pricing, $5 a TB).",
        details={
            "seconds": ours,
            "pandas, seconds": statistics.median(each.seconds_in_all for each in in_pandas),
            "pandas, of these to load": statistics.median(each.seconds["load"] for each in in_pandas),
            "making the Parquet table once, seconds": made_in,
            **{f"{name.replace('_', ' ')}, seconds": value for name, value in athena[-1].seconds.items()},
        },
    )


def _scanned(name: str, parquet: Answers, csv: Answers) -> Figure:
    fewer = csv.scanned[name] / max(parquet.scanned[name], 1)
    return Figure(
        name=f"bytes scanned by {name.replace('_', ' ')}, Parquet by day",
        against="CSV",
        unit="MB",
        ours=[parquet.scanned[name] / MB],
        baseline=[csv.scanned[name] / MB],
        target=0.1,
        more_is_better=False,
        bound="none",
        why=f"Only its columns are read: {fewer:.1f} times fewer bytes.",
        on_aws=_ON_AWS,
    )


def _scanned_by_type(by_day: Answers, csv: Answers, by_type: Answers) -> Figure:
    name = "cart_abandonment"
    return Figure(
        name="bytes scanned by cart abandonment, Parquet by type of event",
        against="CSV",
        unit="MB",
        ours=[by_type.scanned[name] / MB],
        baseline=[csv.scanned[name] / MB],
        target=0.1,
        more_is_better=False,
        bound="none",
        why="The partition of the views, most of the rows, is not read. The table by day reads user_session, 36 random "
        f"characters that hardly pack, for every row: {csv.scanned[name] / by_day.scanned[name]:.1f} times fewer than "
        "CSV.",
        on_aws=_ON_AWS,
        details={"by day, MB": by_day.scanned[name] / MB},
    )
