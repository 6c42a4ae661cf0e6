"""Run the course: every notebook in order through papermill, executed copies kept."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from helpers.errors import LabError
from helpers.parameters import select
from helpers.whole_file import whole_file

# A cell that takes longer than this hangs: the longest, a replay of 7 million events, is minutes.
CELL_TIMEOUT_SECONDS = 3600

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class NoNotebooksError(LabError):
    """There is nothing to run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"No notebook named NN_*.ipynb in {folder}: run from a complete checkout of the lab.")


class NotebookFailedError(LabError):
    """A notebook stopped; three lines name notebook, cell and error, and the kept copy."""

    def __init__(self, notebook: str, cell: str, error: str, copy: Path) -> None:
        super().__init__(f"Notebook {notebook} failed in {cell}:\n{error}\nThe executed copy is {copy}")


@dataclass(frozen=True)
class NotebookRun:
    """One executed notebook; `status` is `ok` or `failed`."""

    name: str
    status: str
    seconds: float


def find_notebooks(folder: Path) -> list[Path]:
    """Return the course's notebooks in order, found by their number.

    Raises
    ------
    NoNotebooksError
        If the folder has none.
    """
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise NoNotebooksError(folder)
    return found


def run_all(
    notebooks: Sequence[Path],
    copies: Path,
    given: Mapping[str, Any],
    on_done: Callable[[NotebookRun], None],
) -> list[NotebookRun]:
    """Execute the notebooks in order; stop at the first that fails.

    Parameters
    ----------
    notebooks
        Paths, in the order to run.
    copies
        Folder for the executed copies.
    given
        Parameters; each notebook gets those that it declares.
    on_done
        Called after each notebook, the failed one included.

    Raises
    ------
    NotebookFailedError
        After `on_done` has seen the failed run.
    helpers.whole_file.UnwritableFileError
        If an executed copy cannot be written.
    """
    runs = []
    for notebook in notebooks:
        copy = copies / notebook.name
        began = time.monotonic()
        with whole_file(copy) as part:
            stopped = _execute(notebook, part, select(notebook, given))
            _relink(part, notebook.parent, copies)
        failure = stopped and NotebookFailedError(notebook.name, *stopped, copy)
        run = NotebookRun(notebook.stem, "failed" if failure else "ok", round(time.monotonic() - began, 1))
        on_done(run)
        runs.append(run)
        if failure:
            raise failure
    return runs


def as_records(runs: Sequence[NotebookRun]) -> list[dict[str, Any]]:
    """Return the runs as `run.json` lists them."""
    return [asdict(run) for run in runs]


def _execute(notebook: Path, copy: Path, parameters: dict[str, Any]) -> tuple[str, str] | None:
    """Execute a notebook; return the place of its failure and the error in one line, None if there is none."""
    try:
        papermill.execute_notebook(
            str(notebook),
            str(copy),
            parameters=parameters,
            cwd=str(notebook.parent),
            progress_bar=False,
            execution_timeout=CELL_TIMEOUT_SECONDS,
            # The kernel listens on the loopback interface alone, and its end is ours to see: both it would report.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except PapermillExecutionError as error:
        text = _ANSI.sub("", f"{error.ename}: {error.evalue}").strip()
        return f"cell {_cell_number(copy, error.source)}", text.splitlines()[0]
    except CellTimeoutError as error:
        return "a cell that did not end", str(error).splitlines()[0]
    except DeadKernelError as error:
        return "a running cell", f"the kernel died, perhaps for want of memory ({error})"
    return None


def _relink(copy: Path, home: Path, copies: Path) -> None:
    """Let the text's links and pictures that lead out of the notebooks' folder lead there from the copy too."""
    book = nbformat.read(copy, as_version=4)
    outside = home.resolve().parent
    try:
        way = Path(os.path.relpath(outside, copies.resolve())).as_posix()
    except ValueError:  # on Windows, another drive
        way = outside.as_uri()
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("](../", f"]({way}/")
    nbformat.write(book, copy)


def _cell_number(copy: Path, source: str) -> int | str:
    """Return the position of the failed cell, counted from 1 over all cells of the original notebook."""
    book = nbformat.read(copy, as_version=4)
    own = [c for c in book.cells if not {"injected-parameters", "papermill-error-cell-tag"} & set(_tags(c))]
    for number, cell in enumerate(own, start=1):
        if cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs):
            return number
    return f"with source {source.splitlines()[0]!r}"


def _tags(cell: Any) -> list[str]:
    tags: list[str] = cell.metadata.get("tags", [])
    return tags
