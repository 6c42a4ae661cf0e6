"""Parameters, what the reader sets them with, and the filters that follow them.

https://docs.aws.amazon.com/quicksight/latest/user/parameters-in-quicksight.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from helpers.quicksight.fields import column


def day_parameter(name: str, default: datetime) -> dict[str, Any]:
    declared = {"Name": name, "TimeGranularity": "DAY", "DefaultValues": {"StaticValues": [default]}}
    return {"DateTimeParameterDeclaration": declared}


def texts_parameter(name: str, defaults: list[str]) -> dict[str, Any]:
    declared = {"Name": name, "ParameterValueType": "MULTI_VALUED", "DefaultValues": {"StaticValues": defaults}}
    return {"StringParameterDeclaration": declared}


def number_parameter(name: str, default: int) -> dict[str, Any]:
    declared = {"Name": name, "ParameterValueType": "SINGLE_VALUED", "DefaultValues": {"StaticValues": [default]}}
    return {"IntegerParameterDeclaration": declared}


def day_picker(parameter: str, title: str) -> dict[str, Any]:
    control = _control(parameter, title)
    return {"DateTimePicker": {**control, "DisplayOptions": {"DateTimeFormat": "YYYY-MM-DD"}}}


def drop_down(parameter: str, title: str, data_set: str, name: str) -> dict[str, Any]:
    """Return a list that offers the values of a column."""
    values = {"LinkToDataSetColumn": column(data_set, name)}
    return {"Dropdown": {**_control(parameter, title), "Type": "MULTI_SELECT", "SelectableValues": values}}


def slider(parameter: str, title: str, least: int, most: int) -> dict[str, Any]:
    limits = {"MinimumValue": least, "MaximumValue": most, "StepSize": 1}
    return {"Slider": {**_control(parameter, title), **limits}}


def filter_list(filter_id: str, title: str) -> dict[str, Any]:
    """Return a list of a filter's values, all of them chosen."""
    control = {"FilterControlId": f"{filter_id}-control", "SourceFilterId": filter_id, "Title": title}
    return {"Dropdown": {**control, "Type": "MULTI_SELECT"}}


def between_days(filter_id: str, data_set: str, name: str, first: str, last: str) -> dict[str, Any]:
    """Return a filter that keeps the days from parameter `first` to parameter `last`, both included."""
    return {
        "TimeRangeFilter": {
            "FilterId": filter_id,
            "Column": column(data_set, name),
            "RangeMinimumValue": {"Parameter": first},
            "RangeMaximumValue": {"Parameter": last},
            "IncludeMinimum": True,
            "IncludeMaximum": True,
            "TimeGranularity": "DAY",
            "NullOption": "NON_NULLS_ONLY",
        }
    }


def one_of(filter_id: str, data_set: str, name: str, parameter: str) -> dict[str, Any]:
    """Return a filter that keeps the texts that a parameter holds."""
    chosen = {"MatchOperator": "EQUALS", "ParameterName": parameter, "NullOption": "NON_NULLS_ONLY"}
    return _category_filter(filter_id, data_set, name, {"CustomFilterConfiguration": chosen})


def any_of(filter_id: str, data_set: str, name: str) -> dict[str, Any]:
    """Return a filter that lets everything through until the reader chooses."""
    chosen = {"MatchOperator": "CONTAINS", "SelectAllOptions": "FILTER_ALL_VALUES"}
    return _category_filter(filter_id, data_set, name, {"FilterListConfiguration": chosen})


def at_least(filter_id: str, data_set: str, name: str, parameter: str) -> dict[str, Any]:
    """Return a filter that keeps the numbers from a parameter's value on."""
    return {
        "NumericRangeFilter": {
            "FilterId": filter_id,
            "Column": column(data_set, name),
            "RangeMinimum": {"Parameter": parameter},
            "IncludeMinimum": True,
            "NullOption": "NON_NULLS_ONLY",
        }
    }


def on_sheet(sheet: str, each: dict[str, Any]) -> dict[str, Any]:
    """Return a group of one filter that holds for every visual of a sheet."""
    ((_, body),) = each.items()
    scope = {"SheetVisualScopingConfigurations": [{"SheetId": sheet, "Scope": "ALL_VISUALS"}]}
    return {
        "FilterGroupId": f"{body['FilterId']}-group",
        "Filters": [each],
        "ScopeConfiguration": {"SelectedSheets": scope},
        "CrossDataset": "SINGLE_DATASET",
        "Status": "ENABLED",
    }


def _category_filter(filter_id: str, data_set: str, name: str, configuration: dict[str, Any]) -> dict[str, Any]:
    return {"CategoryFilter": {"FilterId": filter_id, "Column": column(data_set, name), "Configuration": configuration}}


def _control(parameter: str, title: str) -> dict[str, Any]:
    identifier = f"{parameter.lower()}-control"
    return {"ParameterControlId": identifier, "SourceParameterName": parameter, "Title": title}
