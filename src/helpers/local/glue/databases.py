"""Databases of the Data Catalog, kept in the emulator's own store."""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import glue as emulated

from helpers.local.glue.errors import DatabaseNotFoundError, ExistsError, InvalidInputError
from helpers.local.glue.paging import page

_MEMBERS = ("Description", "LocationUri", "Parameters", "CreateTableDefaultPermissions", "TargetDatabase")


def existing(name: str) -> dict[str, Any]:
    """Return the record of a database; names are folded to lower case, as Glue does.

    Raises
    ------
    DatabaseNotFoundError
        If there is none.
    """
    record: dict[str, Any] | None = emulated._databases.get(name.lower())
    if record is None:
        raise DatabaseNotFoundError(name)
    return record


def _members(given: dict[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in _MEMBERS if given.get(key) not in (None, "")}


def create_database(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateDatabase."""
    given = request.get("DatabaseInput") or {}
    name = str(given.get("Name") or "").lower()
    if not name:
        raise InvalidInputError("DatabaseInput.Name is required")
    if name in emulated._databases:
        raise ExistsError("Database")
    emulated._databases[name] = {
        "Name": name,
        **_members(given),
        "CreateTime": round(time.time()),
        "CatalogId": get_account_id(),
    }
    if request.get("Tags"):
        emulated._tags[emulated._arn("database", name)] = dict(request["Tags"])
    return {}


def get_database(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetDatabase."""
    return {"Database": existing(request["Name"])}


def get_databases(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetDatabases, in the order of the names."""
    records = sorted(emulated._databases.values(), key=lambda record: str(record["Name"]))
    return page(records, request, "DatabaseList", 100)


def update_database(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateDatabase: what DatabaseInput says replaces what was there."""
    record = existing(request["Name"])
    for key in _MEMBERS:
        record.pop(key, None)
    record |= _members(request.get("DatabaseInput") or {})
    return {}


def delete_database(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteDatabase: its tables go with it."""
    name = existing(request["Name"])["Name"]
    for key in [key for key in emulated._tables if key.startswith(f"{name}/")]:
        forget_table(key)
    emulated._databases.pop(name, None)
    emulated._tags.pop(emulated._arn("database", name), None)
    return {}


def forget_table(key: str) -> None:
    """Delete a table by its key in the emulator's stores, its partitions, indexes and statistics with it."""
    for store in (
        emulated._tables,
        emulated._partitions,
        emulated._partition_indexes,
        emulated._table_column_statistics,
        emulated._partition_column_statistics,
    ):
        store.pop(key, None)
