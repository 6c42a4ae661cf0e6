"""The benchmark of cutting measures each way in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.bench.cut_once import Job, measured
from helpers.bench.cutting import measure
from helpers.bench.figure import Scale
from helpers.bench.memory import MB
from helpers.bench.own_process import MeasuredProcessError


def test_cuts_are_measured_beside_pandas_and_the_upload_beside_its_own(tmp_path: Path) -> None:
    plain, packed, memory, upload = measure(Scale(tmp_path, runs=1, share=0.002))
    for figure in (plain, packed):
        assert len(figure.ours) == len(figure.baseline) == 1 and figure.ours[0] > 0
        assert figure.bound in ("client", "disk") and "14,000 rows" in figure.name
    assert len(memory.ours) == 2 and 20 < memory.result < 200
    assert plain.details["pandas, peak memory in MB"] > memory.result
    assert upload.details["emulator, processor seconds"] > 0 and upload.result > 0
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("cut.csv.")]


def test_both_ways_cut_the_same_number_of_rows(tmp_path: Path) -> None:
    source = tmp_path / "events.csv"
    header = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
    row = "2019-10-01 00:00:00 UTC,view,1,2,a.b,x,1.00,3,s\n"
    source.write_text(header + row * 300, encoding="utf-8")
    written = []
    for way in ("cut", "pandas"):
        target = tmp_path / f"{way}.csv"
        cost = measured(way, Job(source, 200, target))
        assert cost.seconds > 0 and cost.peak_bytes > 20 * MB
        written.append(target.read_text(encoding="utf-8").count("\n"))
    assert written == [201, 201]


def test_a_measured_process_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(MeasuredProcessError, match=r"The measured process \(cut\) failed: .*no.csv"):
        measured("cut", Job(tmp_path / "no.csv", 1, tmp_path / "out.csv"))
