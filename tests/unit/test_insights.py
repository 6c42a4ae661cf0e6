"""The pandas answers equal those of plain Python, on data full of ties, gaps and repeats."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pandas as pd
import plain_answers
import pytest

from helpers import insights
from helpers.results import write_result
from helpers.settings import Settings

HEADER = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"


def shop(seed: int, rows: int = 4000) -> list[plain_answers.Row]:
    """A small shop in which everything happens: ties, empty texts, carts over midnight, repeats."""
    rng = random.Random(seed)
    lines = [HEADER]
    for _ in range(rows):
        day, hour = rng.randint(1, 9), rng.choice([0, 9, 9, 16, 23])
        category = rng.randint(1, 4)
        kind = rng.choices(["view", "cart", "purchase", "remove_from_cart"], [80, 12, 6, 2])[0]
        code = {1: "a.b", 2: "c.d", 3: "", 4: "e.f"}[category]
        brand = rng.choice(["", "samsung", "apple", f"brand{category}"])
        session = rng.choice(["", *[f"s{number}" for number in range(60)]])
        lines.append(
            f"2019-10-0{day} {hour:02d}:59:5{rng.randint(0, 9)} UTC,{kind},{rng.randint(1, 30)},"
            f"{2053013555631882655 + category},{code},{brand},{rng.randint(0, 9999) / 100:.2f},"
            f"{rng.randint(1, 90)},{session}"
        )
    return plain_answers.read_rows(lines)


def frame(rows: list[plain_answers.Row]) -> pd.DataFrame:
    events = pd.DataFrame(rows)
    events["event_time"] = pd.to_datetime(events["event_time"], format="%Y-%m-%d %H:%M:%S UTC", utc=True)
    ids = ["product_id", "category_id", "user_id"]
    return events.astype({**dict.fromkeys(ids, "int64"), "price": "float64"})


def tuples(answer: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in answer.itertuples(index=False)]


@pytest.fixture(params=[1, 2, 3])
def rows(request: pytest.FixtureRequest) -> list[plain_answers.Row]:
    return shop(request.param)


def test_unique_visitors(rows: list[plain_answers.Row]) -> None:
    assert tuples(insights.unique_visitors_per_day(frame(rows))) == plain_answers.unique_visitors_per_day(rows)


def test_cart_abandonment(rows: list[plain_answers.Row]) -> None:
    assert tuples(insights.cart_abandonment(frame(rows))) == plain_answers.cart_abandonment(rows)


@pytest.mark.parametrize("slot", ["hour", "weekday"])
def test_top_categories(rows: list[plain_answers.Row], slot: str) -> None:
    answer = getattr(insights, f"top_categories_by_{slot}")(frame(rows))
    assert tuples(answer) == plain_answers.top_categories(rows, slot)


def test_brands_to_promote(rows: list[plain_answers.Row]) -> None:
    answer = tuples(insights.brands_to_promote(frame(rows)))
    assert answer
    exact = [(*row[:5], Fraction(row[5]), *row[6:]) for row in answer]  # type: ignore[arg-type]
    assert exact == plain_answers.brands_to_promote(rows)


def test_answers_of_a_period_without_carts_purchases_or_codes_are_empty() -> None:
    rows = plain_answers.read_rows([HEADER, "2019-10-01 00:00:00 UTC,view,1,2,,,0.00,5,"])
    for answer in (
        insights.cart_abandonment,
        insights.top_categories_by_hour,
        insights.top_categories_by_weekday,
        insights.brands_to_promote,
    ):
        assert answer(frame(rows)).empty


def test_a_result_file_reads_back_to_the_last_digit(tmp_path: Path, rows: list[plain_answers.Row]) -> None:
    settings = Settings("ecommerce-lab", "000000000000", "us-east-1", "local", None, tmp_path)
    path = write_result(settings, "brands_to_promote", insights.brands_to_promote(frame(rows)))
    lines = path.read_bytes().decode("utf-8").split("\n")
    assert lines[0] == (
        "rank,brand,views,carts,purchases,revenue,view_to_purchase,expected_purchases,missing_purchases"
    )
    expected = plain_answers.brands_to_promote(rows)
    for line, row in zip(lines[1:-1], expected, strict=True):
        fields = line.split(",")
        assert fields[5] == f"{float(row[5]):.2f}"
        assert [float(field) for field in fields[6:]] == list(row[6:])
