"""SearchTables: tables of all databases by text and by properties.

The text is sought in names, descriptions, columns and parameters; in quotes it must match one of them
whole (SearchTables API reference).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import glue as emulated

from helpers.local.glue.paging import page

_COMPARATORS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN_EQUALS": operator.le,
}


def search_tables(request: dict[str, Any]) -> dict[str, Any]:
    """Answer SearchTables."""
    tables = [table for table in emulated._tables.values() if _matches(table, request)]
    tables.sort(key=lambda table: (str(table["DatabaseName"]), str(table["Name"])))
    for criterion in request.get("SortCriteria") or []:
        field = criterion.get("FieldName", "Name")
        tables.sort(key=lambda table: str(table.get(field, "")), reverse=criterion.get("Sort") == "DESC")
    return page(tables, request, "TableList", 100)


def _matches(table: dict[str, Any], request: dict[str, Any]) -> bool:
    text = request.get("SearchText")
    if text and not _has_text(table, text):
        return False
    return all(_has_property(table, wanted) for wanted in request.get("Filters") or [])


def _has_text(table: dict[str, Any], text: str) -> bool:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].lower() in {found.lower() for found in _texts(table)}
    return any(text.lower() in found.lower() for found in _texts(table))


def _texts(table: dict[str, Any]) -> Iterator[str]:
    yield from (table["Name"], table["DatabaseName"], table.get("Description", ""))
    for column in [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]:
        yield from (column["Name"], column.get("Comment", ""))
    for key, value in table.get("Parameters", {}).items():
        yield from (key, str(value))


def _has_property(table: dict[str, Any], wanted: dict[str, str]) -> bool:
    key, value = wanted.get("Key", ""), wanted.get("Value", "")
    found = table.get(key, table.get("Parameters", {}).get(key))
    return found is not None and _COMPARATORS[wanted.get("Comparator", "EQUALS")](str(found), value)
