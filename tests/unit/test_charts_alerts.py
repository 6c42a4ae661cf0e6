"""The pictures of notebook 09 show the numbers that they were given."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.charts import alerts


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_a_metric_is_drawn_for_ten_minutes_with_the_empty_ones() -> None:
    minutes = pd.to_datetime(["2026-11-24 12:00", "2026-11-24 12:03"], utc=True)
    windows, sent = alerts.metric(pd.DataFrame({"Windows": [2, 5], "Alerts": [0, 1]}, index=minutes)).axes
    assert [bar.get_height() for bar in windows.patches] == [0, 0, 0, 0, 0, 0, 2, 0, 0, 5]
    assert [text.get_text() for text in sent.texts] == [""] * 9 + ["1"]
    assert (windows.get_ylabel(), sent.get_ylabel()) == ("windows", "alerts")


def test_a_metric_of_nothing_but_zeros_is_drawn() -> None:
    minutes = pd.to_datetime(["2026-11-24 12:00"], utc=True)
    (axes,) = alerts.metric(pd.DataFrame({"Windows": [0]}, index=minutes)).axes
    assert axes.get_ylim() == (0, 1)


def test_prices_are_lines_over_the_traffic_with_their_marks() -> None:
    prices = pd.DataFrame({"Flink": [0.2, 0.2], "function": [0.0, 0.4]}, index=[0.0, 100.0])
    (axes,) = alerts.hourly_prices(prices, {"October": 16.0}).axes
    flink, function, mark = axes.lines
    assert list(flink.get_ydata()) == [0.2, 0.2]
    assert list(function.get_xdata()) == [0.0, 100.0]
    assert list(mark.get_xdata()) == [16.0, 16.0]
    assert [text.get_text() for text in axes.texts] == ["October"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Flink", "function"]
