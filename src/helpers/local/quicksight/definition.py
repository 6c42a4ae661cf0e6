"""What a definition of sheets and visuals refers to: is it there, once, and of the right type?

AWS takes a definition whose references lead nowhere, and tells the errors when the creation has failed:
https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DashboardError.html. Identifiers that are not
unique, or parts that point at no other part, are refused at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpers.local.quicksight.errors import InvalidValueError
from helpers.local.quicksight.store import DataSet, here

# What the columns of a field or a filter must be.
_NUMBERS, _TEXT, _MOMENTS = frozenset({"INTEGER", "DECIMAL"}), frozenset({"STRING"}), frozenset({"DATETIME"})
_TYPES = {
    "NumericalDimensionField": _NUMBERS,
    "NumericalMeasureField": _NUMBERS,
    "NumericRangeFilter": _NUMBERS,
    "NumericEqualityFilter": _NUMBERS,
    "CategoricalDimensionField": _TEXT,
    "CategoricalMeasureField": _TEXT,
    "CategoryFilter": _TEXT,
    "DateDimensionField": _MOMENTS,
    "DateMeasureField": _MOMENTS,
    "TimeRangeFilter": _MOMENTS,
    "TimeEqualityFilter": _MOMENTS,
    "RelativeDatesFilter": _MOMENTS,
}
_PARAMETER_MEMBERS = ("ParameterName", "SourceParameterName", "Parameter")
_IN_BRACES = re.compile(r"(\$?)\{([^{}]+)\}")

Definition = dict[str, Any]
Errors = list[dict[str, Any]]


def check_structure(definition: Definition) -> None:
    """Refuse identifiers that come twice, and parts that point at no part.

    Raises
    ------
    InvalidValueError
        Naming the first.
    """
    sheets = definition.get("Sheets", [])
    _check_unique("DataSetIdentifier", [each["Identifier"] for each in definition["DataSetIdentifierDeclarations"]])
    _check_unique("SheetId", [sheet["SheetId"] for sheet in sheets])
    _check_unique("VisualId", [visual["VisualId"] for sheet in sheets for visual in visuals(sheet)])
    _check_unique("ParameterName", [declared["Name"] for declared in _declarations(definition)])
    _check_unique("FilterGroupId", [group["FilterGroupId"] for group in definition.get("FilterGroups", [])])
    filters = [body["FilterId"] for _, body in _filters(definition)]
    _check_unique("FilterId", filters)
    names = [(each.get("DataSetIdentifier"), each["Name"]) for each in definition.get("CalculatedFields", [])]
    _check_unique("CalculatedField", [name for _, name in names] if len(set(names)) < len(names) else [])
    for sheet in sheets:
        _check_sheet(sheet, set(filters))
    _check_scopes(definition)


def find_errors(definition: Definition) -> Errors:
    """Return the errors that the creation ends with; each names where it is."""
    declared = {each["Identifier"]: each["DataSetArn"] for each in definition["DataSetIdentifierDeclarations"]}
    by_arn = {data_set.arn: data_set for data_set in here().data_sets.values()}
    errors = [
        _error("DATA_SET_NOT_FOUND", f"Data set '{arn}' does not exist", identifier)
        for identifier, arn in declared.items()
        if arn not in by_arn
    ]
    data_sets = {identifier: by_arn[arn] for identifier, arn in declared.items() if arn in by_arn}
    errors += _column_errors(definition, set(declared), data_sets)
    return errors + _parameter_errors(definition)


def parameter_errors(definition: Definition, given: dict[str, Any]) -> Errors:
    """Return why values for parameters do not fit the definition that declares them."""
    kinds = {
        body["Name"]: kind.removesuffix("ParameterDeclaration")
        for each in definition.get("ParameterDeclarations", [])
        for kind, body in each.items()
    }
    errors = []
    for members, values in given.items():
        kind = members.removesuffix("Parameters")
        for value in values:
            name = value["Name"]
            if name not in kinds:
                errors.append(_error("PARAMETER_NOT_FOUND", f"Parameter '{name}' is not declared", name))
            elif kinds[name] != kind:
                message = f"Parameter '{name}' is of the type {kinds[name]}, not {kind}"
                errors.append(_error("PARAMETER_TYPE_INVALID", message, name))
    return errors


def visuals(sheet: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the bodies of a sheet's visuals, of whatever kind."""
    return [body for visual in sheet.get("Visuals", []) for body in visual.values()]


def _declarations(definition: Definition) -> list[dict[str, Any]]:
    return [body for each in definition.get("ParameterDeclarations", []) for body in each.values()]


def _filters(definition: Definition) -> list[tuple[str, dict[str, Any]]]:
    groups = definition.get("FilterGroups", [])
    return [(kind, body) for group in groups for each in group["Filters"] for kind, body in each.items()]


def _check_unique(what: str, identifiers: list[str]) -> None:
    seen: set[str] = set()
    for identifier in identifiers:
        if identifier in seen:
            raise InvalidValueError(f"Invalid definition: {what} {identifier} is not unique.")
        seen.add(identifier)


