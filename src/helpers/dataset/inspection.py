"""Look into the learner's file before anything is created.

What a file is, its first bytes say, not its name: a `.csv` that is really gzip is read as gzip.
"""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from helpers.dataset.clean import clean_blocks
from helpers.dataset.errors import (
    BrokenArchiveError,
    InvalidRowsError,
    NoEventsError,
    NoSuchDatasetError,
    NotAFileError,
    NotCsvError,
    UnreadableDatasetError,
    WrongColumnsError,
    ZipContentError,
)
from helpers.dataset.source import CHUNK_BYTES, UTF8_BOM, Source, without_first_line
from helpers.events import COLUMNS
from helpers.settings import find_project_root

# A download is checked to its end before anything is created if that takes about a second.
_CHECKED_WHOLE_BYTES = 32 * 1024 * 1024
_NOT_CSV = {
    b"PAR1": ("a Parquet file", "give the Kaggle CSV itself"),
    b"BZh": ("compressed with bzip2", "unpack it, or compress it with gzip"),
    b"\xfd7zXZ": ("compressed with xz", "unpack it, or compress it with gzip"),
    b"\x28\xb5\x2f\xfd": ("compressed with Zstandard", "unpack it, or compress it with gzip"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "unpack it first"),
    b"\xff\xfe": ("text in UTF-16", "save it as CSV in UTF-8"),
    b"\xfe\xff": ("text in UTF-16", "save it as CSV in UTF-8"),
}


def sample_path() -> Path:
    """Return the committed sample, the data set of a run that names none."""
    return find_project_root() / "data" / "sample" / "events.csv.gz"


def parse_rows(value: str | int | None) -> int | None:
    """Return how many of the first rows to take; None, from None or an empty text, is all.

    Raises
    ------
    InvalidRowsError
        If it is no whole number of at least 1.
    """
    if value is None or value == "":
        return None
    text = str(value).strip().replace("_", "")
    if not (text.isascii() and text.isdigit()) or int(text) == 0:
        raise InvalidRowsError(str(value))
    return int(text)


def inspect(path: Path | str | None = None, rows: int | None = None) -> Source:
    """Look into a data set before anything is created.

    Parameters
    ----------
    path
        `.csv`, `.csv.gz` or `.zip`; None or an empty text is the committed sample.
    rows
        How many first rows will be asked for; at least one of the first ones must be an event.

    Raises
    ------
    DatasetError
        If the file cannot be used; the message names the file, the place and the remedy.
    """
    path = Path(path).expanduser() if path else sample_path()
    packed = _packing(path)
    chunks = packed.chunks()
    head = next(chunks, b"")
    source = _with_first_line(packed, head)
    _require_event(source, head, rows)
    if source.kind != "csv" and source.size_bytes <= _CHECKED_WHOLE_BYTES:
        for _ in chunks:
            pass
    return source


def _packing(path: Path) -> Source:
    try:
        if path.is_dir():
            raise NotAFileError(path)
        size_bytes = path.stat().st_size
        with path.open("rb") as file:
            magic = file.read(8)
    except FileNotFoundError as error:
        raise NoSuchDatasetError(path) from error
    except OSError as error:
        raise UnreadableDatasetError(path, error.strerror or str(error)) from error
    if not size_bytes:
        raise NoEventsError(path, "the file is empty")
    for start, (found, remedy) in _NOT_CSV.items():
        if magic.startswith(start):
            raise NotCsvError(path, found, remedy)
    if magic.startswith(b"PK"):
        return Source(path, "zip", _only_csv(path), size_bytes)
    return Source(path, "csv.gz" if magic.startswith(b"\x1f\x8b") else "csv", None, size_bytes)


def _only_csv(path: Path) -> str:
    """Return the one CSV in a zip file, past what macOS adds."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
    except zipfile.BadZipFile as error:
        raise BrokenArchiveError(path, str(error)) from error
    except OSError as error:
        raise UnreadableDatasetError(path, error.strerror or str(error)) from error
    found = [info for info in members if info.filename.lower().endswith((".csv", ".csv.gz"))]
    if not found:
        names = [info.filename for info in members]
        raise ZipContentError(path, "holds no .csv", names, "Give the zip from Kaggle, or the CSV itself")
    if len(found) > 1:
        names = [info.filename for info in found]
        raise ZipContentError(path, "holds several CSV files", names, "Unpack it and give one of them")
    if found[0].flag_bits & 0x1:
        raise ZipContentError(path, "is encrypted", [found[0].filename], "Unpack it with its password and give the CSV")
    return found[0].filename


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")


def _with_first_line(packed: Source, head: bytes) -> Source:
    """Tell from line 1 whether it is the header, an event or neither."""
    has_bom = head.startswith(UTF8_BOM)
    first, newline, _ = head[len(UTF8_BOM) * has_bom :].partition(b"\n")
    crlf = bool(newline) and first.endswith(b"\r")
    line = first.removesuffix(b"\r")
    if not head.strip():
        raise NoEventsError(packed.path, "the file is empty")
    if b"\0" in line:
        raise NotCsvError(packed.path, "not a text file", "give the Kaggle CSV, or a .gz or .zip of it")
    if b"\r" in line:
        raise NotCsvError(packed.path, "text whose lines end with CR alone", "save it with LF or CRLF line ends")
    text = line.decode("utf-8", errors="backslashreplace")
    has_header = _is_header(packed.path, text)
    return Source(
        packed.path, packed.kind, packed.member, packed.size_bytes, has_header, has_bom, "CRLF" if crlf else "LF"
    )


def _is_header(path: Path, text: str) -> bool:
    expected = ",".join(COLUMNS)
    fields = text.replace('"', "").split(",")
    if tuple(fields) == COLUMNS:
        return True
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if text.replace('"', "").count(separator) >= len(COLUMNS) - 1:
            raise WrongColumnsError(path, text, expected, f"the columns are separated by {name}, not commas")
    named = [field.strip().lower() for field in fields]
    known = set(COLUMNS) & set(named)
    # A line of data names no column; a header of another file names some.
    if len(known) < 2:
        return False
    missing = [column for column in COLUMNS if column not in named]
    extra = [field for field in fields if field.strip().lower() not in COLUMNS]
    if missing or extra:
        parts = [f"column {', '.join(missing)} missing"] if missing else []
        parts += [f"unknown column {', '.join(map(repr, extra))}"] if extra else []
        raise WrongColumnsError(path, text, expected, " and ".join(parts))
    problem = "the columns stand in another order" if tuple(named) != COLUMNS else "the header is spelt differently"
    raise WrongColumnsError(path, text, expected, problem)


def _require_event(source: Source, head: bytes, rows: int | None) -> None:
    """Refuse a file whose first rows, all of a small file, hold no event."""
    first_problem = ""
    read = 0
    # A full chunk ends anywhere in a line; a shorter one is the whole file, its last line with or without an end.
    whole_lines = (head[: head.rfind(b"\n") + 1] or head) if len(head) == CHUNK_BYTES else head
    for block in clean_blocks(without_first_line([whole_lines], source), source.name, source.first_line_number, rows):
        if block.rows:
            return
        read += len(block.rejected)
        if block.rejected and not first_problem:
            row = block.rejected[0]
            first_problem = f"line {row.line_number}: {row.reason}"
    if not read:
        raise NoEventsError(source.path, "it has a header and no rows")
    raise NoEventsError(source.path, f"none of its first {read:,} rows is well-formed, {first_problem}")
