"""The benchmark keeps what each part measured, whatever becomes of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.bench import record
from helpers.bench.figure import Figure
from helpers.bench.run import InvalidScaleError, UnknownPartError, run_benchmark

GOOD = """
from helpers.bench.figure import Figure

def measure(scale):
    (scale.folder / "left.csv").write_text("x")
    ours = [float(scale.of(100))] * scale.runs
    return [Figure("speed", "a loop", "records/s", ours, [1.0] * scale.runs, 8, True, "client", "why", "aws")]
"""
BAD = """
from helpers.errors import LabError

def measure(scale):
    raise LabError("The disk is full.")
"""
CRASHING = "def measure(scale):\n    return [1 / 0]\n"


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Parts of a benchmark that take no time: one measures, one refuses, one crashes."""
    code = tmp_path / "code"
    code.mkdir()
    modules = {"good": GOOD, "bad": BAD, "crashing": CRASHING}
    for name, text in modules.items():
        (code / f"bench_part_{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(code))
    return {name: f"bench_part_{name}" for name in modules}


def kept(build_dir: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((build_dir / "bench.json").read_text(encoding="utf-8"))
    return found


def test_parts_that_fail_are_named_and_lose_no_other(tmp_path: Path, parts: dict[str, str]) -> None:
    said: list[str] = []
    failed = run_benchmark(tmp_path, said.append, runs=2, share=0.5, parts=parts)
    assert failed == ["bad", "crashing"]
    found = kept(tmp_path)
    assert [(part["name"], part["status"]) for part in found["parts"]] == [
        ("good", "ok"),
        ("bad", "failed"),
        ("crashing", "failed"),
    ]
    assert [part["error"] for part in found["parts"][1:]] == [
        "The disk is full (see bench-bad.log)",
        "ZeroDivisionError: division by zero (see bench-crashing.log)",
    ]
    [figure] = found["figures"]
    assert (figure["part"], figure["ours"], figure["result"], figure["met"]) == ("good", [50.0, 50.0], 50.0, True)
    assert any("speed: 50 times a loop, at least 8; bound by client" in line for line in said)


def test_a_part_alone_leaves_the_figures_of_the_others(tmp_path: Path, parts: dict[str, str]) -> None:
    run_benchmark(tmp_path, lambda _: None, runs=1, parts={"good": parts["good"], "second": parts["good"]})
    run_benchmark(tmp_path, lambda _: None, ["second"], 2, parts={"good": parts["good"], "second": parts["good"]})
    assert [(each["part"], len(each["ours"])) for each in kept(tmp_path)["figures"]] == [("good", 1), ("second", 2)]


def test_a_part_that_must_be_named_runs_only_then(tmp_path: Path, parts: dict[str, str]) -> None:
    all_parts = {"good": parts["good"], "soak": parts["good"]}
    for only, expected in ([], ["good"]), (["soak"], ["good", "soak"]):
        run_benchmark(tmp_path, lambda _: None, only, 1, parts=all_parts)
        assert [part["name"] for part in kept(tmp_path)["parts"]] == expected


def test_nothing_is_left_but_record_page_and_the_logs_of_failures(tmp_path: Path, parts: dict[str, str]) -> None:
    build_dir = tmp_path / "build"
    run_benchmark(build_dir, lambda _: None, runs=1, parts=parts)
    left = {path.relative_to(build_dir).as_posix() for path in build_dir.rglob("*") if path.is_file()}
    assert left == {"bench.json", "report/bench.html", "bench-bad.log", "bench-crashing.log"}


def test_a_part_that_does_not_exist_is_refused_before_any_is_run(tmp_path: Path, parts: dict[str, str]) -> None:
    with pytest.raises(UnknownPartError, match=r"The benchmark has no part fast: choose from good, bad, crashing\."):
        run_benchmark(tmp_path, lambda _: None, ["good", "fast"], parts=parts)
    assert not (tmp_path / "bench.json").exists()


@pytest.mark.parametrize(("runs", "share", "words"), [(0, 1, "runs is 0"), (1, 0, "share is 0"), (1, 1.1, "is 1.1")])
def test_a_benchmark_of_no_size_is_refused(tmp_path: Path, runs: int, share: float, words: str) -> None:
    with pytest.raises(InvalidScaleError, match=words):
        run_benchmark(tmp_path, lambda _: None, runs=runs, share=share)


def test_the_record_says_what_it_was_measured_on_and_not_where(tmp_path: Path) -> None:
    figure = Figure("speed", "", "s", [1.0], [], 2, False, "none", "why", "aws", {"rows": 3.0})
    record.keep(tmp_path, record.Part("one", "ok", "", 1.5, "2026-11-24T10:00:00+00:00", 1, 1.0), [figure])
    found = kept(tmp_path)
    assert set(found["machine"]) == {"cpus", "memory_gb", "python", "os"}
    assert str(Path.home()) not in json.dumps(found)
    assert record.as_figure(found["figures"][0]) == figure
