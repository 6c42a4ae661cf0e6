"""The sums of the price file agree with AWS's rules of billing, rounded up where AWS rounds up."""

from __future__ import annotations

import pytest

from helpers import costs


def test_every_price_says_what_it_is_for_and_where_and_when_it_was_found() -> None:
    prices = costs.prices()
    assert (prices["usd"] > 0).all()
    for column in ("unit", "source", "date"):
        assert prices[column].str.len().gt(3).all(), column
    assert prices["date"].max() <= costs.read_on()


def test_a_stream_is_paid_by_shard_and_hour() -> None:
    shard_hour = costs.price_usd("kinesis_shard_hour")
    assert costs.streams_hourly_usd(streams=1, shards=1) == shard_hour
    assert costs.streams_hourly_usd(streams=2, shards=3) == pytest.approx(6 * shard_hour)


@pytest.mark.parametrize(("record_bytes", "units"), [(1, 1), (25 * 1024, 1), (25 * 1024 + 1, 2), (1024 * 1024, 41)])
def test_a_record_is_paid_in_payload_units_of_25_kib(record_bytes: int, units: int) -> None:
    million = costs.price_usd("kinesis_put_units_million")
    assert costs.puts_usd(1_000_000, record_bytes) == pytest.approx(units * million)


@pytest.mark.parametrize(("record_bytes", "billed_bytes"), [(1, 1024), (1024, 1024), (1025, 2048)])
def test_on_demand_bills_every_record_in_whole_kib(record_bytes: int, billed_bytes: int) -> None:
    written = costs.on_demand_hourly_usd(100, record_bytes, readers=0) - costs.on_demand_hourly_usd(0, record_bytes)
    gigabytes = 100 * 3600 * billed_bytes / 1e9
    assert written == pytest.approx(gigabytes * costs.price_usd("kinesis_on_demand_gb_in"))


def test_an_idle_on_demand_stream_costs_its_hour_and_a_second_reader_pays_for_the_bytes_read() -> None:
    assert costs.on_demand_hourly_usd(0, 300) == costs.price_usd("kinesis_on_demand_stream_hour")
    second = costs.on_demand_hourly_usd(10, 300, readers=2) - costs.on_demand_hourly_usd(10, 300, readers=1)
    assert second == pytest.approx(10 * 3600 * 300 / 1e9 * costs.price_usd("kinesis_on_demand_gb_out"))


def test_a_provisioned_stream_costs_its_shards_and_what_is_put() -> None:
    idle = costs.provisioned_hourly_usd(0, 300, shards=2)
    assert idle == costs.streams_hourly_usd(1, 2)
    assert costs.provisioned_hourly_usd(50, 300, shards=2) - idle == pytest.approx(costs.puts_usd(180_000, 300))


@pytest.mark.parametrize(("scanned", "billed"), [(0, 10_000_000), (10_000_000, 10_000_000), (10_000_001, 10_000_001)])
def test_a_query_is_billed_for_ten_megabytes_at_least(scanned: int, billed: int) -> None:
    assert costs.athena_usd(scanned) == pytest.approx(billed / 1e12 * costs.price_usd("athena_tb_scanned"))


def test_s3_is_paid_by_size_and_request() -> None:
    assert costs.s3_usd(1_000_000_000) == costs.price_usd("s3_gb_month")
    requests = costs.s3_usd(0, puts=1000, gets=1000)
    assert requests == pytest.approx(costs.price_usd("s3_put_thousand") + costs.price_usd("s3_get_thousand"))


def test_alerts_are_writes_calls_and_mails() -> None:
    write, mail = costs.price_usd("dynamodb_write_million") / 1e6, costs.price_usd("sns_email_hundred_thousand") / 1e5
    assert costs.alerts_usd(0, 0) == 0
    assert costs.alerts_usd(10, 5) - costs.alerts_usd(10, 0) == pytest.approx(5 * (write + mail))


def test_monitoring_is_billed_by_the_month() -> None:
    month = costs.price_usd("cloudwatch_alarm_month") + costs.price_usd("cloudwatch_dashboard_month")
    assert costs.monitoring_hourly_usd(0) * 730 == pytest.approx(month)
    assert costs.monitoring_hourly_usd(2, 0, 0) * 730 == pytest.approx(2 * costs.price_usd("cloudwatch_metric_month"))


def test_finding_bots_without_flink_is_paid_by_the_event() -> None:
    assert costs.watch_hourly_usd(0) == 0
    fast, faster = costs.watch_hourly_usd(50), costs.watch_hourly_usd(100)
    per_event = (faster - fast) / (50 * 3600)
    memory_gb, seconds = costs.LAMBDA_MEMORY_MB / 1024, 0.002
    expected = costs.price_usd("dynamodb_write_million") / 1e6 + memory_gb * seconds * costs.price_usd(
        "lambda_gb_second"
    )
    assert per_event == pytest.approx(expected)
    assert fast < costs.flink_hourly_usd(1, studio=False) < faster
