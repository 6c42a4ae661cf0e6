"""The pictures of notebooks 08 and 10 show the numbers that they were given, few and missing ones too."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.charts import flink, live
from helpers.charts.style import BLUE, GREEN, ORANGE


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def legend(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def check_letters_inside(drawn: Figure) -> None:
    drawn.draw_without_rendering()
    for axes in drawn.axes:
        box = axes.get_tightbbox()
        assert box is not None
        assert drawn.bbox.x0 <= box.x0 and box.x1 <= drawn.bbox.x1, "letters are cut off"
        assert drawn.bbox.y0 <= box.y0 and box.y1 <= drawn.bbox.y1, "letters are cut off"


HISTORY = pd.DataFrame({"events": [0, 900, 50_000], "windows": [0, 0, 70], "alerts": [0, 0, 17]}, index=[0.0, 1.5, 4.0])


def test_the_course_of_a_run_is_drawn_over_its_seconds() -> None:
    drawn = live.course(HISTORY)
    above, below = drawn.axes
    assert [list(line.get_ydata()) for line in above.lines] == [[0, 900, 50_000]]
    assert [list(line.get_ydata()) for line in below.lines] == [[0, 0, 70], [0, 0, 17]]
    assert list(below.lines[0].get_xdata()) == [0.0, 1.5, 4.0]
    assert legend(below) == ["windows", "alerts"]
    assert (above.get_ylim()[0], below.get_ylim()[0]) == (0, 0)
    check_letters_inside(drawn)


def test_a_run_of_which_nothing_is_known_yet_is_drawn() -> None:
    drawn = live.course(HISTORY[:1])
    check_letters_inside(drawn)
    assert [list(line.get_ydata()) for axes in drawn.axes for line in axes.lines] == [[0], [0], [0]]


STAGES = pd.DataFrame(
    {"p50": [0.4, 0.1, 0.6], "p95": [0.9, 0.2, 1.1]},
    index=["until the window's end and the watermark", "Flink, into stream 2", "the whole way"],
)


def test_each_stage_has_a_bar_for_half_and_one_for_95_percent() -> None:
    drawn = live.stages(STAGES)
    (axes,) = drawn.axes
    half, most = axes.containers
    assert [bar.get_width() for bar in half] == [0.4, 0.1, 0.6]
    assert [bar.get_width() for bar in most] == [0.9, 0.2, 1.1]
    assert [label.get_text() for label in axes.get_yticklabels()] == list(STAGES.index)
    assert axes.yaxis_inverted(), "the first stage stands at the top"
    check_letters_inside(drawn)


def test_stages_without_an_alert_are_drawn() -> None:
    drawn = live.stages(STAGES * np.nan)
    check_letters_inside(drawn)
    assert len(drawn.axes[0].get_yticklabels()) == 3


def test_precision_and_recall_are_lines_with_the_labs_threshold() -> None:
    judged = pd.DataFrame({"precision": [0.5, 0.8, np.nan], "recall": [1.0, 0.4, 0.0]}, index=[5, 10, 30])
    drawn = live.rule(judged, 10)
    (axes,) = drawn.axes
    precision, recall, ours = axes.lines
    assert list(precision.get_xdata()) == [5, 10, 30]
    np.testing.assert_array_equal(precision.get_ydata(), [0.5, 0.8, np.nan])
    assert list(recall.get_ydata()) == [1.0, 0.4, 0.0]
    assert list(ours.get_xdata()) == [10, 10]
    assert legend(axes) == ["precision", "recall"]
    check_letters_inside(drawn)


def test_counts_are_bars_in_the_given_order_with_their_numbers() -> None:
    drawn = flink.counts({"by sending time": 1902, "by event time": 23, "by hand": 0}, "users")
    (axes,) = drawn.axes
    assert [bar.get_width() for bar in axes.patches] == [1902, 23, 0]
    assert [text.get_text() for text in axes.texts] == ["1,902", "23", "0"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["by sending time", "by event time", "by hand"]
    colors = [plt.matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in axes.patches]
    assert colors == [ORANGE, GREEN, BLUE]
    check_letters_inside(drawn)


@pytest.mark.parametrize("numbers", [{}, {"nothing": 0}, {"one task": 41_000, "one a shard": 88_000}])
def test_few_or_no_counts_are_drawn(numbers: dict[str, int]) -> None:
    drawn = flink.counts(numbers, "records")
    check_letters_inside(drawn)
    (axes,) = drawn.axes
    assert [bar.get_width() for bar in axes.patches] == list(numbers.values())
    assert axes.get_xlim()[1] > max(numbers.values(), default=0)
