"""The benchmark of the live arm, at a small part of its size."""

from __future__ import annotations

from pathlib import Path

from helpers.bench import streaming
from helpers.bench.figure import Scale


def test_both_figures_are_measured_with_their_bounds(tmp_path: Path) -> None:
    throughput, alerts = streaming.measure(Scale(tmp_path, runs=1, share=0.02))
    assert throughput.unit == "events/s" and len(throughput.ours) == len(throughput.baseline) == 1
    assert throughput.bound in ("Flink", "emulator")
    assert throughput.details["Flink, processor µs an event"] > 0
    assert throughput.details["emulator, processor µs an event"] > 0
    assert alerts.details["alerts"] >= 1
    assert 0 < alerts.ours[0] < 30
    assert alerts.ours[0] >= alerts.details["Flink, into stream 2, p50 in s"]
    for figure in (throughput, alerts):
        assert figure.why and "https://docs.aws.amazon.com/" in figure.on_aws
