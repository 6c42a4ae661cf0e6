"""Each picture shows the numbers it was given, and a small or odd data set draws as well as a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.charts import dataset, replay, streams
from helpers.dataset import read_events, sample_path


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def shop(*rows: tuple[str, str, str | None, float, str]) -> pd.DataFrame:
    """Events from (time, type, code, price, session)."""
    events = pd.DataFrame(rows, columns=["event_time", "event_type", "category_code", "price", "user_session"])
    events["event_time"] = pd.to_datetime(events["event_time"], utc=True)
    return events.astype({"category_code": "str", "user_session": "str"})


def lengths(axes: Axes) -> list[float]:
    """Lengths of the bars, in the order of drawing."""
    return [bar.get_width() for bar in axes.patches]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


TWO_DAYS = shop(
    ("2019-10-01 08:00", "view", "a.b", 10.0, "s1"),
    ("2019-10-01 08:30", "cart", "a.b", 10.0, "s1"),
    ("2019-10-02 08:00", "view", None, 20.0, "s2"),
    ("2019-10-02 21:00", "view", "a.c", 0.0, "s3"),
    ("2019-10-02 21:30", "purchase", "a.c", 30.0, "s4"),
)
ONE_FREE_VIEW = shop(("2019-10-01 08:00", "view", None, 0.0, "s1"))


def test_traffic_is_the_mean_of_the_days() -> None:
    hours, days = dataset.traffic(TWO_DAYS).axes
    heights = [bar.get_height() for bar in hours.patches]
    assert len(heights) == 24
    assert (heights[8], heights[21], sum(heights)) == (1.5, 1.0, 2.5)
    assert [bar.get_height() for bar in days.patches] == [0, 2, 3, 0, 0, 0, 0]


def test_the_funnel_counts_sessions_as_a_share_of_all() -> None:
    assert dict(dataset.sessions_with(TWO_DAYS)) == {"view": 3, "cart": 1, "purchase": 1}
    (axes,) = dataset.funnel(TWO_DAYS).axes
    assert lengths(axes) == [75.0, 25.0, 25.0]
    assert texts(axes) == ["3 · 75.0 %", "1 · 25.0 %", "1 · 25.0 %"]


def test_prices_of_zero_are_left_out_and_medians_are_named() -> None:
    (axes,) = dataset.price_histogram(TWO_DAYS).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["view, median 15", "purchase, median 30"]


def test_events_without_a_category_code_have_a_bar_of_their_own() -> None:
    (axes,) = dataset.top_categories(TWO_DAYS).axes
    shares = dict(zip([label.get_text() for label in axes.get_yticklabels()], lengths(axes), strict=True))
    assert shares == {"a.b": 40.0, "a.c": 40.0, "(none)": 20.0}


@pytest.mark.parametrize("draw", [dataset.traffic, dataset.funnel, dataset.price_histogram, dataset.top_categories])
@pytest.mark.parametrize("events", [TWO_DAYS, ONE_FREE_VIEW], ids=["two days", "one free view"])
def test_small_data_sets_draw(draw: Callable[[pd.DataFrame], Figure], events: pd.DataFrame) -> None:
    drawn = draw(events)
    drawn.draw_without_rendering()
    assert all(axes.get_xlabel() for axes in drawn.axes)


def test_no_letters_of_the_samples_pictures_lie_outside_the_figure() -> None:
    events = read_events(sample_path())
    for draw in (dataset.traffic, dataset.funnel, dataset.price_histogram, dataset.top_categories):
        drawn = draw(events)
        drawn.draw_without_rendering()
        for axes in drawn.axes:
            for text in axes.texts:
                box = text.get_window_extent()
                assert box.x1 <= drawn.bbox.x1, f"{draw.__name__}: {text.get_text()} is cut off"


def test_a_shard_with_far_more_than_its_fair_share_is_marked() -> None:
    uneven, even = pd.Series([0.4, 0.2, 0.2, 0.2]), pd.Series([0.3, 0.3, 0.2, 0.2])
    left, right = streams.shard_shares({"category_id": uneven, "user_id": even}).axes
    assert len({bar.get_facecolor() for bar in left.patches}) == 2
    assert len({bar.get_facecolor() for bar in right.patches}) == 1
    assert texts(left) == ["40.0", "20.0", "20.0", "20.0"]


def test_the_busiest_shard_is_drawn_beside_an_even_share() -> None:
    shares = pd.DataFrame({"category_id": [1.0, 0.6], "user_id": [1.0, 0.5]}, index=[1, 2])
    (axes,) = streams.busiest_shard(shares).axes
    assert [list(line.get_ydata()) for line in axes.lines] == [[100, 60], [100, 50], [100, 50]]
    assert texts(axes) == ["60 %", "50 %"]


def test_modes_are_drawn_from_zero_dollars() -> None:
    (axes,) = streams.modes([100, 1000, 2000], {"provisioned": [0.1, 0.1, 0.2], "on-demand": [0.15] * 3}).axes
    assert axes.get_ylim()[0] == 0
    assert [list(line.get_ydata()) for line in axes.lines] == [[0.1, 0.1, 0.2], [0.15] * 3]


def test_speeds_are_drawn_from_zero_and_labelled() -> None:
    (axes,) = replay.speeds({"one by one": 500.4, "replay": 16000.0}).axes
    assert lengths(axes) == [500.4, 16000.0]
    assert texts(axes) == ["500", "16,000"]


@pytest.mark.parametrize("counts", [{}, {"shardId-000000000000": 0}, {"shardId-000000000011": 7}])
def test_few_or_no_records_draw(counts: dict[str, int]) -> None:
    drawn = replay.records_per_shard(counts)
    drawn.draw_without_rendering()
    assert lengths(drawn.axes[0]) == list(counts.values())
