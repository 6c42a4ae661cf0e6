"""The data sets of notebook 11, taken from the notebook: its SQL stands there, for a learner to read."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from helpers.settings import Settings, find_project_root

_NOTEBOOK = "11_quicksight.ipynb"
# What the notebook's cells call its data sets and their schedule, and what these are made of.
_NAMES = ("queries", "columns", "typed", "tables", "where", "nightly", "schedule")


@dataclass(frozen=True)
class Lesson:
    """What the notebook says of its data sets.

    Attributes
    ----------
    tables
        The physical table of each data set, by its name.
    imported
        Names of those that SPICE holds.
    schedule
        When these are imported again.
    """

    tables: dict[str, dict[str, Any]]
    imported: list[str]
    schedule: dict[str, Any]


def lab_lesson(settings: Settings, source_arn: str) -> Lesson:
    """Return what notebook 11 says of its data sets, for the names of `settings` and a data source."""
    said: dict[str, Any] = {"settings": settings, "source_arn": source_arn}
    path = find_project_root() / "notebooks" / _NOTEBOOK
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    python = TransformerManager()
    statements: list[ast.stmt] = [
        statement
        for source in cells
        for statement in ast.parse(python.transform_cell(source)).body
        if isinstance(statement, ast.Assign) and _name(statement.targets[0]) in _NAMES
    ]
    exec(compile(ast.Module(statements, []), str(path), "exec"), said)
    return Lesson(said["tables"], list(said["queries"]), said["schedule"])


def _name(target: ast.expr) -> str:
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""
