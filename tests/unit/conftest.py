"""Small notebooks, written for one test each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lab_notebooks import write_lab_notebook


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write `name` with the given code cells, after a title and a cell tagged `parameters`."""

    def write(name: str, *sources: str, parameters: str | None = "rows: int = 1  # how many") -> Path:
        return write_lab_notebook(tmp_path / name, *sources, parameters=parameters)

    return write
