"""What is kept of a run in the notebooks: all outputs, whole, and no trace of the run itself."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.outputs import NoCleanRunError, keep_outputs


def executed(*texts: str, tags: list[str] | None = None) -> nbformat.NotebookNode:
    """Return a notebook of one cell that printed these pieces."""
    outputs = [new_output("stream", name="stdout", text=text) for text in texts]
    cell = new_code_cell("print()", outputs=outputs, execution_count=1)
    cell.metadata.update({"tags": tags or [], "papermill": {"duration": 1.0}})
    link = new_markdown_cell("[role](../../iam/role.json)")
    return new_notebook(cells=[link, cell], metadata={"papermill": {"input_path": "here"}})


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    notebooks, copies = tmp_path / "notebooks", tmp_path / "copies"
    notebooks.mkdir()
    copies.mkdir()
    own = [new_markdown_cell("[role](../iam/role.json)"), new_code_cell("print()")]
    nbformat.write(new_notebook(cells=own), notebooks / "01_one.ipynb")
    return notebooks, copies


def test_outputs_are_kept_and_what_was_printed_in_pieces_is_joined(folders: tuple[Path, Path]) -> None:
    notebooks, copies = folders
    nbformat.write(executed("a sen", "tence", "\n"), copies / "01_one.ipynb")
    [kept] = keep_outputs(notebooks, copies)
    book = nbformat.read(kept, as_version=4)
    text, cell = book.cells
    assert ([output.text for output in cell.outputs], cell.execution_count) == (["a sentence\n"], 1)
    assert (cell.metadata, book.metadata) == ({}, {}) and text.source == "[role](../iam/role.json)"


def test_a_run_with_other_parameters_is_not_kept(folders: tuple[Path, Path]) -> None:
    notebooks, copies = folders
    nbformat.write(executed("x", tags=["injected-parameters"]), copies / "01_one.ipynb")
    with pytest.raises(NoCleanRunError, match=r"01_one.ipynb cannot be kept \(it was run with other parameters\)"):
        keep_outputs(notebooks, copies)


def test_a_notebook_that_was_not_run_is_named(folders: tuple[Path, Path]) -> None:
    with pytest.raises(NoCleanRunError, match=r"01_one.ipynb cannot be kept \(it was not run\)"):
        keep_outputs(*folders)


def test_a_notebook_that_was_changed_since_is_named(folders: tuple[Path, Path]) -> None:
    notebooks, copies = folders
    nbformat.write(executed("x"), copies / "01_one.ipynb")
    nbformat.write(new_notebook(cells=[new_code_cell("print(1)")]), notebooks / "01_one.ipynb")
    with pytest.raises(NoCleanRunError, match=r"01_one.ipynb cannot be kept \(it was changed since\)"):
        keep_outputs(notebooks, copies)
