"""The runner executes notebooks in order, keeps every copy and says in three lines what failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from helpers.parameters import MissingParametersCellError, UnknownParameterError, check_all_known, select
from helpers.runner import NoNotebooksError, NotebookFailedError, NotebookRun, find_notebooks, run_all

WriteNotebook = Callable[..., Path]


def test_notebooks_are_found_by_their_number_and_in_order(tmp_path: Path) -> None:
    for name in ("01_b.ipynb", "00_a.ipynb", "scratch.ipynb", "02_c.txt"):
        (tmp_path / name).touch()
    assert [found.name for found in find_notebooks(tmp_path)] == ["00_a.ipynb", "01_b.ipynb"]


def test_a_folder_without_notebooks_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoNotebooksError, match="run from a complete checkout"):
        find_notebooks(tmp_path)


def test_each_notebook_gets_the_parameters_that_it_declares(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    taking = write_notebook("00_a.ipynb", "assert rows == 7")
    other = write_notebook("01_b.ipynb", "assert shards == 2", parameters="shards: int = 2")
    seen: list[NotebookRun] = []
    run_all([taking, other], tmp_path / "copies", {"rows": 7}, seen.append)
    assert [(run.name, run.status) for run in seen] == [("00_a", "ok"), ("01_b", "ok")]
    assert (tmp_path / "copies" / "01_b.ipynb").is_file()


def test_links_out_of_the_notebooks_folder_lead_there_from_the_copy(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    (tmp_path / "notebooks").mkdir()
    notebook = write_notebook("notebooks/00_a.ipynb")
    (tmp_path / "picture.png").touch()
    book = nbformat.read(notebook, as_version=4)
    book.cells.append(new_markdown_cell("![A picture](../picture.png) and [the next](01_b.ipynb)"))
    nbformat.write(book, notebook)
    copies = tmp_path / "build" / "notebooks"
    run_all([notebook], copies, {}, lambda run: None)
    text = nbformat.read(copies / "00_a.ipynb", as_version=4).cells[-1].source
    picture, other = re.findall(r"\(([^)]+)\)", text)
    assert (copies / picture).samefile(tmp_path / "picture.png") and other == "01_b.ipynb"


def test_a_failure_names_notebook_cell_and_error_in_three_lines_and_keeps_the_copy(
    write_notebook: WriteNotebook, tmp_path: Path
) -> None:
    bad = write_notebook("00_bad.ipynb", "1 + 1", "raise ValueError('no such shop')")
    after = write_notebook("01_after.ipynb")
    seen: list[NotebookRun] = []
    with pytest.raises(NotebookFailedError) as failure:
        run_all([bad, after], tmp_path / "copies", {}, seen.append)
    copy = tmp_path / "copies" / "00_bad.ipynb"
    assert str(failure.value).splitlines() == [
        "Notebook 00_bad.ipynb failed in cell 4:",
        "ValueError: no such shop",
        f"The executed copy is {copy}",
    ]
    assert [run.status for run in seen] == ["failed"]
    assert "no such shop" in copy.read_text(encoding="utf-8")


def test_the_failed_cell_is_counted_as_in_the_original_notebook(write_notebook: WriteNotebook, tmp_path: Path) -> None:
    bad = write_notebook("00_bad.ipynb", "raise ValueError('x')")
    with pytest.raises(NotebookFailedError, match="failed in cell 3:"):
        run_all([bad], tmp_path / "copies", {"rows": 2}, lambda run: None)


def test_a_misspelt_parameter_is_refused_with_the_known_ones(write_notebook: WriteNotebook) -> None:
    book = write_notebook("00_a.ipynb")
    with pytest.raises(UnknownParameterError, match="No parameter row in any notebook: it has rows"):
        check_all_known([book], {"row": 7})


def test_a_notebook_without_a_parameters_cell_is_refused(write_notebook: WriteNotebook) -> None:
    book = write_notebook("00_a.ipynb", parameters=None)
    with pytest.raises(MissingParametersCellError, match=r"00_a\.ipynb has no cell tagged `parameters`"):
        select(book, {"rows": 7})
