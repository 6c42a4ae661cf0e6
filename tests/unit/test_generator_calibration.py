"""Generated events have the published habits of the Kaggle file; so has the committed sample."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from generated_events import RANGES, count_in_windows, measure, read_events, read_truth

from helpers.dataset import sample_path
from helpers.generator import generate


@pytest.fixture(scope="module", params=["sample", "200,000 rows"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events and truth of the sample, and of a larger data set with another seed."""
    if request.param == "sample":
        return read_events(sample_path()), read_truth(sample_path().with_name("bots.csv"))
    report = generate(200_000, 7, tmp_path_factory.mktemp("generated") / "events.csv")
    return read_events(report.path), read_truth(report.truth_path)


@pytest.fixture(scope="module")
def events(shop: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return shop[0]


@pytest.fixture(scope="module")
def measured(events: pd.DataFrame) -> dict[str, float]:
    return measure(events)


@pytest.mark.parametrize("quantity", RANGES)
def test_quantity_is_within_its_range(quantity: str, measured: dict[str, float]) -> None:
    low, high = RANGES[quantity]
    assert low <= measured[quantity] <= high


def test_no_visitor_has_more_than_5_actions_in_a_window(shop: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    events, truth = shop
    windows = count_in_windows(events[~events["user_id"].isin(truth["user_id"])])
    assert 2 <= windows.max() <= 5


def test_fourteen_whole_days_are_covered(events: pd.DataFrame) -> None:
    days = events.groupby(events["event_time"].str[:10]).size()
    assert list(days.index) == [f"2019-10-{day:02d}" for day in range(1, 15)]
    assert days.min() > 0.75 * days.mean()
    assert events["event_time"].iloc[0] < "2019-10-01 02:00:00"
    assert events["event_time"].iloc[-1] > "2019-10-14 22:00:00"


def test_carts_follow_the_two_regimes_of_logging(events: pd.DataFrame) -> None:
    share = (events["event_type"] == "cart").groupby(events["event_time"].str[8:10].astype(int)).mean()
    low, high = share[[1, 2, 3, *range(7, 14)]], share[[4, 5, 6, 14]]
    assert 0.012 < low.mean() < 0.018
    assert 0.023 < high.mean() < 0.034


def test_purchases_peak_before_the_traffic_does(events: pd.DataFrame) -> None:
    hours = events["seconds"] // 3600 % 24
    bought = hours[events["event_type"] == "purchase"]
    assert hours.between(7, 12).mean() == pytest.approx(0.323, abs=0.02)
    assert bought.between(7, 12).mean() == pytest.approx(0.410, abs=0.05)
    assert bought.between(13, 18).mean() == pytest.approx(0.276, abs=0.05)


def test_apparel_is_bought_but_never_carted(events: pd.DataFrame) -> None:
    kinds = set(events.loc[events["category_code"].str.startswith("apparel."), "event_type"])
    assert kinds == {"view", "purchase"}


def test_prices_of_zero_are_seen_but_never_bought(events: pd.DataFrame) -> None:
    free = events[events["price"] == 0]
    assert 0.0008 < len(free) / len(events) < 0.003
    assert "purchase" not in set(free["event_type"])


def test_purchased_products_were_viewed_before(events: pd.DataFrame) -> None:
    first = events.groupby(["user_session", "product_id", "event_type"])["seconds"].min().unstack()
    bought = first.dropna(subset="purchase")
    assert (bought["view"] <= bought["purchase"]).all()
    assert 90 < (bought["purchase"] - bought["view"]).median() < 170


def test_one_event_leads_to_the_next_like_it(events: pd.DataFrame) -> None:
    ordered = events.sort_values(["user_session", "seconds"], kind="stable")
    before = ordered.shift()
    same = ordered["user_session"] == before["user_session"]
    for column, share in (("product_id", 0.338), ("category_id", 0.884), ("brand", 0.651)):
        assert (ordered[column] == before[column])[same].mean() == pytest.approx(share, abs=0.03), column


def test_category_ids_have_one_code_or_none_and_codes_several_ids(events: pd.DataFrame) -> None:
    pairs = events[["category_id", "category_code"]].drop_duplicates()
    assert pairs["category_id"].is_unique
    labelled = pairs[pairs["category_code"] != ""]
    assert labelled["category_code"].duplicated().sum() > 40


def test_a_product_has_one_category_and_brand_and_its_id_begins_with_its_categorys_prefix(events: pd.DataFrame) -> None:
    products = events[["product_id", "category_id", "brand"]].drop_duplicates()
    assert products["product_id"].is_unique
    assert (products.groupby(products["product_id"] // 100_000)["category_id"].nunique() == 1).all()
    smartphones = events.loc[events["category_code"] == "electronics.smartphone", "product_id"]
    assert set(smartphones // 100_000) == {10}
    assert (events["product_id"] < 10_000_000).mean() == pytest.approx(0.60, abs=0.03)


def test_smartphone_prices_are_those_of_their_brands(events: pd.DataFrame) -> None:
    phones = events[(events["category_code"] == "electronics.smartphone") & (events["price"] > 0)]
    median = phones.groupby("brand")["price"].median()
    assert median["apple"] == pytest.approx(957, rel=0.1)
    assert median["samsung"] == pytest.approx(247, rel=0.1)
    assert median["xiaomi"] == pytest.approx(202, rel=0.1)


def test_user_ids_have_nine_digits_and_newcomers_get_larger_ones(events: pd.DataFrame) -> None:
    assert events["user_id"].between(512_000_000, 567_000_000).all()
    newest = events.groupby(events["event_time"].str[:10])["user_id"].max()
    assert newest.is_monotonic_increasing
    assert newest.iloc[0] < 556_500_000 < 560_000_000 < newest.iloc[-1]


def test_a_session_belongs_to_one_user(events: pd.DataFrame) -> None:
    assert (events.groupby("user_session")["user_id"].nunique() == 1).all()


def test_duplicates_are_mostly_carts(events: pd.DataFrame) -> None:
    assert (events.loc[events.duplicated(), "event_type"] == "cart").mean() > 0.6


def test_the_sample_is_small_and_has_fifty_thousand_events() -> None:
    path: Path = sample_path()
    assert path.stat().st_size < 2_000_000
    assert len(read_events(path)) == 50_000
