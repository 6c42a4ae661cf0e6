"""The rows that a visual sees: filters of its sheet, with the values of their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from helpers.quicksight.errors import NotDrawnError

Tables = Mapping[str, pd.DataFrame]
Values = dict[str, list[Any]]


def parameter_values(definition: dict[str, Any], given: dict[str, Any] | None = None) -> Values:
    """Return the values of a definition's parameters.

    Parameters
    ----------
    given
        `Parameters` as CreateDashboard has them; what they leave out has its default.
    """
    values: Values = {}
    for declaration in definition.get("ParameterDeclarations", []):
        for declared in declaration.values():
            values[declared["Name"]] = list(declared.get("DefaultValues", {}).get("StaticValues", []))
    for kind in (given or {}).values():
        values |= {each["Name"]: list(each["Values"]) for each in kind}
    return values


def visible_rows(
    definition: dict[str, Any], sheet: str, visual: str, tables: Tables, values: Values
) -> dict[str, pd.DataFrame]:
    """Return the rows of each data set that the filters let through to a visual.

    Raises
    ------
    NotDrawnError
        For a kind of filter that is not known here.
    """
    found = dict(tables)
    for group in definition.get("FilterGroups", []):
        if group.get("Status") == "DISABLED" or not _covers(group["ScopeConfiguration"], sheet, visual):
            continue
        for each in group["Filters"]:
            ((kind, body),) = each.items()
            name, wanted = body["Column"]["ColumnName"], body["Column"]["DataSetIdentifier"]
            everywhere = group["CrossDataset"] == "ALL_DATASETS"
            for identifier in found:
                if identifier == wanted or (everywhere and name in found[identifier].columns):
                    kept = _kept(kind, body, found[identifier][name], values)
                    found[identifier] = found[identifier][kept]
    return found


def _covers(scope: dict[str, Any], sheet: str, visual: str) -> bool:
    if "AllSheets" in scope:
        return True
    for each in scope.get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", []):
        if each["SheetId"] == sheet:
            return bool(each["Scope"] == "ALL_VISUALS" or visual in each.get("VisualIds", []))
    return False


def _kept(kind: str, body: dict[str, Any], column: pd.Series, values: Values) -> pd.Series:
    if kind == "CategoryFilter":
        return _category(body["Configuration"], column, values)
    if kind == "NumericRangeFilter":
        edges = (body.get("RangeMinimum"), body.get("RangeMaximum"))
        least, most = (_value(edge, values) for edge in edges)
        return _between(column, least, most, body)
    if kind == "TimeRangeFilter":
        edges = (body.get("RangeMinimumValue"), body.get("RangeMaximumValue"))
        first, last = (moment(_value(edge, values)) for edge in edges)
        moments = column.dt.normalize() if body.get("TimeGranularity") == "DAY" else column
        return _between(moments, first, last, body)
    raise NotDrawnError(f"a {kind}")


def _category(configuration: dict[str, Any], column: pd.Series, values: Values) -> pd.Series:
    ((_, chosen),) = configuration.items()
    if chosen.get("SelectAllOptions") == "FILTER_ALL_VALUES":
        return pd.Series(True, index=column.index)
    wanted = chosen.get("CategoryValues") or values.get(chosen.get("ParameterName", ""), [])
    wanted = wanted or [chosen["CategoryValue"]] if "CategoryValue" in chosen else wanted
    among = column.isin(wanted)
    return ~among if chosen["MatchOperator"].startswith("DOES_NOT") else among


def _between(column: pd.Series, least: Any, most: Any, body: dict[str, Any]) -> pd.Series:
    kept = column.notna()
    if least is not None:
        kept &= (column >= least) if body.get("IncludeMinimum") else (column > least)
    if most is not None:
        kept &= (column <= most) if body.get("IncludeMaximum") else (column < most)
    return kept


def _value(edge: dict[str, Any] | None, values: Values) -> Any:
    if edge is None:
        return None
    if "Parameter" in edge:
        held = values.get(edge["Parameter"], [])
        return held[0] if held else None
    return edge.get("StaticValue")


def moment(value: datetime | None) -> pd.Timestamp | None:
    """Return a moment in UTC without its zone, as the data sets have them."""
    if value is None:
        return None
    found = pd.Timestamp(value)
    return found.tz_convert("UTC").tz_localize(None) if found.tzinfo else found
