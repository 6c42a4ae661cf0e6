"""The bill of a whole run, worked by hand from the price list."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from helpers import costs
from helpers.cli import main
from helpers.costs.command import costs_in_words, count_rows

HEADER = b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
ROW = b"2019-10-01 00:00:00 UTC,view,1,2,a.b,x,1.00,3,s\n"


def line(rows: int, notebook: str, service: str) -> tuple[float, float]:
    (found,) = [each for each in costs.items(rows) if (each.notebook, each.service) == (notebook, service)]
    return found.once_usd, found.hourly_usd


@pytest.mark.parametrize(
    ("rows", "notebook", "service", "once"),
    [
        # 50,000 rows of 134 bytes are 0.0067 GB: $0.0001541 a month; 1 part and 2 more PUTs are $0.000015.
        (50_000, "02_dataset", "S3", 0.0001541 + 0.000015),
        # 7 million rows are 0.938 GB: $0.021574; 118 parts of 8 MB and 2 more PUTs are $0.0006.
        (7_000_000, "02_dataset", "S3", 0.021574 + 0.0006),
        # A unit of 25 KB for each record, at $0.014 a million.
        (50_000, "04_replay", "Kinesis", 0.0007),
        (7_000_000, "04_replay", "Kinesis", 0.098),
        # Firehose bills 5,120 bytes for each record of 400: 0.256 GB and 35.84 GB at $0.029.
        (50_000, "08_flink_studio", "Firehose", 0.256 * 0.029),
        (7_000_000, "08_flink_studio", "Firehose", 35.84 * 0.029),
        # Six queries of 6.7 MB are billed as 10 MB each; of 938 MB as they are, at $5 a TB; three of a fifth of it.
        (50_000, "05_catalog", "Athena", 9 * 0.00005),
        (7_000_000, "05_catalog", "Athena", 6 * 0.00469 + 3 * 0.000938),
        # A run of the crawler: 2 DPU for 10 minutes at $0.44 is 0.1467, rounded up.
        (50_000, "05_catalog", "Glue", 0.15),
        # Two runs of a job: 1/16 DPU for a minute at least is $0.000458.
        (7_000_000, "07_delivery", "Glue", 2 * 0.44 / 16 / 60),
        # 10 invocations of 0.1 s with 256 MB: $0.000002, and 0.25 GB-seconds at $0.0000133334.
        (50_000, "09_alerts", "Lambda", 0.000002 + 0.25 * 0.0000133334),
        # 15 writes at $0.625 a million, 5 mails at $2 for a hundred thousand.
        (50_000, "09_alerts", "DynamoDB", 0.000009375),
        (50_000, "09_alerts", "SNS", 0.0001),
    ],
)
def test_a_line_of_the_bill_is_what_one_works_out_by_hand(rows: int, notebook: str, service: str, once: float) -> None:
    assert line(rows, notebook, service) == (pytest.approx(once, rel=1e-6), 0.0)


def test_by_the_hour_are_four_shards_and_the_monitoring() -> None:
    # Two streams of two shards at $0.015; two metrics, an alarm and a dashboard are $3.70 a month of 730 hours.
    assert line(50_000, "03_streams", "Kinesis") == (0.0, pytest.approx(0.06))
    assert line(50_000, "09_alerts", "CloudWatch") == (0.0, pytest.approx(3.70 / 730))


def test_the_sum_of_the_sample_for_three_hours() -> None:
    # Once: $0.1500 crawler, 0.00229 other Glue, 0.00185 Athena, 0.01628 Firehose, 0.00224 puts, 0.00017 S3, 0.00012.
    table = costs.bill(50_000, hours=3)
    once = 0.15 + 5 * 0.44 / 16 / 60 + 37 * 0.00005 + 0.5632 * 0.029 + 160_000 * 0.014e-6 + 0.0001691 + 0.0001147
    assert table["once $"].iloc[-1] == pytest.approx(once, abs=1e-5)
    assert table["in all $"].iloc[-1] == pytest.approx(once + 3 * (0.06 + 3.70 / 730), abs=1e-5)


def test_a_forgotten_night_and_month() -> None:
    # $0.065068 an hour; with a Studio of 1 KPU, billed as 3 at $0.11, and 50 GB at $0.10 a month, $0.336849 more.
    night, month, night_with, month_with = costs.forgotten().values()
    assert (night, month) == (pytest.approx(12 * 0.065068, abs=1e-4), pytest.approx(47.5, abs=0.01))
    assert night_with == pytest.approx(night + 12 * 0.336849, abs=1e-4)
    assert month_with == pytest.approx(month + 730 * 0.336849, abs=1e-2)


def test_a_night_more_is_twelve_hours_more() -> None:
    two_nights, hours = costs.bill(1000, 2, nights=2), costs.bill(1000, 26)
    assert two_nights["in all $"].iloc[-1] == pytest.approx(hours["in all $"].iloc[-1])


def test_rows_of_a_file_are_counted_packed_and_without_a_last_line_end(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(HEADER + ROW * 3)
    packed.write_bytes(gzip.compress(HEADER + (ROW * 4).rstrip()))
    assert (count_rows(plain), count_rows(packed)) == (3, 4)
    assert (count_rows(plain, most=2), count_rows(plain, most=9)) == (2, 3)


def test_the_command_prints_each_notebook_and_service_and_what_forgetting_costs() -> None:
    text = costs_in_words(None, 7_000_000, hours=2, nights=1)
    first, *lines = text.splitlines()
    assert first.startswith("7,000,000 events, kept for 2 hours and 1 forgotten nights; us-east-1")
    assert any(each.split()[:2] == ["04_replay", "Kinesis"] for each in lines)
    assert "a forgotten night (12 hours): $0.78" in lines
    assert "a forgotten month (730 hours): $47.50" in lines


@pytest.mark.parametrize("rows", ["0", "-1", "many"])
def test_a_number_of_rows_that_is_none_is_refused_in_a_sentence(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["costs", f"--rows={rows}"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
