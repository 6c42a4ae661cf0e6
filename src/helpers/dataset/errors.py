"""Why a data set is refused; each error names the file, the place in it and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers.errors import LabError


class DatasetError(LabError):
    """The data set cannot be used."""


class NoSuchDatasetError(DatasetError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"No file {path}: check the path (DATASET=path/to/2019-Oct.csv), or leave it out for the sample."
        )


class NotAFileError(DatasetError):
    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not a file: name the .csv, .csv.gz or .zip itself.")


class UnreadableDatasetError(DatasetError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read ({reason}): check its permissions and the disk.")


class NotCsvError(DatasetError):
    """The file is of a kind that the lab does not read."""

    def __init__(self, path: Path, found: str, remedy: str) -> None:
        super().__init__(f"{path} is {found}: {remedy}.")


class BrokenArchiveError(DatasetError):
    """A gzip or zip file is cut off or damaged."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is cut off or damaged ({reason}): download or compress it again.")


class ZipContentError(DatasetError):
    """A zip file does not hold exactly one CSV that can be read."""

    def __init__(self, path: Path, found: str, names: Sequence[str], remedy: str) -> None:
        listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        super().__init__(f"{path} {found}{': ' + listed if listed else ''}. {remedy}.")


class WrongColumnsError(DatasetError):
    """Line 1 is a header, but not that of the Kaggle file."""

    def __init__(self, path: Path, found: str, expected: str, problem: str) -> None:
        shown = found if len(found) <= 200 else found[:197] + "..."
        super().__init__(
            f"{path}, line 1: {problem}; found {shown!r}, expected {expected!r}: "
            "use the Kaggle file as downloaded, or rewrite it with these columns."
        )


class NoEventsError(DatasetError):
    """Nothing in the file, or in the part asked for, is an event."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path} has no event to use: {reason}. "
            "It must be a CSV of the Kaggle file's nine columns, UTF-8, separated by commas."
        )


class LineTooLongError(DatasetError):
    def __init__(self, path: str, line_number: int, limit_bytes: int) -> None:
        super().__init__(
            f"{path}, line {line_number}: longer than {limit_bytes:,} bytes, so this is no CSV of events; "
            "check that the file is the Kaggle one and its lines end with LF or CRLF."
        )


class UnwritableCutError(DatasetError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be written ({reason}): make room or choose another folder.")


class InvalidRowsError(DatasetError):
    """The number of rows is no positive whole number."""

    def __init__(self, value: str) -> None:
        super().__init__(
            f"ROWS is {value!r}: give a whole number of at least 1, like ROWS=7000000, or leave it out for all."
        )
