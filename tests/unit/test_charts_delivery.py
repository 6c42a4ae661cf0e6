"""The picture of delivered objects shows each from its oldest record to its delivery, at its size."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.charts import delivery
from helpers.charts.style import BLUE, ORANGE


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def files(*objects: tuple[int, int, float]) -> pd.DataFrame:
    """Objects from (arrived, stored) in seconds and size in MiB."""
    frame = pd.DataFrame(objects, columns=["arrived", "stored", "bytes"])
    for column in ("arrived", "stored"):
        frame[column] = pd.to_datetime(frame[column], unit="s", utc=True)
    frame["bytes"] = (frame["bytes"] * delivery.MIB).astype("int64")
    return frame


def test_full_objects_are_told_from_old_ones() -> None:
    drawn = delivery.objects(files((100, 101, 1.0), (101, 106, 0.3)), size_mib=1, interval_seconds=5)
    (axes,) = drawn.axes
    full, old = axes.patches
    assert (full.get_x(), full.get_width()) == (0, 1)
    assert (old.get_x(), old.get_width()) == (1, 5)
    assert old.get_y() + old.get_height() / 2 == pytest.approx(0.3, abs=1e-6)
    assert plt.matplotlib.colors.to_hex(full.get_facecolor()) == BLUE.lower()
    assert plt.matplotlib.colors.to_hex(old.get_facecolor()) == ORANGE.lower()


def test_an_object_that_was_full_at_once_can_be_seen() -> None:
    drawn = delivery.objects(files((100, 100, 1.0)), size_mib=1, interval_seconds=5)
    assert drawn.axes[0].patches[0].get_width() > 0
