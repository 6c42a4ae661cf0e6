"""What a run leaves for other programs: `build/results/run.json`, written section by section."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.errors import LabError
from helpers.settings import Settings
from helpers.whole_file import write_whole

SECTIONS = (
    "target", "dataset", "notebooks", "replay", "reconciliation", "bots", "athena", "cost_on_aws_usd",
)  # fmt: skip


class UnreadableRecordError(LabError):
    """The file of an earlier run cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read ({reason}): delete it and run again.")


def path_of(settings: Settings) -> Path:
    """Return where the record of this build folder stands."""
    return settings.results_dir / "run.json"


def read(settings: Settings) -> dict[str, Any]:
    """Return the record so far, an empty one before the first note.

    Raises
    ------
    UnreadableRecordError
        If the file is not JSON.
    """
    path = path_of(settings)
    if not path.is_file():
        return {}
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableRecordError(path, str(error)) from error
    return record


def note(settings: Settings, section: str, value: Any) -> None:
    """Set one section of the record, keeping the others.

    Parameters
    ----------
    settings
        Their `results_dir` holds the record.
    section
        One of `SECTIONS`.
    value
        Anything that JSON can hold.

    Raises
    ------
    ValueError
        If `section` is not one of `SECTIONS`.
    UnreadableRecordError
        If the record of an earlier run is not JSON.
    helpers.whole_file.UnwritableFileError
        If it cannot be written.
    """
    if section not in SECTIONS:
        raise ValueError(f"{section!r} is not a section of run.json; they are {', '.join(SECTIONS)}")
    record = read(settings) | {section: value}
    ordered = {name: record[name] for name in SECTIONS if name in record}
    write_whole(path_of(settings), json.dumps(ordered, indent=2) + "\n")
