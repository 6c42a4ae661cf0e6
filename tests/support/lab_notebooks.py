"""Notebooks of a few cells, in the frame that the runner expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def write_lab_notebook(path: Path, *sources: str, parameters: str | None = "rows: int = 1  # how many") -> Path:
    """Write the given code cells after a title and a cell tagged `parameters`, and return the path."""
    cells: list[Any] = [new_markdown_cell("# Title")]
    if parameters is not None:
        cells.append(new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    cells += [new_code_cell(source) for source in sources]
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path
