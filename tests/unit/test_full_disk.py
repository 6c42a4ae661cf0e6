"""A disk that is full: one sentence, nothing half-written under its own name, and on it goes once there is room."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import duckdb
import matplotlib.figure
import pandas as pd
import pytest
from full_disk import full_disk

from helpers import run_record
from helpers.charts.style import save
from helpers.dataset import cut_to_file, inspect, sample_path
from helpers.errors import LabError
from helpers.local.athena.engine_errors import engine_error
from helpers.local.sns import inbox
from helpers.report import write_report
from helpers.results import write_result
from helpers.runner import run_all
from helpers.settings import LOCAL_ACCOUNT, Settings

pytestmark = pytest.mark.faults

NO_SPACE = "No space left on device"
ROOM_BYTES = 100


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("lab", LOCAL_ACCOUNT, "us-east-1", "local", None, tmp_path / "build")


def write_answer(settings: Settings) -> Path:
    return write_result(settings, "days", pd.DataFrame({"day": range(1000)}))


def write_record(settings: Settings) -> Path:
    run_record.note(settings, "dataset", {"source": "x" * 5000})
    return run_record.path_of(settings)


def write_cut(settings: Settings) -> Path:
    cut_to_file(inspect(sample_path()), 5000, settings.build_dir / "cut.csv", settings.build_dir / "rejects.csv")
    return settings.build_dir / "cut.csv"


def write_picture(settings: Settings) -> Path:
    save(matplotlib.figure.Figure(), settings, "02", "days", title="Days", alt="a line", sentence="It rises.")
    return settings.figures_dir / "02_days.png"


WRITERS = [write_answer, write_record, write_report, write_cut, write_picture]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_what_a_run_leaves_is_whole_or_not_there(settings: Settings, write: Callable[[Settings], Path]) -> None:
    with full_disk(settings.build_dir, ROOM_BYTES), pytest.raises(LabError) as told:
        write(settings)
    assert NO_SPACE in str(told.value)
    assert "make room" in str(told.value)
    assert len(str(told.value).splitlines()) == 1
    assert [path for path in settings.build_dir.rglob("*") if path.is_file()] == []
    assert write(settings).stat().st_size > ROOM_BYTES


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_an_earlier_file_stays_when_its_successor_finds_no_room(
    settings: Settings, write: Callable[[Settings], Path]
) -> None:
    before = write(settings).read_bytes()
    with full_disk(settings.build_dir, ROOM_BYTES), pytest.raises(LabError):
        write(settings)
    assert write(settings).read_bytes() == before


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_file_in_the_place_of_the_build_folder_is_told(settings: Settings, write: Callable[[Settings], Path]) -> None:
    settings.build_dir.write_text("", encoding="utf-8")
    with pytest.raises(LabError, match=r"\): make room"):
        write(settings)


def test_a_copy_of_a_notebook_is_whole_or_not_there(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    book, copies = write_notebook("00_a.ipynb", "print('x' * 5000)"), tmp_path / "copies"
    with full_disk(copies, 3000), pytest.raises(LabError, match=rf"00_a\.ipynb cannot be written \({NO_SPACE}\): make"):
        run_all([book], copies, {}, lambda run: None)
    assert list(copies.iterdir()) == []
    [run] = run_all([book], copies, {}, lambda run: None)
    assert run.status == "ok"
    assert [path.name for path in copies.iterdir()] == ["00_a.ipynb"]


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(inbox.FOLDER_VARIABLE, str(tmp_path / "inbox"))
    yield tmp_path / "inbox"


def test_mails_that_find_no_room_arrive_once_there_is_some(
    mailbox: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(inbox, "RETRY_SECONDS", 0.02)
    mail = EmailMessage()
    mail["To"] = "me@example.com"
    mail.set_content("text")
    with full_disk(mailbox), caplog.at_level(logging.WARNING):
        assert inbox.put(mail) is None
        assert inbox.put(mail) is None
        assert list(mailbox.glob("[!.]*")) == []
    assert f"The mail to me@example.com cannot be written to {mailbox} yet: " in caplog.text
    assert NO_SPACE in caplog.text
    later = inbox.put(mail)
    deadline = time.monotonic() + 20
    while len(list(mailbox.iterdir())) < 3 or list(mailbox.glob(".*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert sorted(mailbox.iterdir())[-1] == later
    assert {path.read_bytes() for path in mailbox.iterdir()} == {later.read_bytes() if later else b""}


def test_a_query_that_finds_no_room_says_so_in_a_sentence() -> None:
    error = engine_error(duckdb.IOException(f'IO Error: Could not write file "/tmp/part": {NO_SPACE}'))
    assert str(error) == (
        "GENERIC_INTERNAL_ERROR: The disk under the local AWS is full: make room, then run the query again"
    )
