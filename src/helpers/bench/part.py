"""Measure one part of the benchmark in a process of its own: `python -m helpers.bench.part REQUEST`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from helpers.bench.figure import Scale
from helpers.bench.record import as_record
from helpers.errors import LabError


def main(request: Path) -> int:
    """Measure what a request asks for, and write its figures where it wants them.

    Parameters
    ----------
    request
        A JSON file: `module` with a function `measure`, `figures` the file to write, and the
        attributes of `helpers.bench.figure.Scale`.
    """
    wanted = json.loads(request.read_text(encoding="utf-8"))
    scale = Scale(Path(wanted["folder"]), wanted["runs"], wanted["share"], Path(wanted["shared"]))
    try:
        figures = importlib.import_module(wanted["module"]).measure(scale)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps([as_record(figure) for figure in figures])
    Path(wanted["figures"]).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
