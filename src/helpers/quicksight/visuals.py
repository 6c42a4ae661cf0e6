"""Visuals of a sheet, each with its title, the labels of its axes and its colours.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Visual.html
"""

from __future__ import annotations

from typing import Any

from helpers.quicksight.fields import Field, by_field, field_id

Visual = dict[str, Any]


def kpi(name: str, title: str, value: Field, color: str) -> Visual:
    """Return one number in large letters."""
    options = {"PrimaryValueFontConfiguration": {"FontColor": color}}
    wells = {"Values": [value], "TargetValues": [], "TrendGroups": []}
    return {"KPIVisual": _visual(name, title, {"FieldWells": wells, "KPIOptions": options})}


def line_chart(name: str, title: str, over: Field, value: Field, labels: tuple[str, str], color: str) -> Visual:
    """Return a line; `labels` are those of its axes, across and up."""
    configuration = {
        "FieldWells": {"LineChartAggregatedFieldWells": {"Category": [over], "Values": [value], "Colors": []}},
        "SortConfiguration": {"CategorySort": [by_field(over)]},
        "XAxisLabelOptions": _label(labels[0]),
        "PrimaryYAxisLabelOptions": _label(labels[1]),
        "VisualPalette": _palette([value], [color]),
        "Legend": {"Visibility": "HIDDEN"},
    }
    return {"LineChartVisual": _visual(name, title, configuration)}


def bar_chart(
    name: str,
    title: str,
    over: Field,
    values: list[Field],
    labels: tuple[str, str],
    colors: list[str],
    *,
    ranked_by: Field | None = None,
    most: int = 12,
) -> Visual:
    """Return bars, clustered if there are several values.

    Parameters
    ----------
    labels
        Of the axes: of the categories, and of the values.
    ranked_by
        The order whose first `most` categories are shown, on lying bars; None for all, upright and in their own.
    """
    wells = {"Category": [over], "Values": values, "Colors": []}
    sort: dict[str, Any] = {"CategorySort": [by_field(over)]}
    if ranked_by is not None:
        sort["CategorySort"] = [ranked_by]
        sort["CategoryItemsLimit"] = {"ItemsLimit": most, "OtherCategories": "EXCLUDE"}
    configuration = {
        "FieldWells": {"BarChartAggregatedFieldWells": wells},
        "SortConfiguration": sort,
        "Orientation": "HORIZONTAL" if ranked_by is not None else "VERTICAL",
        "BarsArrangement": "CLUSTERED",
        "CategoryLabelOptions": _label(labels[0]),
        "ValueLabelOptions": _label(labels[1]),
        "VisualPalette": _palette(values, colors),
        "Legend": {"Visibility": "VISIBLE" if len(values) > 1 else "HIDDEN"},
    }
    return {"BarChartVisual": _visual(name, title, configuration)}


def heat_map(
    name: str, title: str, rows: Field, columns: Field, value: Field, labels: tuple[str, str], colors: list[str]
) -> Visual:
    """Return a map of `rows` by `columns`, coloured from the first of `colors` to the last."""
    configuration = {
        "FieldWells": {"HeatMapAggregatedFieldWells": {"Rows": [rows], "Columns": [columns], "Values": [value]}},
        "SortConfiguration": {"HeatMapRowSort": [by_field(rows)], "HeatMapColumnSort": [by_field(columns)]},
        "RowLabelOptions": _label(labels[0]),
        "ColumnLabelOptions": _label(labels[1]),
        "ColorScale": {"Colors": [{"Color": color} for color in colors], "ColorFillType": "GRADIENT"},
        "Legend": {"Visibility": "VISIBLE"},
    }
    return {"HeatMapVisual": _visual(name, title, configuration)}


def pivot_table(name: str, title: str, rows: Field, values: list[Field], largest_by: Field) -> Visual:
    """Return a table of sums, the row with the largest `largest_by` first."""
    order = {"Field": {"FieldId": field_id(largest_by), "Direction": "DESC"}}
    configuration = {
        "FieldWells": {"PivotTableAggregatedFieldWells": {"Rows": [rows], "Columns": [], "Values": values}},
        "SortConfiguration": {"FieldSortOptions": [{"FieldId": field_id(rows), "SortBy": order}]},
        "TableOptions": {"ColumnHeaderStyle": {"TextWrap": "WRAP"}},
    }
    return {"PivotTableVisual": _visual(name, title, configuration)}


def table(name: str, title: str, columns: list[Field], largest_by: Field) -> Visual:
    """Return rows as they are, that with the largest `largest_by` first."""
    configuration = {
        "FieldWells": {"TableUnaggregatedFieldWells": {"Values": columns}},
        "SortConfiguration": {"RowSort": [by_field(largest_by, "DESC")]},
    }
    return {"TableVisual": _visual(name, title, configuration)}


def _visual(name: str, title: str, configuration: dict[str, Any]) -> dict[str, Any]:
    shown = {"Visibility": "VISIBLE", "FormatText": {"PlainText": title}}
    return {
        "VisualId": name,
        "Title": shown,
        "Subtitle": {"Visibility": "HIDDEN"},
        "ChartConfiguration": configuration,
    }


def _label(words: str) -> dict[str, Any]:
    return {"Visibility": "VISIBLE", "AxisLabelOptions": [{"CustomLabel": words}]}


def _palette(values: list[Field], colors: list[str]) -> dict[str, Any]:
    pairs = zip(values, colors, strict=True)
    return {"ColorMap": [{"Element": {"FieldId": field_id(value)}, "Color": color} for value, color in pairs]}
