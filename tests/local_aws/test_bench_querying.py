"""The benchmark of queries compares equal answers, and counts what each way reads."""

from __future__ import annotations

from pathlib import Path

from helpers.bench.figure import Scale
from helpers.bench.querying import PANDAS, measure


def test_queries_are_measured_on_the_same_answers(tmp_path: Path) -> None:
    speed, *scanned = measure(Scale(tmp_path, runs=1, share=0.004))
    assert (len(speed.ours), len(speed.baseline), speed.unit) == (1, 1, "rows/s")
    assert speed.details["seconds"] > 0 and speed.details["pandas, of these to load"] > 0
    *by_day, carts = scanned
    assert [figure.name for figure in by_day] == [
        f"bytes scanned by {name.replace('_', ' ')}, Parquet by day" for name in PANDAS if name != "cart_abandonment"
    ]
    csv_mb = carts.baseline[0]
    assert all(figure.baseline == [csv_mb] and 0 < figure.ours[0] < csv_mb for figure in scanned)
    assert carts.ours[0] < carts.details["by day, MB"] / 2 and carts.met
