"""Zeppelin's own classes read a note, as they do when it is imported in Studio."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from jvm import groovy_command, support_jars


class NoteRefusedError(Exception):
    """Zeppelin cannot read a note."""


def load(note: Path, saved: Path) -> dict[str, Any]:
    """Read a note by Zeppelin's loader, let Zeppelin save it, and return what it knows of it.

    Parameters
    ----------
    note
        The `.zpln` file.
    saved
        File into which Zeppelin saves the note.

    Raises
    ------
    NoteRefusedError
        With Zeppelin's own words.
    """
    command = groovy_command("zeppelin_loader.groovy", support_jars("zeppelin"))
    done = subprocess.run(
        [*command, str(note), str(saved)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        raise NoteRefusedError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
