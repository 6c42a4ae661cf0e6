"""What identifiers mean that AWS gave out: a later call names them alone, perhaps in another process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Meaning = Mapping[str, Any]


class Meanings:
    """Parameters by identifier, shared by the processes of a run in a file that lines are added to.

    Parameters
    ----------
    path
        The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Meaning] = {}
        self._read_bytes = 0

    def __setitem__(self, identifier: str, meaning: Meaning) -> None:
        if self._known.get(identifier) == meaning:
            return
        self._known[identifier] = meaning
        # One write of one line: the processes of a run share the file.
        with self._path.open("ab", buffering=0) as file:
            file.write(json.dumps([identifier, meaning]).encode() + b"\n")

    def of(self, identifier: str) -> Meaning:
        """Return what an identifier stands for, nothing if nobody has said."""
        if identifier not in self._known:
            self._read()
        return self._known.get(identifier, {})

    def beginning(self, start: str) -> dict[str, Meaning]:
        """Return the meanings of the identifiers that begin so, by what follows."""
        self._read()
        return {name.removeprefix(start): meaning for name, meaning in self._known.items() if name.startswith(start)}

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            for line in file:
                # What another process has half written is read next time.
                if not line.endswith(b"\n"):
                    break
                identifier, meaning = json.loads(line)
                self._known[identifier] = meaning
                self._read_bytes += len(line)
