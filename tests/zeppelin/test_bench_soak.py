"""The soak, for some seconds."""

from __future__ import annotations

from pathlib import Path

from helpers.bench import soak
from helpers.bench.figure import Scale
from helpers.bench.processes import CLIENT, EMULATOR, FUNCTIONS, JVMS


def test_every_process_is_looked_at(tmp_path: Path) -> None:
    figures = soak.measure(Scale(tmp_path, runs=1, share=0.01))
    for group in (CLIENT, EMULATOR, FUNCTIONS, *JVMS):
        [figure] = [figure for figure in figures if f" of the {group} " in figure.name]
        assert figure.details["MB"] > 1
        assert figure.why
