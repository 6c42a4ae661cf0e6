"""What a visual shows: the rows that its field wells make of a data set, in its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.quicksight import expressions
from helpers.quicksight.errors import NotDrawnError
from helpers.quicksight.filters import Tables

_AGGREGATIONS = {
    "SUM": "sum", "AVERAGE": "mean", "MIN": "min", "MAX": "max", "COUNT": "count", "DISTINCT_COUNT": "nunique",
    "MEDIAN": "median",
}  # fmt: skip
# Members of the field wells that group; the others are measures.
_GROUPING = ("Category", "Rows", "Columns", "GroupBy", "Colors")
# Before the name of a column that a visual sorts by and does not show.
_UNSEEN = "sort by "
_PERIODS = {"DAY": "D", "HOUR": "h", "MONTH": "MS", "WEEK": "W-MON"}


@dataclass
class View:
    """A visual and its rows.

    Attributes
    ----------
    kind
        Such as `LineChartVisual`.
    rows
        A column for each field, by its FieldId, those of `dimensions` first.
    names
        What to call each field.
    percent
        The fields that are shown as percentages.
    """

    kind: str
    title: str
    configuration: dict[str, Any]
    rows: pd.DataFrame
    dimensions: list[str] = field(default_factory=list)
    measures: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    percent: set[str] = field(default_factory=set)

    def label(self, member: str) -> str:
        """Return the label of an axis, empty if it has none."""
        options = self.configuration.get(member, {}).get("AxisLabelOptions", [])
        return str(options[0].get("CustomLabel", "")) if options else ""

    def color(self, field_id: str) -> str | None:
        """Return the colour of a measure."""
        for each in self.configuration.get("VisualPalette", {}).get("ColorMap", []):
            if each["Element"].get("FieldId") == field_id:
                return str(each["Color"])
        return None


def view(visual: dict[str, Any], tables: Tables, definition: dict[str, Any]) -> View:
    """Return what a visual shows of the rows that it may see.

    Raises
    ------
    NotDrawnError
        For a field or an expression that is not known here.
    """
    ((kind, body),) = visual.items()
    configuration = body.get("ChartConfiguration", {})
    title = body.get("Title", {}).get("FormatText", {}).get("PlainText", "")
    found = View(kind, title, configuration, pd.DataFrame())
    wells = _wells(configuration)
    if kind == "TableVisual" and "TableUnaggregatedFieldWells" in configuration.get("FieldWells", {}):
        _fill_plain(found, wells["Values"], tables)
    else:
        _fill_grouped(found, wells, tables, definition)
    _sort(found)
    return found


def _wells(configuration: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    wells: dict[str, Any] = configuration.get("FieldWells", {})
    # Of a KPI they lie open, of other visuals within one more structure.
    inner = [value for value in wells.values() if isinstance(value, dict)]
    return inner[0] if inner else wells


def _fill_plain(found: View, fields: list[dict[str, Any]], tables: Tables) -> None:
    table = tables[fields[0]["Column"]["DataSetIdentifier"]]
    found.names = {each["FieldId"]: each["Column"]["ColumnName"] for each in fields}
    found.measures = list(found.names)
    found.rows = pd.DataFrame({key: table[name] for key, name in found.names.items()})


def _fill_grouped(found: View, wells: dict[str, Any], tables: Tables, definition: dict[str, Any]) -> None:
    grouping = [each for name in _GROUPING for each in wells.get(name, [])]
    measures = wells.get("Values", [])
    bodies = [next(iter(each.values())) for each in [*grouping, *measures]]
    table = tables[bodies[0]["Column"]["DataSetIdentifier"]]
    found.names = {body["FieldId"]: body["Column"]["ColumnName"] for body in bodies}
    found.dimensions = [body["FieldId"] for body in bodies[: len(grouping)]]
    found.measures = [body["FieldId"] for body in bodies[len(grouping) :]]
    by = {found.names[next(iter(each.values()))["FieldId"]]: _keys(each, table) for each in grouping}
    # Without a dimension all rows are one group.
    by = by or {"all": pd.Series(0, index=table.index)}
    calculated = {
        (each["DataSetIdentifier"], each["Name"]): each["Expression"] for each in definition.get("CalculatedFields", [])
    }
    columns = {}
    for each in measures:
        body = next(iter(each.values()))
        columns[body["FieldId"]] = _measure(body, table, by, calculated)
        if "PercentageDisplayFormatConfiguration" in str(body.get("FormatConfiguration", {})):
            found.percent.add(body["FieldId"])
    for each in _orders(found.configuration):
        if "ColumnSort" in each:
            name = each["ColumnSort"]["SortBy"]["ColumnName"]
            columns[f"{_UNSEEN}{name}"] = table[name].groupby(list(by.values()), observed=True).sum()
    rows = pd.DataFrame(columns)
    rows.index.names = found.dimensions or ["all"]
    found.rows = rows.reset_index()[[*found.dimensions, *columns]]


def _keys(dimension: dict[str, Any], table: pd.DataFrame) -> pd.Series:
    ((kind, body),) = dimension.items()
    values = table[body["Column"]["ColumnName"]]
    if kind == "DateDimensionField":
        granularity = body.get("DateGranularity", "DAY")
        if granularity not in _PERIODS:
            raise NotDrawnError(f"moments by {granularity}")
        period = _PERIODS[granularity]
        values = values.dt.to_period(period.rstrip("S")).dt.start_time if period != "h" else values.dt.floor("h")
    return values.rename(body["Column"]["ColumnName"])


def _measure(
    body: dict[str, Any], table: pd.DataFrame, by: dict[str, pd.Series], calculated: dict[tuple[str, str], str]
) -> pd.Series:
    name = body["Column"]["ColumnName"]
    expression = calculated.get((body["Column"]["DataSetIdentifier"], name))
    if expression is not None:
        return expressions.aggregate(expression, table, by)
    function = body.get("AggregationFunction", "SUM")
    if isinstance(function, dict):
        function = function.get("SimpleNumericalAggregation", "")
    if function not in _AGGREGATIONS:
        raise NotDrawnError(f"the aggregation of {name}")
    return table[name].groupby(list(by.values()), observed=True).agg(_AGGREGATIONS[function]).astype("float64")


def _orders(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a visual sorts by, first things first."""
    settings = configuration.get("SortConfiguration", {}).values()
    return [each for setting in settings if isinstance(setting, list) for each in setting]


def _sort(found: View) -> None:
    """Sort the rows as the visual says, ties by the dimensions, and keep as many as it says."""
    order: list[tuple[str, bool]] = []
    for each in _orders(found.configuration):
        chosen = each.get("FieldSort") or each.get("SortBy", {}).get("Field")
        if chosen:
            order.append((chosen["FieldId"], chosen["Direction"] == "ASC"))
        elif "ColumnSort" in each:
            name = each["ColumnSort"]["SortBy"]["ColumnName"]
            order.append((f"{_UNSEEN}{name}", each["ColumnSort"]["Direction"] == "ASC"))
    named = [key for key, _ in order]
    order += [(key, True) for key in found.rows.columns if key not in named]
    keys, ascending = [key for key, _ in order], [up for _, up in order]
    rows = found.rows.sort_values(keys, ascending=ascending, kind="stable", ignore_index=True)
    limit = found.configuration.get("SortConfiguration", {}).get("CategoryItemsLimit", {}).get("ItemsLimit")
    found.rows = rows[[*found.dimensions, *found.measures]].head(limit if limit is not None else len(rows))
