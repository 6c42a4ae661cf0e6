"""A sheet of a definition as one picture, each visual where the sheet's grid has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matplotlib.figure import Figure

from helpers.charts import quicksight as charts
from helpers.errors import LabError
from helpers.quicksight.filters import Tables, Values, moment, parameter_values, visible_rows
from helpers.quicksight.views import view

_COLUMNS = 36
_CONTROL_ROWS = 2


class NoSheetError(LabError):
    """The definition has no sheet of that name."""

    def __init__(self, sheet: str, known: list[str]) -> None:
        super().__init__(f"The definition has no sheet {sheet!r}: it has {', '.join(known) or 'none'}.")


def draw_sheet(
    definition: dict[str, Any], sheet_id: str, tables: Tables, parameters: dict[str, Any] | None = None
) -> Figure:
    """Draw what a sheet would show.

    Parameters
    ----------
    definition
        As DescribeDashboardDefinition gives it.
    sheet_id
        Which of its sheets.
    tables
        The rows of each data set, by the identifier that the definition declares.
    parameters
        `Parameters` as CreateDashboard has them; what they leave out has its default.

    Raises
    ------
    NoSheetError
        If there is no such sheet.
    helpers.quicksight.errors.NotDrawnError
        If a filter or a field is of a kind that the picture does not know.
    """
    sheets = {sheet["SheetId"]: sheet for sheet in definition.get("Sheets", [])}
    if sheet_id not in sheets:
        raise NoSheetError(sheet_id, list(sheets))
    sheet = sheets[sheet_id]
    values = parameter_values(definition, parameters)
    visuals = {next(iter(visual.values()))["VisualId"]: visual for visual in sheet.get("Visuals", [])}
    placed = []
    for element in _elements(sheet):
        if element["ElementId"] in visuals:
            rows = visible_rows(definition, sheet_id, element["ElementId"], tables, values)
            placed.append((_place(element), view(visuals[element["ElementId"]], rows, definition)))
    return charts.sheet(placed, _controls(sheet, values), _COLUMNS, _CONTROL_ROWS)


def _elements(sheet: dict[str, Any]) -> list[dict[str, Any]]:
    layouts = [layout["Configuration"].get("GridLayout", {}) for layout in sheet.get("Layouts", [])]
    return [element for layout in layouts for element in layout.get("Elements", [])]


def _place(element: dict[str, Any]) -> tuple[slice, slice]:
    """Return rows and columns of an element, below the sheet's controls."""
    top, left = element.get("RowIndex", 0) + _CONTROL_ROWS, element.get("ColumnIndex", 0)
    return slice(top, top + element["RowSpan"]), slice(left, left + element["ColumnSpan"])


def _controls(sheet: dict[str, Any], values: Values) -> list[tuple[str, str]]:
    """Return title and setting of each control."""
    found = []
    for each in sheet.get("ParameterControls", []):
        ((_, control),) = each.items()
        name = control["SourceParameterName"]
        found.append((control.get("Title", name), _setting(values.get(name, []))))
    for each in sheet.get("FilterControls", []):
        ((_, control),) = each.items()
        found.append((control.get("Title", control.get("SourceFilterId", "")), "all"))
    return found


def _setting(values: list[Any]) -> str:
    if len(values) > 1:
        return f"{len(values)} chosen"
    if not values:
        return "all"
    return f"{moment(values[0]):%Y-%m-%d}" if isinstance(values[0], datetime) else str(values[0])
