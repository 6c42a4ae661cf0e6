"""A note as Zeppelin 0.10 stores it: JSON, importable in Flink Studio as it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from helpers.errors import LabError
from helpers.zeppelin.source import NoteParameters, Paragraph, note_names, read_paragraphs

ZEPPELIN_VERSION = "0.10.0"

# Zeppelin wants dates in every paragraph; a fixed one keeps the files the same from render to render.
_DATE = "2026-01-01 00:00:00.000"
_EPOCH_MILLIS = 1767225600000


class UnreadableNoteError(LabError):
    """A file is no Zeppelin note."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is not a Zeppelin note ({reason}): render it anew with `python -m helpers notes`.")


def render(name: str, parameters: NoteParameters) -> str:
    """Return the text of `NAME.zpln` for the given parameters.

    Raises
    ------
    helpers.zeppelin.source.NoteSourceError
        If the source cannot be rendered.
    """
    note = to_json(name, read_paragraphs(name, parameters))
    return json.dumps(note, indent=2, ensure_ascii=False) + "\n"


def write_notes(folder: Path, parameters: NoteParameters) -> list[Path]:
    """Write every note into `folder`, UTF-8 without a byte-order mark, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in note_names():
        path = folder / f"{name}.zpln"
        path.write_text(render(name, parameters), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def read_note(path: Path) -> list[Paragraph]:
    """Read the paragraphs of a `.zpln` file.

    Raises
    ------
    UnreadableNoteError
        If it is no note.
    """
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return [_from_json(paragraph) for paragraph in note["paragraphs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableNoteError(path, str(error)) from error


def to_json(name: str, paragraphs: list[Paragraph]) -> dict[str, Any]:
    """Return a note as Zeppelin's JSON, with ids that depend on name and position alone."""
    return {
        "paragraphs": [_paragraph_json(name, number, paragraph) for number, paragraph in enumerate(paragraphs)],
        "name": name,
        "id": f"2{_digest(name)[:8].upper()}",
        "defaultInterpreterGroup": "flink",
        "version": ZEPPELIN_VERSION,
        "noteParams": {},
        "noteForms": {},
        "angularObjects": {},
        "config": {"isZeppelinNotebookCronEnable": False, "looknfeel": "default", "personalizedMode": "false"},
        "info": {},
        "path": f"/{name}",
    }


def _paragraph_json(note: str, number: int, paragraph: Paragraph) -> dict[str, Any]:
    prose = paragraph.directive == "%md"
    suffix = int(_digest(f"{note}/{number}")[:8], 16)
    return {
        "title": paragraph.title,
        "text": f"{paragraph.directive}\n\n{paragraph.text}",
        "user": "anonymous",
        "dateUpdated": _DATE,
        "progress": 0,
        "config": {
            "colWidth": 12.0,
            "fontSize": 9.0,
            "enabled": paragraph.enabled,
            "title": bool(paragraph.title),
            "results": {},
            "editorSetting": {
                "language": "markdown" if prose else "sql",
                "editOnDblClick": prose,
                "completionKey": "TAB",
                "completionSupport": not prose,
            },
            "editorMode": "ace/mode/markdown" if prose else "ace/mode/sql",
            # Shown: without a result, a hidden paragraph would be an empty box.
            "editorHide": False,
        },
        "settings": {"params": {}, "forms": {}},
        "apps": [],
        "runtimeInfos": {},
        "progressUpdateIntervalMs": 500,
        "jobName": f"paragraph_{_EPOCH_MILLIS + number}_{suffix}",
        "id": f"paragraph_{_EPOCH_MILLIS + number}_{suffix}",
        "dateCreated": _DATE,
        "status": "READY",
    }


def _from_json(paragraph: dict[str, Any]) -> Paragraph:
    directive, _, text = paragraph["text"].lstrip().partition("\n")
    enabled = bool(paragraph["config"].get("enabled", True))
    return Paragraph(directive.strip(), text.strip(), paragraph.get("title") or "", enabled)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
