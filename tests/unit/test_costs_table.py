"""The cost table adds up, and grows with rows, shards and forgotten hours only where it should."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import costs, tables

MONEY = ["once $", "per hour $", "forgotten night $"]


def test_the_last_row_is_the_sum_of_the_others() -> None:
    table = costs.cost_table()
    for column in MONEY:
        assert table.loc["in all", column] == pytest.approx(table[column].iloc[:-1].sum())


def test_only_what_runs_by_the_hour_costs_more_when_forgotten() -> None:
    night, weekend = costs.cost_table(forgotten_hours=12), costs.cost_table(forgotten_hours=62)
    dearer = weekend["forgotten night $"] > night["forgotten night $"]
    assert list(dearer[dearer].index) == ["03_streams", "09_alerts", "in all"]
    assert weekend.loc["03_streams", "forgotten night $"] == pytest.approx(62 * costs.streams_hourly_usd(2, 2))


def test_more_rows_cost_more_to_keep_and_to_send() -> None:
    small, large = costs.cost_table(rows=50_000), costs.cost_table(rows=7_000_000)
    for notebook in ("02_dataset", "04_replay"):
        assert large.loc[notebook, "once $"] > 50 * small.loc[notebook, "once $"]
    assert large.loc["03_streams"].equals(small.loc["03_streams"])


def test_the_estimate_of_a_run_is_what_it_does_and_the_hours_its_streams_live() -> None:
    table = costs.cost_table(rows=50_000)
    once, hourly = table.loc["in all", "once $"], table.loc["in all", "per hour $"]
    assert costs.estimate_usd(50_000, hours=0) == pytest.approx(once)
    assert costs.estimate_usd(50_000, hours=5) == pytest.approx(once + 5 * hourly)


def test_money_reads_as_dollars_and_nothing_as_a_dash() -> None:
    written = tables.dollars(pd.DataFrame({"what": ["a", "b"], "usd": [0.0, 1234.56789]}))
    assert list(written["usd"]) == ["-", "$1,234.5679"]
    assert list(written["what"]) == ["a", "b"]
    assert list(tables.dollars(pd.DataFrame({"usd": [0.5]}), decimals=2)["usd"]) == ["$0.50"]
