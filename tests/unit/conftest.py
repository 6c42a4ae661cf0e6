"""Small notebooks, written for one test each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write `name` with the given code cells, after a title and a cell tagged `parameters`."""

    def write(name: str, *sources: str, parameters: str | None = "rows: int = 1  # how many") -> Path:
        cells: list[Any] = [new_markdown_cell("# Title")]
        if parameters is not None:
            cells.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
        cells += [new_code_cell(source) for source in sources]
        kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
        path = tmp_path / name
        nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
        return path

    return write
