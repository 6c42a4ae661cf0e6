"""Every generated line is, to the byte, a line as in the Kaggle file."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from helpers.dataset import sample_path
from helpers.events import HEADER, judge
from helpers.generator import generate

LINE = re.compile(
    rb"2019-10-(0[1-9]|1[0-4]) [0-2]\d:[0-5]\d:[0-5]\d UTC,(view|cart|purchase),[1-9]\d{6,7},[1-9]\d{18},"
    rb"([a-z_]+(\.[a-z_]+){1,3})?,([a-z0-9][a-z0-9.-]*)?,(0|[1-9]\d{0,3})\.\d{2},[1-9]\d{8},"
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\n"
)
VERSION_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module", params=["sample", "30,000 rows"])
def lines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = sample_path()
    if request.param != "sample":
        path = generate(30_000, 11, tmp_path_factory.mktemp("generated") / "events.csv.gz").path
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def test_header_is_that_of_the_file(lines: list[bytes]) -> None:
    assert lines[0] == HEADER


def test_every_line_has_the_exact_form(lines: list[bytes]) -> None:
    assert [line for line in lines[1:] if not LINE.fullmatch(line)] == []


def test_every_line_is_an_event_as_it_stands(lines: list[bytes]) -> None:
    for line in lines[1::50]:
        verdict = judge(line.rstrip(b"\n"))
        assert (verdict.reason, verdict.line) == ("", line.rstrip(b"\n"))


def test_lines_are_in_order_of_time_with_ties_of_different_visitors(lines: list[bytes]) -> None:
    times = [line[:23] for line in lines[1:]]
    assert times == sorted(times)
    assert len(set(times)) < len(times)


def test_category_ids_are_too_large_for_a_double(lines: list[bytes]) -> None:
    ids = {int(line.split(b",")[3]) for line in lines[1:]}
    assert min(ids) > 2**53
    assert any(int(float(number)) != number for number in ids)
    share = sum(line.split(b",")[3].startswith(b"20530135") for line in lines[1:]) / len(lines)
    assert 0.92 < share <= 1


def test_some_session_ids_are_no_valid_uuid_4(lines: list[bytes]) -> None:
    sessions = {line.rstrip(b"\n").rpartition(b",")[2].decode() for line in lines[1:]}
    flawed = sum(not VERSION_4.fullmatch(session) for session in sessions) / len(sessions)
    assert 0.007 < flawed < 0.018


def test_rows_are_as_long_as_the_files(lines: list[bytes]) -> None:
    assert sum(map(len, lines)) / len(lines) == pytest.approx(133.5, abs=1.0)


def test_gzip_holds_neither_time_nor_name(tmp_path: Path) -> None:
    head = generate(10, 1, tmp_path / "events.csv.gz").path.read_bytes()[:8]
    assert head == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
