"""The command line refuses in one sentence what cannot be run, before anything is created."""

from __future__ import annotations

import errno
import gzip
import os
import zipfile
from pathlib import Path

import pytest

from helpers import course
from helpers.cli import main
from helpers.dataset import sample_path
from helpers.local import process

HEADER = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
EVENT = "2019-10-01 00:00:00 UTC,view,1,2,a.b,x,1.00,3,s"
UNUSABLE = ("empty.csv", "header.csv", "wrong.csv", "two.zip", "torn.csv.gz", "x.parquet")


@pytest.fixture(autouse=True)
def own_build_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build_dir = tmp_path / "build"
    monkeypatch.setenv("LAB_BUILD_DIR", str(build_dir))
    monkeypatch.delenv("LAB_TARGET", raising=False)
    return build_dir


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(list(arguments)) == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert len(text.strip().splitlines()) == 1
    return text


def unpackable(folder: Path) -> dict[str, Path]:
    made = {
        name: folder / name for name in ("empty.csv", "header.csv", "wrong.csv", "two.zip", "torn.csv.gz", "x.parquet")
    }
    made["empty.csv"].write_bytes(b"")
    made["header.csv"].write_text(HEADER + "\n", encoding="utf-8")
    made["wrong.csv"].write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    with zipfile.ZipFile(made["two.zip"], "w") as packed:
        packed.writestr("one.csv", HEADER)
        packed.writestr("other.csv", HEADER)
    made["torn.csv.gz"].write_bytes(gzip.compress(f"{HEADER}\n{EVENT}\n".encode() * 500)[:-20])
    made["x.parquet"].write_bytes(b"PAR1")
    return made


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_cannot_be_used_is_named(
    name: str, tmp_path: Path, own_build_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = unpackable(tmp_path)[name]
    assert name in refused(capsys, "run", "--dataset", str(path))
    assert not own_build_dir.exists(), "something was made before the file was refused"


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.csv" in refused(capsys, "run", "--dataset", str(tmp_path / "nowhere.csv"))


def test_a_file_in_the_home_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "mine.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    assert str(tmp_path / "mine.csv") in refused(capsys, "run", "--dataset", "~/mine.csv")


@pytest.mark.parametrize("rows", ["0", "-5", "many", "1.5"])
def test_a_number_of_rows_that_makes_no_sense_is_refused(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rows in refused(capsys, "run", f"--rows={rows}")


@pytest.mark.parametrize("arguments", [[], ["--dataset", str(sample_path())]], ids=["no file", "the sample by name"])
def test_bots_are_planted_in_a_file_of_ones_own_only(
    arguments: list[str], own_build_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "The sample has its bots already: name a file of your own" in refused(capsys, "run", "--bots", *arguments)
    assert not own_build_dir.exists()


def test_a_file_without_room_for_bots_is_refused(
    tmp_path: Path, own_build_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.csv"
    path.write_text(f"{HEADER}\n{EVENT}\n", encoding="utf-8")
    assert "few.csv has no room for bots" in refused(capsys, "run", "--bots", "--dataset", str(path))
    assert not own_build_dir.exists()


def test_a_misspelt_target_in_the_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_TARGET", "asw")
    assert "LAB_TARGET is 'asw': use local or aws" in refused(capsys, "run")


def test_aws_without_credentials_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    assert "AWS does not know who you are" in refused(capsys, "run", "--target", "aws")


def test_a_run_on_aws_names_the_account_and_the_price_and_wants_a_word(
    local_aws: str, monkeypatch: pytest.MonkeyPatch, own_build_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws)  # stands in for AWS: only STS is asked
    assert main(["run", "--target", "aws"]) == 1
    said = capsys.readouterr()
    assert "aws · account 000000000000 · us-east-1" in said.out
    assert "About $" in said.out
    assert "CONFIRM=yes" in said.err
    assert not (own_build_dir / "results").exists()


@pytest.mark.parametrize("file", [None, "somewhere.bin"])
def test_a_full_disk_is_told_in_one_sentence_wherever_it_strikes(
    file: str | None, own_build_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file)

    monkeypatch.setattr(course, "run_course", no_room)
    said = refused(capsys, "run")
    assert said.startswith(f"{file or own_build_dir} cannot be written (No space left on device): make room")


@pytest.mark.parametrize("file", [None, "somewhere.bin"])
def test_a_missing_right_elsewhere_is_no_matter_of_the_build_folder(
    file: str | None, own_build_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_right(*_: object) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), file)

    monkeypatch.setattr(course, "run_course", no_right)
    with pytest.raises(PermissionError):
        main(["run"])


def test_services_can_be_started_found_and_stopped(own_build_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert main(["up"]) == 0
        assert main(["status"]) == 0
        assert capsys.readouterr().out.count("The local AWS is up at http://127.0.0.1:") == 2
    finally:
        assert main(["stop"]) == 0
    assert "The local AWS is stopped." in capsys.readouterr().out
    assert main(["stop"]) == 0
    assert "was not up" in capsys.readouterr().out
    assert process.status(own_build_dir) is None


def test_generated_files_say_where_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "events.csv"
    assert main(["generate", "--rows", "100", "--seed", "3", "--out", str(out)]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 101
    assert str(out) in capsys.readouterr().out


def test_notes_are_written_for_other_streams(tmp_path: Path) -> None:
    assert main(["notes", "--out", str(tmp_path), "--region", "eu-west-1", "--events-stream", "clicks"]) == 0
    text = (tmp_path / "2_detect_bots.zpln").read_text(encoding="utf-8")
    assert "'stream' = 'clicks'" in text
    assert "'aws.region' = 'eu-west-1'" in text
