"""Fields of visuals: dimensions to group by, and measures to add up.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DimensionField.html and API_MeasureField.html
"""

from __future__ import annotations

from typing import Any

Field = dict[str, Any]


def column(data_set: str, name: str) -> Field:
    """Return a column of a data set that the definition declares."""
    return {"DataSetIdentifier": data_set, "ColumnName": name}


def text(data_set: str, name: str) -> Field:
    """Return a dimension of texts."""
    return {"CategoricalDimensionField": _field(data_set, name)}


def number(data_set: str, name: str) -> Field:
    """Return a dimension of numbers, such as hours."""
    return {"NumericalDimensionField": _field(data_set, name)}


def day(data_set: str, name: str) -> Field:
    """Return a dimension of moments, a day each."""
    return {"DateDimensionField": {**_field(data_set, name), "DateGranularity": "DAY"}}


def measure(data_set: str, name: str, function: str = "SUM") -> Field:
    """Return a measure of numbers, by an aggregation such as `SUM`, `AVERAGE` or `MAX`."""
    aggregation = {"SimpleNumericalAggregation": function}
    return {"NumericalMeasureField": {**_field(data_set, name, function), "AggregationFunction": aggregation}}


def count(data_set: str, name: str, *, distinct: bool = False) -> Field:
    """Return how many texts there are, or how many different ones."""
    function = "DISTINCT_COUNT" if distinct else "COUNT"
    return {"CategoricalMeasureField": {**_field(data_set, name, function), "AggregationFunction": function}}


def calculated(data_set: str, name: str, *, percent: bool = False) -> Field:
    """Return a calculated field as a measure; it brings its own aggregation."""
    field = _field(data_set, name)
    if percent:
        places = {"DecimalPlacesConfiguration": {"DecimalPlaces": 0}}
        field["FormatConfiguration"] = {"FormatConfiguration": {"PercentageDisplayFormatConfiguration": places}}
    return {"NumericalMeasureField": field}


def plain(data_set: str, name: str) -> Field:
    """Return a column as a table shows it, row by row."""
    return _field(data_set, name)


def by_column(data_set: str, name: str) -> Field:
    """Return an order by the sum of a column that the visual does not show, the largest first."""
    function = {"NumericalAggregationFunction": {"SimpleNumericalAggregation": "SUM"}}
    sort = {"SortBy": column(data_set, name), "Direction": "DESC", "AggregationFunction": function}
    return {"ColumnSort": sort}


def by_field(field: Field, direction: str = "ASC") -> Field:
    """Return an order by a field of the visual."""
    return {"FieldSort": {"FieldId": field_id(field), "Direction": direction}}


def field_id(field: Field) -> str:
    """Return the identifier by which a visual sorts and colours a field."""
    body = field if "FieldId" in field else next(iter(field.values()))
    return str(body["FieldId"])


def _field(data_set: str, name: str, function: str = "") -> Field:
    identifier = ".".join(part for part in (data_set, name, function.lower()) if part)
    return {"FieldId": identifier, "Column": column(data_set, name)}
