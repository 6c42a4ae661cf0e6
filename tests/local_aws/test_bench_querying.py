"""The benchmark of queries compares equal answers, and counts what each way reads."""

from __future__ import annotations

from pathlib import Path

from helpers.bench.figure import Scale
from helpers.bench.querying import PANDAS, measure


def test_queries_are_measured_on_the_same_answers(tmp_path: Path) -> None:
    speed, *scanned = measure(Scale(tmp_path, runs=1, share=0.004))
    assert (len(speed.ours), len(speed.baseline), speed.unit) == (1, 1, "rows/s")
    assert speed.details["seconds"] > 0 and speed.details["pandas, of these to load"] > 0
    assert [figure.name for figure in scanned[:-1]] == [
        f"bytes scanned by {name.replace('_', ' ')}, Parquet by day" for name in PANDAS
    ]
    csv_mb = scanned[0].baseline[0]
    assert all(figure.baseline == [csv_mb] and 0 < figure.ours[0] < csv_mb for figure in scanned)
    by_day, by_type = scanned[1], scanned[-1]
    assert by_day.name.startswith("bytes scanned by cart abandonment")
    assert by_type.result < by_day.result / 2 and by_type.met
