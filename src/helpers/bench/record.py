"""`build/bench.json`: what the parts of the benchmark measured, when and on what machine.

Its keys: `machine` {cpus, memory_gb, python, os}; `parts`, one entry a part: `name`, `status` (`ok` or
`failed`), `error` (a sentence, empty if ok), `seconds`, `date` (ISO 8601, UTC), `runs`, `share` (of the full
sizes); `figures`, one entry a row of the table: `part`, all attributes of `helpers.bench.figure.Figure`, and
`result` and `met` worked out of them.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import psutil

from helpers.bench.figure import Figure

_GB = 1_000_000_000


@dataclass(frozen=True)
class Part:
    """A part of the benchmark that was run; attributes as the module's text names them."""

    name: str
    status: str
    error: str
    seconds: float
    date: str
    runs: int
    share: float


def machine() -> dict[str, Any]:
    """Say what the figures were measured on, without the machine's name."""
    return {
        "cpus": os.cpu_count() or 1,
        "memory_gb": round(psutil.virtual_memory().total / _GB, 1),
        "python": platform.python_version(),
        "os": f"{platform.system()} {platform.machine()}",
    }


def path_of(build_dir: Path) -> Path:
    """Return where the record of a build folder is."""
    return build_dir / "bench.json"


def read(build_dir: Path) -> dict[str, Any]:
    """Return the record, an empty one if there is none yet."""
    path = path_of(build_dir)
    if not path.is_file():
        return {"machine": machine(), "parts": [], "figures": []}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def keep(build_dir: Path, part: Part, figures: Sequence[Figure]) -> None:
    """Put a part into the record, in place of what it had measured before."""
    record = read(build_dir)
    record["machine"] = machine()
    record["parts"] = [each for each in record["parts"] if each["name"] != part.name] + [asdict(part)]
    own = [{"part": part.name, **as_record(figure)} for figure in figures]
    record["figures"] = [each for each in record["figures"] if each["part"] != part.name] + own
    path = path_of(build_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Interrupted half-way, the earlier record stays whole.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)


def as_record(figure: Figure) -> dict[str, Any]:
    """Return a figure as the record has it."""
    return {**asdict(figure), "result": figure.result, "met": figure.met}


def as_figure(entry: dict[str, Any]) -> Figure:
    """Return the figure of an entry of the record."""
    return Figure(**{each.name: entry[each.name] for each in fields(Figure)})
