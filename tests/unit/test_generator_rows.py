"""Any number of rows is met exactly, in constant memory; what makes no sense is refused in a sentence."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from generated_events import read_events, read_truth

from helpers.cli import main
from helpers.generator import generate
from helpers.generator.catalogue import Catalogue, build_catalogue
from helpers.generator.errors import (
    InvalidOutputNameError,
    InvalidRowCountError,
    InvalidSeedError,
    UnwritableOutputError,
)
from helpers.generator.sessions import draw_sizes
from helpers.generator.shop import Shop, make_rng
from helpers.generator.traffic import END_SECONDS, START_SECONDS


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue()


@pytest.mark.parametrize("rows", [1, 2, 10, 439, 1000, 12_345])
def test_rows_are_met_exactly(rows: int, tmp_path: Path) -> None:
    report = generate(rows, 5, tmp_path / "events.csv")
    events = read_events(report.path)
    assert (report.rows, len(events)) == (rows, rows)
    assert events["seconds"].between(START_SECONDS, END_SECONDS - 1).all()
    assert report.planted == len(read_truth(report.truth_path))
    assert report.planted_rows <= rows * 0.025


def test_batches_follow_each_other_in_time(catalogue: Catalogue) -> None:
    last = 0
    for batch in Shop(120_000, 9, catalogue).events():
        assert (np.diff(batch.seconds) >= 0).all()
        if len(batch):
            assert batch.seconds[0] >= last
            last = int(batch.seconds[-1])
    assert last >= END_SECONDS - 3600


def test_every_session_is_whole(catalogue: Catalogue) -> None:
    sessions = np.concatenate([batch.session for batch in Shop(20_000, 4, catalogue).events()])
    sizes = np.sort(np.unique(sessions, return_counts=True)[1])
    drawn = draw_sizes(8192, make_rng(4, 1))[: len(sizes)]
    drawn[-1] -= drawn.sum() - 20_000  # the last one is as long as there is room
    assert drawn[-1] >= 1
    assert (sizes == np.sort(drawn)).all()


def test_memory_does_not_grow_with_the_rows(catalogue: Catalogue) -> None:
    def peak_bytes(rows: int) -> int:
        tracemalloc.start()
        try:
            assert sum(len(batch) for batch in Shop(rows, 3, catalogue).events()) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak_bytes(1_000_000) < 1.1 * peak_bytes(150_000)


@pytest.mark.parametrize("rows", [0, -3])
def test_no_rows_are_refused(rows: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidRowCountError, match=f"The number of rows is {rows}: give a whole number of at least 1"):
        generate(rows, 1, tmp_path / "events.csv")


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSeedError, match="The seed is -1: give a whole number of at least 0"):
        generate(10, -1, tmp_path / "events.csv")


@pytest.mark.parametrize("name", ["events.parquet", "events", "events.gz", ".csv"])
def test_another_kind_of_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidOutputNameError, match=r"name ends in \.csv or \.csv\.gz"):
        generate(10, 1, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.csv").mkdir()
    with pytest.raises(UnwritableOutputError, match=r"events\.csv cannot be written"):
        generate(10, 1, tmp_path / "events.csv")


def test_the_command_writes_events_and_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "shop.csv.gz"
    assert main(["generate", "--rows", "2000", "--seed", "3", "--out", str(out)]) == 0
    assert "2,000 events" in capsys.readouterr().out
    assert len(read_events(out)) == 2000
    assert len(read_truth(tmp_path / "new" / "shop.bots.csv")) > 0
