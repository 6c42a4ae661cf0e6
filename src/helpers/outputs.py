"""Take the outputs of a run over into the course's own notebooks, which are committed with them."""

from __future__ import annotations

from pathlib import Path

import nbformat

from helpers.errors import LabError
from helpers.runner import find_notebooks


class NoCleanRunError(LabError):
    """The build folder holds no executed copy with the notebooks' own parameters."""

    def __init__(self, notebook: str, why: str) -> None:
        super().__init__(f"The outputs of {notebook} cannot be kept ({why}): run the course without options first.")


def keep_outputs(notebooks: Path, copies: Path) -> list[Path]:
    """Take what the executed notebooks show over into the course's own; return their paths.

    Raises
    ------
    NoCleanRunError
        If a notebook was not run to its end, was run with parameters that are not its own, or was changed since.
    """
    kept = []
    for notebook in find_notebooks(notebooks):
        copy = copies / notebook.name
        if not copy.is_file():
            raise NoCleanRunError(notebook.name, "it was not run")
        book = nbformat.read(notebook, as_version=4)
        for own, executed in zip(_code(book), _executed(copy, book), strict=True):
            own.outputs, own.execution_count = _joined(executed.outputs), executed.execution_count
        nbformat.write(book, notebook)
        kept.append(notebook)
    return kept


def _code(book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def _executed(copy: Path, book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    cells = _code(nbformat.read(copy, as_version=4))
    if any("injected-parameters" in cell.metadata.get("tags", []) for cell in cells):
        raise NoCleanRunError(copy.name, "it was run with other parameters")
    if any(cell.execution_count is None for cell in cells):
        raise NoCleanRunError(copy.name, "it stopped half-way")
    if [cell.source for cell in cells] != [cell.source for cell in _code(book)]:
        raise NoCleanRunError(copy.name, "it was changed since")
    return cells


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join what was printed in pieces: where the pieces end depends on the load of the machine."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            joined.append(output)
    return joined
