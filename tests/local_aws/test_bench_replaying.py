"""The benchmark of the replay measures all ways of sending side by side."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.bench.figure import Scale
from helpers.bench.own_process import MeasuredProcessError
from helpers.bench.replay_once import Job, measured, put_units
from helpers.bench.replaying import measure


def test_every_row_is_measured_beside_what_it_is_held_against(tmp_path: Path) -> None:
    speed, bare, flat, memory, saved, units = measure(Scale(tmp_path, runs=1, share=0.004))
    for figure in (speed, bare, flat, memory, saved, units):
        assert len(figure.ours) == len(figure.baseline) == 1
        assert figure.ours[0] > 0 and figure.baseline[0] > 0 and figure.why and figure.on_aws
    assert "4,000 events" in speed.name and speed.ours == saved.ours
    assert bare.ours == saved.baseline and bare.bound in ("client", "emulator")
    assert 20 < memory.result * memory.baseline[0] < 150
    assert units.baseline == [400] and units.ours[0] < 100


@pytest.mark.parametrize(
    ("sizes", "units"), [([1], 1), ([25_600], 1), ([25_601], 2), ([400] * 500, 500), ([204_799], 8)]
)
def test_put_payload_units_count_each_record_in_steps_of_25_kb(sizes: list[int], units: int) -> None:
    assert put_units([{"Data": b"x" * size} for size in sizes]) == units


def test_a_way_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, local_aws: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)
    with pytest.raises(MeasuredProcessError, match=r"The measured process \(plain\) failed: .*No object s3://nowhere/"):
        measured("plain", Job("nowhere", "events.csv", "nowhere", 10))
