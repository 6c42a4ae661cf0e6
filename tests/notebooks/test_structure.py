"""Every notebook keeps the course's frame and shape."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.parameters import declared

LONGEST_CELL_LINES = 25
MOST_CODE_CELLS_IN_A_ROW = 2


@pytest.fixture
def cells(notebook: Path) -> list[Any]:
    book = nbformat.read(notebook, as_version=4)
    nbformat.validate(book)
    found: list[Any] = book.cells
    return found


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


def code(cells: list[Any]) -> list[Any]:
    return [cell for cell in cells if cell.cell_type == "code"]


def prose(cells: list[Any]) -> str:
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_one_title_with_the_files_number(notebook: Path, cells: list[Any]) -> None:
    titles = re.findall(r"^# .+", prose(cells), re.MULTILINE)
    assert len(titles) == 1
    assert titles[0].startswith(f"# {notebook.name[:2]} ")


def test_the_opening_says_goals_needs_time_and_cost(cells: list[Any]) -> None:
    opening = "\n".join(cell.source for cell in cells[:3])
    missing = [word for word in ("You will", "Needs", "Time", "On AWS") if word not in opening]
    assert not missing


def test_parameters_are_typed_in_one_tagged_cell(notebook: Path, cells: list[Any]) -> None:
    tagged = [cell for cell in cells if "parameters" in tags(cell)]
    assert len(tagged) == 1
    assert declared(notebook)
    lines = [line for line in tagged[0].source.splitlines() if line.strip()]
    named = {line.partition(":")[0] for line in lines}
    assert declared(notebook) == named, "papermill cannot read a parameter line: write its type without `|`"
    untyped = [line for line in lines if not re.match(r"\w+: [\w\[\] |]+ = .+  # .+", line)]
    assert not untyped, "a parameter line is `name: type = value  # help`"


def test_no_cell_is_too_long_to_take_in(cells: list[Any]) -> None:
    long = [cell.source.splitlines()[0] for cell in code(cells) if len(cell.source.splitlines()) > LONGEST_CELL_LINES]
    assert not long


def test_prose_comes_between_the_code(cells: list[Any]) -> None:
    runs = [(kind, len(list(run))) for kind, run in groupby(cells, key=lambda cell: cell.cell_type)]
    assert max(length for kind, length in runs if kind == "code") <= MOST_CODE_CELLS_IN_A_ROW


def test_checks_are_asserts_with_a_message(cells: list[Any]) -> None:
    asserts = re.findall(r"^\s*assert .+", "\n".join(cell.source for cell in code(cells)), re.MULTILINE)
    assert asserts, "a notebook checks what it taught"
    assert all("," in line for line in asserts), [line for line in asserts if "," not in line]


def test_there_is_an_exercise_whose_solution_runs(cells: list[Any]) -> None:
    assert "Your turn" in prose(cells)
    assert any("solution" in tags(cell) for cell in code(cells))


def test_it_ends_with_what_you_have_and_a_link_to_the_next(
    notebook: Path, notebooks: list[Path], cells: list[Any]
) -> None:
    ending = prose(cells[-2:])
    assert "You now have" in ending
    following = notebooks[notebooks.index(notebook) + 1 :]
    if following:
        assert f"({following[0].name})" in ending


def test_outputs_are_of_one_clean_run(cells: list[Any]) -> None:
    counts = [cell.execution_count for cell in code(cells)]
    assert counts == list(range(1, len(counts) + 1)), "run `python -m helpers run` and commit its copies"
    errors = [cell.source for cell in code(cells) for output in cell.outputs if output.output_type == "error"]
    assert not errors


def test_nothing_of_one_machine_or_account_is_kept(notebook: Path) -> None:
    text = notebook.read_text(encoding="utf-8")
    assert not re.search(r"/home/|/root/|/Users/|/tmp/|[A-Z]:\\\\", text)
    assert not re.search(r"AKIA[0-9A-Z]{16}|aws_secret_access_key\s*=", text)


def test_no_region_endpoint_or_resource_name_is_written_out(cells: list[Any]) -> None:
    source = "\n".join(cell.source for cell in code(cells))
    # A service principal, such as glue.amazonaws.com, is the same everywhere; an endpoint is not.
    assert not re.search(r"127\.0\.0\.1|localhost|[\w-]+\.[\w-]+\.amazonaws\.com", source)
    assert not re.search(r"ecommerce-lab", source), "settings name every resource"
