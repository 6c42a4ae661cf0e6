"""What the lab makes of the file a learner names, before anything is created."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.dataset import errors, inspect, parse_rows, sample_path
from helpers.dataset.clean import clean_blocks
from helpers.events import HEADER

ROW = (
    b"2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,"
    b"72d76fde-8bb3-4e00-8c23-a032dfed738c\n"
)
CSV = HEADER + 3 * ROW

Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_file


def write_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__DOT__", "."), content)
    return path


def test_plain_csv(write: Write) -> None:
    path = write("2019-Oct.csv", CSV)
    source = inspect(path)
    assert (source.kind, source.name, source.size_bytes) == ("csv", "2019-Oct.csv", len(CSV))
    assert (source.has_header, source.has_bom, source.line_end) == (True, False, "LF")
    assert b"".join(source.rows()) == 3 * ROW


@pytest.mark.parametrize("name", ["2019-Oct.csv.gz", "2019-Oct.csv"])
def test_gzip_is_told_by_content_not_name(write: Write, name: str) -> None:
    source = inspect(write(name, gzip.compress(CSV)))
    assert source.kind == "csv.gz"
    assert b"".join(source.chunks()) == CSV


@pytest.mark.parametrize(("member", "content"), [("2019-Oct.csv", CSV), ("2019-Oct.csv.gz", gzip.compress(CSV))])
def test_zip_with_one_csv_past_what_macos_adds(tmp_path: Path, member: str, content: bytes) -> None:
    path = tmp_path / "archive.zip"
    write_zip(path, **{"data/.DS_Store": b"x", f"__MACOSX/data/._{member}": b"x", f"data/{member}": content})
    source = inspect(path)
    assert (source.kind, source.name) == ("zip", f"archive.zip/data/{member}")
    assert b"".join(source.rows()) == 3 * ROW


def test_file_without_header_is_taken_from_line_1(write: Write) -> None:
    source = inspect(write("events.csv", 2 * ROW))
    assert (source.has_header, source.first_line_number) == (False, 1)
    assert b"".join(source.rows()) == 2 * ROW


def test_byte_order_mark_crlf_and_quoted_header_are_understood(write: Write) -> None:
    quoted = ",".join(f'"{name}"' for name in HEADER.decode().strip().split(",")).encode()
    source = inspect(write("events.csv", b"\xef\xbb\xbf" + quoted + b"\r\n" + ROW.replace(b"\n", b"\r\n")))
    assert (source.has_header, source.has_bom, source.line_end) == (True, True, "CRLF")
    assert b"".join(source.rows()) == ROW.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("before", [b"", HEADER, HEADER + b"bad line\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_last_line_without_line_end_is_an_event_even_if_it_is_the_only_one(
    write: Write, before: bytes, pack: Callable[[bytes], bytes]
) -> None:
    source = inspect(write("one.csv", pack(before + ROW.rstrip(b"\n"))))
    assert b"".join(source.rows()).endswith(ROW.rstrip(b"\n"))


def test_no_name_is_the_committed_sample() -> None:
    assert sample_path().parts[-3:] == ("data", "sample", "events.csv.gz")
    assert inspect("").path == inspect(None).path == sample_path()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(errors.NoSuchDatasetError, match=r"No file .*2019-Oct\.csv: check the path"):
        inspect(tmp_path / "2019-Oct.csv")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(errors.NotAFileError, match=r"is not a file: name the \.csv"):
        inspect(tmp_path)


def test_unreadable_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("events.csv", CSV)

    def refuse(self: Path, *args: object, **kwargs: object) -> object:
        raise PermissionError(13, "Permission denied", str(self))

    # The tests may run as root, whom no permission bits stop.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(errors.UnreadableDatasetError, match=r"events\.csv cannot be read \(Permission denied\)"):
        inspect(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PAR1" + bytes(100), "a Parquet file: give the Kaggle CSV itself"),
        (b"BZh91AY&SY", "compressed with bzip2: unpack it"),
        (b"\xfd7zXZ\x00", "compressed with xz"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        ("\ufeff".encode("utf-16-le") + CSV.decode().encode("utf-16-le"), "text in UTF-16: save it as CSV in UTF-8"),
        (CSV.replace(b"\n", b"\r"), "text whose lines end with CR alone"),
        (b"\x7fELF" + bytes(100), "not a text file"),
    ],
)
def test_other_kinds_of_file_are_named(write: Write, content: bytes, found: str) -> None:
    with pytest.raises(errors.DatasetError) as refusal:
        inspect(write("2019-Oct.csv", content))
    assert "2019-Oct.csv" in str(refusal.value)
    assert found in str(refusal.value)


@pytest.mark.parametrize(("content", "reason"), [(b"", "the file is empty"), (b"\n\n", "the file is empty"),
    (HEADER, "it has a header and no rows"), (HEADER + b"\n\r\n", "it has a header and no rows"),
    (HEADER + b"a,b\n" + b"c\n", "none of its first 2 rows is well-formed, line 2: 2 fields instead of 9"),
    (b"hello\nworld\n", "none of its first 2 rows is well-formed, line 1: 1 field instead of 9")])  # fmt: skip
def test_file_without_events(write: Write, content: bytes, reason: str) -> None:
    with pytest.raises(errors.NoEventsError) as refusal:
        inspect(write("events.csv", content))
    assert reason in str(refusal.value)


def test_rows_asked_for_hold_no_event(write: Write) -> None:
    path = write("events.csv", HEADER + b"x\n" + ROW)
    assert inspect(path, 2)
    with pytest.raises(errors.NoEventsError, match="none of its first 1 rows is well-formed, line 2"):
        inspect(path, 1)


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (HEADER.replace(b",", b";"), "the columns are separated by semicolons, not commas"),
        (HEADER.replace(b",", b"\t"), "the columns are separated by tabs, not commas"),
        (b"event_type,event_time," + HEADER.split(b",", 2)[2], "the columns stand in another order"),
        (HEADER.upper(), "the header is spelt differently"),
        (HEADER[:-1] + b",country\n", "unknown column 'country'"),
        (HEADER.replace(b",brand", b""), "column brand missing"),
        (HEADER.replace(b"brand", b"make"), "column brand missing and unknown column 'make'"),
    ],
)
def test_header_of_another_file(write: Write, header: bytes, problem: str) -> None:
    with pytest.raises(errors.WrongColumnsError) as refusal:
        inspect(write("events.csv", header + ROW))
    assert f"events.csv, line 1: {problem}; found" in str(refusal.value)
    assert "expected 'event_time,event_type" in str(refusal.value)


@pytest.mark.parametrize("cut", [1, 8, 30])
def test_gzip_cut_off_is_refused_before_anything_is_created(write: Write, cut: int) -> None:
    with pytest.raises(errors.BrokenArchiveError, match=r"events\.csv\.gz is cut off or damaged .*download"):
        inspect(write("events.csv.gz", gzip.compress(CSV)[:-cut]))


def test_damaged_gzip(write: Write) -> None:
    packed = bytearray(gzip.compress(CSV * 50))
    packed[-6] ^= 0xFF
    with pytest.raises(errors.BrokenArchiveError, match="CRC"):
        inspect(write("events.csv.gz", bytes(packed)))


def test_zip_cut_off(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "archive.zip", **{"a.csv": CSV})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(errors.BrokenArchiveError, match="not a zip file"):
        inspect(path)


def test_zip_damaged(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", CSV)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"shiseido", b"shiseidx", 1))
    with pytest.raises(errors.BrokenArchiveError, match="Bad CRC-32"):
        inspect(path)


def test_zip_with_several_csv_names_them_and_the_remedy(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "archive.zip", **{"2019-Oct.csv": CSV, "2019-Nov.csv": CSV})
    with pytest.raises(errors.ZipContentError) as refusal:
        inspect(path)
    assert str(refusal.value) == (
        f"{path} holds several CSV files: 2019-Oct.csv, 2019-Nov.csv. Unpack it and give one of them."
    )


def test_zip_without_csv(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "book.xlsx", **{"xl/workbook.xml": b"<x/>"})
    with pytest.raises(errors.ZipContentError, match=r"holds no \.csv: xl/workbook\.xml\. Give the zip from Kaggle"):
        inspect(path)


def test_encrypted_zip(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "archive.zip", **{"a.csv": CSV})
    content = bytearray(path.read_bytes())
    # bit 0 of the general purpose flags: 6 bytes into the local header, 8 into the central one
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(errors.ZipContentError, match=r"is encrypted: a\.csv\. Unpack it with its password"):
        inspect(path)


def test_line_without_end_is_refused_not_held_in_memory(write: Write) -> None:
    path = write("events.csv", CSV + b"x" * (3 * 1024 * 1024))
    source = inspect(path)
    with pytest.raises(errors.LineTooLongError, match=r"events\.csv, line 5: longer than 1,048,576 bytes"):
        list(clean_blocks(source.rows(), source.name, source.first_line_number))


@pytest.mark.parametrize(("value", "rows"), [(None, None), ("", None), ("7000000", 7_000_000), ("7_000", 7000), (5, 5)])
def test_rows(value: str | int | None, rows: int | None) -> None:
    assert parse_rows(value) == rows


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1e6", "all", "٣", 0, -3, "_"])
def test_rows_that_are_no_count(value: str | int) -> None:
    with pytest.raises(errors.InvalidRowsError, match=r"ROWS is .*: give a whole number of at least 1"):
        parse_rows(value)
