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
    """Copy the executed notebooks over the course's own, without a trace of the run; return the paths.

    Raises
    ------
    NoCleanRunError
        If a notebook was not run to its end, or was run with parameters that are not its own.
    """
    kept = []
    for notebook in find_notebooks(notebooks):
        copy = copies / notebook.name
        if not copy.is_file():
            raise NoCleanRunError(notebook.name, "it was not run")
        book = nbformat.read(copy, as_version=4)
        _check(notebook.name, book)
        for cell in book.cells:
            for key in ("papermill", "execution"):
                cell.metadata.pop(key, None)
            if not cell.metadata.get("tags"):
                cell.metadata.pop("tags", None)
            if cell.cell_type == "code":
                cell.outputs = _joined(cell.outputs)
        book.metadata.pop("papermill", None)
        book.metadata["language_info"] = {"name": "python"}
        nbformat.write(book, notebook)
        kept.append(notebook)
    return kept


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


def _check(name: str, book: nbformat.NotebookNode) -> None:
    for cell in book.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            raise NoCleanRunError(name, "it was run with other parameters")
        if cell.cell_type == "code" and cell.execution_count is None:
            raise NoCleanRunError(name, "it stopped half-way")