def _check_sheet(sheet: dict[str, Any], filters: set[str]) -> None:
    elements = {visual["VisualId"] for visual in visuals(sheet)}
    elements |= {box["SheetTextBoxId"] for box in sheet.get("TextBoxes", [])}
    elements |= {image["SheetImageId"] for image in sheet.get("Images", [])}
    controls = [body for name in ("ParameterControls", "FilterControls") for each in sheet.get(name, [])
                for body in each.values()]  # fmt: skip
    for control in controls:
        elements.add(str(control.get("ParameterControlId") or control.get("FilterControlId")))
        source = control.get("SourceFilterId")
        if source is not None and source not in filters:
            raise InvalidValueError(f"Invalid definition: SourceFilterId {source} is no filter of the definition.")
    for _, body in _walk(sheet.get("Layouts", []) + sheet.get("SheetControlLayouts", []), ""):
        if "ElementId" in body and body["ElementId"] not in elements:
            raise InvalidValueError(
                f"Invalid definition: layout element {body['ElementId']} is not on sheet {sheet['SheetId']}."
            )
    for visual in visuals(sheet):
        parts = list(_walk(visual, ""))
        fields = [body["FieldId"] for kind, body in parts if "FieldId" in body and _is_field(kind, body)]
        _check_unique(f"FieldId of visual {visual['VisualId']},", fields)
        for kind, body in parts:
            if kind == "FieldSort" and body["FieldId"] not in fields:
                raise InvalidValueError(
                    f"Invalid definition: visual {visual['VisualId']} sorts by {body['FieldId']}, which it has not."
                )


def _is_field(kind: str, body: dict[str, Any]) -> bool:
    """Say whether a structure with a FieldId is the field itself, and not something about it."""
    return kind == "CalculatedMeasureField" or ((kind.endswith("Field") or kind == "Values") and "Column" in body)


def _check_scopes(definition: Definition) -> None:
    known = {sheet["SheetId"]: {v["VisualId"] for v in visuals(sheet)} for sheet in definition.get("Sheets", [])}
    for group in definition.get("FilterGroups", []):
        for scope in group["ScopeConfiguration"].get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", []):
            missing = set(scope.get("VisualIds", [])) - known.get(scope["SheetId"], set())
            if scope["SheetId"] not in known or missing:
                what = f"visual {sorted(missing)[0]}" if missing else f"sheet {scope['SheetId']}"
                raise InvalidValueError(
                    f"Invalid definition: filter group {group['FilterGroupId']} is scoped to {what}, not there."
                )


def _column_errors(definition: Definition, declared: set[str], data_sets: dict[str, DataSet]) -> Errors:
    calculated: dict[str, set[str]] = {}
    for field in definition.get("CalculatedFields", []):
        calculated.setdefault(field.get("DataSetIdentifier", ""), set()).add(field["Name"])
    errors: Errors = []
    for place, identifier, name, wanted in _columns(definition):
        if identifier not in declared:
            message = f"Data set identifier '{identifier}' is not declared"
            errors.append(_error("DATA_SET_NOT_FOUND", message, place))
        elif identifier in data_sets and name not in calculated.get(identifier, set()):
            types = {column["Name"]: column["Type"] for column in data_sets[identifier].columns}
            arn = data_sets[identifier].arn
            if name not in types:
                message = f"Required column '{name}' is missing in data set '{arn}'"
                errors.append(_error("COLUMN_REPLACEMENT_MISSING", message, place))
            elif wanted and types[name] not in wanted:
                message = f"Column '{name}' in data set '{arn}' is {types[name]}, not {' or '.join(sorted(wanted))}"
                errors.append(_error("COLUMN_TYPE_MISMATCH", message, place))
    return errors


def _columns(definition: Definition) -> Iterator[tuple[str, str, str, frozenset[str] | None]]:
    """Yield where a column is used, its data set's identifier, its name, and the types that it may have."""
    for place, kind, body in _located(definition, ""):
        column = body.get("Column")
        if isinstance(column, dict) and "ColumnName" in column:
            yield place, str(column.get("DataSetIdentifier")), column["ColumnName"], _TYPES.get(kind)
        elif "ColumnName" in body and "DataSetIdentifier" in body and kind != "Column":
            yield place, body["DataSetIdentifier"], body["ColumnName"], None
        elif "Expression" in body and "Name" in body and "DataSetIdentifier" in body:
            names = [name for dollar, name in _IN_BRACES.findall(body["Expression"]) if not dollar]
            yield from ((place, body["DataSetIdentifier"], name, None) for name in names)


def _parameter_errors(definition: Definition) -> Errors:
    declared = {body["Name"] for body in _declarations(definition)}
    errors: Errors = []
    for place, _, body in _located(definition, ""):
        names = [body[member] for member in _PARAMETER_MEMBERS if isinstance(body.get(member), str)]
        names += [name for dollar, name in _IN_BRACES.findall(str(body.get("Expression", ""))) if dollar]
        for name in names:
            if name not in declared:
                errors.append(_error("PARAMETER_NOT_FOUND", f"Parameter '{name}' is not declared", place))
    return errors


def _error(kind: str, message: str, place: str) -> dict[str, Any]:
    return {"Type": kind, "Message": message, "ViolatedEntities": [{"Path": place}]}


def _walk(value: Any, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((kind, body) for _, kind, body in _located(value, "", kind))


def _located(value: Any, place: str, kind: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every structure below `value` with its path and the name of the member that it is."""
    if isinstance(value, dict):
        yield place, kind, value
        for name, child in value.items():
            yield from _located(child, f"{place}/{name}" if place else name, name)
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from _located(child, f"{place}/{number}", kind)
