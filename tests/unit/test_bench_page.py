"""The benchmark's page shows every figure with its target, bound and pictures, and the report links to it."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import pytest

from helpers.bench import record
from helpers.bench.figure import Figure
from helpers.bench.page import beyond_target, curve, pictures, write_page
from helpers.report import write_report
from helpers.settings import Settings

matplotlib.use("agg")

FAST = Figure("cutting <rows>", "pandas", "rows/s", [90.0, 100.0], [10.0, 10.0], 8, True, "disk", "It waits.", "Same.")
SMALL = Figure("memory", "", "MB", [250.0], [], 200, False, "memory", "It holds all.", "Same.", {"MB free": 12345.0})
POINTS = {"1,000,000 events, s": 9.0, "250,000 events, s": 3.0, "fixed part, s": 1.0}
GROWING = Figure("time", "", "of the line", [0.1], [], 0.15, False, "none", "-", "-", POINTS)


def keep(build_dir: Path, error: str = "") -> None:
    part = record.Part("one", "failed" if error else "ok", error, 1.5, "2026-11-24T10:00:00+00:00", 2, 1.0)
    record.keep(build_dir, part, [FAST, SMALL, GROWING])


def test_page_has_figures_bounds_and_what_failed(tmp_path: Path) -> None:
    keep(tmp_path, "The port is taken")
    path = write_page(tmp_path)
    assert path == tmp_path / "report" / "bench.html"
    page = path.read_text(encoding="utf-8")
    for words in ("cutting &lt;rows&gt;", "disk. It waits.", "≥ 8", "≤ 200", "failed: The port is taken", "12,345"):
        assert words in page
    assert "<b>2 of 3</b>" in page
    assert page.count('<img src="data:image/png;base64,') == 3


def test_report_links_to_the_page_and_makes_it_anew(tmp_path: Path) -> None:
    settings = Settings("ecommerce-lab", "000000000000", "us-east-1", "local", None, tmp_path)
    link = '<a href="bench.html">'
    assert link not in write_report(settings).read_text(encoding="utf-8")
    keep(tmp_path)
    assert link in write_report(settings).read_text(encoding="utf-8")
    assert (tmp_path / "report" / "bench.html").exists()


def test_bars_say_how_much_better_than_asked_for() -> None:
    assert beyond_target(FAST) == pytest.approx(9.5 / 8)
    assert beyond_target(SMALL) == pytest.approx(0.8)
    exact = Figure("missing", "", "windows", [0.0], [], 0, False, "none", "-", "-")
    assert beyond_target(exact) is None


def test_details_named_by_events_are_a_curve() -> None:
    assert curve(GROWING) == ({1_000_000: 9.0, 250_000: 3.0}, "s")
    assert curve(SMALL) == ({}, "")
    assert [picture.title for picture in pictures([GROWING])] == ["Better than asked for, or worse", "time"]
