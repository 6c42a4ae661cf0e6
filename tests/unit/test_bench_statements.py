"""The benchmark asks what the notebooks ask."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from helpers.bench import insight_sql

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def code_of(notebook: str) -> str:
    book = nbformat.read(NOTEBOOKS / notebook, as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    for name in ("{settings.events_table}", "{settings.raw_table}"):
        code = code.replace(name, "T")
    code = code.replace("{settings.events_by_type_table}", "B").replace("{settings.lake_uri}events_by_type/", "LB")
    return code.replace("{settings.lake_uri}events/", "L").replace("{least_expected}", "5")


@pytest.mark.parametrize("statement", insight_sql.STATEMENTS, ids=lambda each: each.__name__)
def test_statements_are_those_of_notebook_06(statement: insight_sql.Statement) -> None:
    code = code_of("06_insights.ipynb")
    for slot, expression in (("hour", "hour(event_time)"), ("weekday", "day_of_week(event_time)")):
        assert f'top_five("{slot}", "{expression}")' in code
        code += code.replace("{expression}", expression).replace("{slot}", slot)
    # A WITH that several cells share stands in a cell of its own.
    pieces = statement("T").strip().split("\n\n")
    assert all(piece in code for piece in pieces)


def test_table_is_that_of_notebook_05() -> None:
    assert insight_sql.parquet_table("T", "T", "L").strip() in code_of("05_catalog.ipynb")


def test_table_by_type_is_that_of_notebook_06() -> None:
    assert insight_sql.parquet_table_by_type("T", "B", "LB").strip() in code_of("06_insights.ipynb")
