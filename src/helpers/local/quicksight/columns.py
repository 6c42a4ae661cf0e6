"""The columns that a data set gives, from its physical and logical tables."""

from __future__ import annotations

import re
from typing import Any

from helpers.local.quicksight.athena_source import declared_columns
from helpers.local.quicksight.errors import InvalidValueError

# A data set gives four types; https://docs.aws.amazon.com/quicksight/latest/user/supported-data-types.html
_GIVEN_AS = {"BIT": "INTEGER", "BOOLEAN": "INTEGER", "JSON": "STRING", "SEMISTRUCT": "STRING"}
_COLUMN_IN_BRACES = re.compile(r"\{([^{}$]+)\}")
_COUNTING = re.compile(r"\s*(count|distinct_count|datediff|strlen|extract|round|floor|ceil)\b", re.IGNORECASE)

Columns = dict[str, str]


def output_columns(physical: dict[str, Any], logical: dict[str, Any]) -> list[dict[str, str]]:
    """Return name and type of each column that a data set gives.

    Raises
    ------
    InvalidValueError
        If a table has not exactly one kind, a logical table names one that is not there, or a transform a
        column that is not there.
    """
    for name, table in physical.items():
        if len(table) != 1:
            raise InvalidValueError(f"PhysicalTable {name} must have exactly one member.")
        if not declared_columns(table):
            raise InvalidValueError(f"PhysicalTable {name} must declare its columns.")
    if not logical:
        found: Columns = {}
        for table in physical.values():
            found |= _physical_columns(table)
    else:
        roots = [_logical_columns(table, physical) for table in logical.values()]
        if len(roots) != 1:
            raise InvalidValueError("The local AWS joins no logical tables: join in the SQL of one physical table.")
        (found,) = roots
    return [{"Name": name, "Type": kind} for name, kind in found.items()]


def _physical_columns(table: dict[str, Any]) -> Columns:
    found: Columns = {}
    for column in declared_columns(table):
        if column["Name"] in found:
            raise InvalidValueError(f"Column {column['Name']} is declared twice.")
        found[column["Name"]] = _GIVEN_AS.get(column["Type"], column["Type"])
    return found


def _logical_columns(table: dict[str, Any], physical: dict[str, Any]) -> Columns:
    source = table["Source"]
    if len(source) != 1:
        raise InvalidValueError("Source of a logical table must have exactly one member.")
    if "PhysicalTableId" not in source:
        raise InvalidValueError("The local AWS joins no logical tables: join in the SQL of one physical table.")
    identifier = source["PhysicalTableId"]
    if identifier not in physical:
        raise InvalidValueError(f"PhysicalTableId {identifier} is not in the PhysicalTableMap.")
    found = _physical_columns(physical[identifier])
    for transform in table.get("DataTransforms", []):
        found = _transformed(found, transform)
    return found


def _transformed(columns: Columns, transform: dict[str, Any]) -> Columns:
    ((kind, operation),) = transform.items()
    if kind == "ProjectOperation":
        names = operation["ProjectedColumns"]
        _check_known(columns, names)
        return {name: columns[name] for name in names}
    if kind == "RenameColumnOperation":
        _check_known(columns, [operation["ColumnName"]])
        new = operation["NewColumnName"]
        return {new if name == operation["ColumnName"] else name: value for name, value in columns.items()}
    if kind == "CastColumnTypeOperation":
        _check_known(columns, [operation["ColumnName"]])
        return {**columns, operation["ColumnName"]: operation["NewColumnType"]}
    if kind == "CreateColumnsOperation":
        for column in operation["Columns"]:
            if not set(_COLUMN_IN_BRACES.findall(column["Expression"])) <= set(columns):
                raise InvalidValueError(
                    "Unable to process your request while preparing the table view from your schema, calculated "
                    f"columns [{column['ColumnName']}] are invalid. ErrorType: CONTEXTUAL_UNKNOWN_SYMBOL"
                )
            columns = {**columns, column["ColumnName"]: _type_of(column["Expression"], columns)}
        return columns
    if kind in ("TagColumnOperation", "UntagColumnOperation"):
        _check_known(columns, [operation["ColumnName"]])
    return columns


def _type_of(expression: str, columns: Columns) -> str:
    """Return the type of a calculated column, as far as its columns tell: counting gives integers."""
    if _COUNTING.match(expression):
        return "INTEGER"
    types = {columns[name] for name in _COLUMN_IN_BRACES.findall(expression)}
    return "DECIMAL" if types and types <= {"INTEGER", "DECIMAL"} else (types.pop() if len(types) == 1 else "STRING")


def _check_known(columns: Columns, names: list[str]) -> None:
    missing = [name for name in names if name not in columns]
    if missing:
        raise InvalidValueError(f"Column {missing[0]} is not in the table.")
