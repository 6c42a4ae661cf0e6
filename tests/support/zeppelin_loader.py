"""Zeppelin's own classes read notes, as they do when they are imported in Studio."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jvm import groovy_command, support_jars


def load(notes: Sequence[tuple[Path, Path]]) -> list[dict[str, Any]]:
    """Read notes by Zeppelin's loader in one JVM, and let Zeppelin save them.

    Parameters
    ----------
    notes
        The `.zpln` file of each, and the file into which Zeppelin saves it.

    Returns
    -------
    list
        What Zeppelin knows of each, or `refused` with Zeppelin's own words.
    """
    command = groovy_command("zeppelin_loader.groovy", support_jars("zeppelin"))
    places = [str(path) for pair in notes for path in pair]
    done = subprocess.run([*command, *places], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
