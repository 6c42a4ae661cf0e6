"""Sizes and hourly prices for a traffic are those worked out by hand."""

from __future__ import annotations

import math

import pytest

from helpers.cli import main
from helpers.sizing import InvalidTrafficError, explained, size


@pytest.mark.parametrize(
    ("events_per_second", "event_bytes", "shards"),
    [
        (1, 100, 1),
        (1_000, 1_000, 1),
        (1_001, 1_000, 2),
        (1_000, 1_001, 2),
        # A thousand events of 400 bytes fit by bytes two and a half times: the count decides.
        (1_000_000, 400, 1_000),
        # 20 KB events: 20 GB in a second.
        (1_000_000, 20_000, 20_000),
    ],
)
def test_shards_are_for_the_tightest_of_the_limits(events_per_second: float, event_bytes: int, shards: int) -> None:
    assert size(events_per_second, event_bytes).shards == shards


def test_a_million_events_a_second_worked_by_hand() -> None:
    found = size(1_000_000, 400)
    # 1,040 windows and 440 alerts a second; a shard takes 1,000 records a second.
    assert (found.tasks, found.kpus, found.activity_shards, found.lambda_concurrency) == (1_000, 250, 2, 4)
    assert found.write_units == pytest.approx(1_040 + 2 * 440)
    usd = found.usd_per_hour
    assert usd["Kinesis shards"] == pytest.approx(1_002 * 0.015)
    assert usd["Kinesis PUT units"] == pytest.approx(3_600 * 0.014)
    # Each record is billed as 5 KB.
    assert usd["Firehose"] == pytest.approx(1e6 * 3_600 * 5 * 1_024 / 1e9 * 0.029)
    assert usd["Flink"] == pytest.approx(251 * 0.11 + 250 * 50 * 0.10 / 730)
    assert found.usd_per_hour_in_all == pytest.approx(sum(usd.values()))


def test_the_shop_of_october_worked_by_hand() -> None:
    found = size(34, 400)
    assert (found.shards, found.kpus, found.lambda_concurrency) == (1, 1, 1)
    assert found.usd_per_hour["Kinesis shards"] == pytest.approx(0.03)
    assert found.usd_per_hour["Flink"] == pytest.approx(0.22 + 5 / 730)


@pytest.mark.parametrize(
    ("events_per_second", "event_bytes", "over"),
    [
        (256_000, 100, []),
        (256_001, 100, ["Flink tasks", "KPUs"]),
        (1_000_000, 19_999, ["Flink tasks", "KPUs", "shards"]),
        (1_000_000, 19_000, ["Flink tasks", "KPUs"]),
        (270e6, 70, ["Flink tasks", "KPUs", "Lambda concurrency", "shards", "DynamoDB writes/s"]),
    ],
)
def test_what_is_beyond_a_quota_is_said(events_per_second: float, event_bytes: int, over: list[str]) -> None:
    assert sorted(size(events_per_second, event_bytes).over_quota) == sorted(over)
    said = [line.split("  ")[0] for line in explained(events_per_second, event_bytes).splitlines()]
    assert [name for name in over if f"beyond the quota of {name}" not in said] == []
    assert len([name for name in said if "quota" in name]) == len(over)


@pytest.mark.parametrize("events_per_second", [0, -1, math.nan, math.inf])
def test_no_traffic_is_refused(events_per_second: float) -> None:
    with pytest.raises(InvalidTrafficError, match=r"events per second is .*: use a number above 0"):
        size(events_per_second, 400)


def test_records_of_10_mib_go_and_one_byte_more_is_refused() -> None:
    assert size(1, 10 * 1024 * 1024).shards == 11
    with pytest.raises(InvalidTrafficError, match=r"event size in bytes is 10,485,761: use 1 to 10,485,760"):
        size(1, 10 * 1024 * 1024 + 1)


def test_the_command_prints_every_figure_with_its_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["size", "--events-per-second", "1000", "--event-bytes", "400"]) == 0
    printed = capsys.readouterr().out
    assert printed.strip() == explained(1000, 400)
    assert "shards of stream 1" in printed and "in all" in printed


def test_the_command_refuses_no_traffic_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["size", "--events-per-second", "0", "--event-bytes", "400"]) == 1
    assert capsys.readouterr().err == "The traffic's events per second is 0: use a number above 0.\n"
