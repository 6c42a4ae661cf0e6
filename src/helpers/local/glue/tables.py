"""Tables of the Data Catalog and their versions.

Every update keeps the table as it was, unless SkipArchive says not to; versions count from 0.
"""

from __future__ import annotations

import copy
import re
import time
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id
from ministack.services import glue as emulated

from helpers.local.glue import databases
from helpers.local.glue.errors import (
    CatalogError,
    ConcurrentModificationError,
    ExistsError,
    InvalidInputError,
    NotFoundError,
    TableNotFoundError,
)
from helpers.local.glue.paging import page

_MEMBERS = (
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
    "ViewDefinition",
)

# Archived versions by "database/table", oldest first; the current one is the table itself.
_archives = AccountRegionScopedDict()


def key_of(database: str, table: str) -> str:
    """Return the key of a table in the emulator's stores."""
    return f"{database.lower()}/{table.lower()}"


def existing(database: str, table: str) -> dict[str, Any]:
    """Return the record of a table.

    Raises
    ------
    DatabaseNotFoundError, TableNotFoundError
        If there is none.
    """
    databases.existing(database)
    record: dict[str, Any] | None = emulated._tables.get(key_of(database, table))
    if record is None:
        raise TableNotFoundError(table)
    return record


def _members(given: dict[str, Any]) -> dict[str, Any]:
    members = {key: copy.deepcopy(given[key]) for key in _MEMBERS if given.get(key) is not None}
    return {"Retention": 0, "PartitionKeys": []} | members


def create_table(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateTable."""
    database = databases.existing(request["DatabaseName"])["Name"]
    given = request.get("TableInput") or {}
    name = str(given.get("Name") or request.get("Name") or "").lower()
    if not name:
        raise InvalidInputError("TableInput.Name is required")
    key = key_of(database, name)
    if key in emulated._tables:
        raise ExistsError("Table")
    now = round(time.time())
    emulated._tables[key] = {
        "Name": name,
        "DatabaseName": database,
        **_members(given),
        "CreateTime": now,
        "UpdateTime": now,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": get_account_id(),
        "VersionId": "0",
    }
    _archives.pop(key, None)
    for index in request.get("PartitionIndexes") or []:
        emulated._create_partition_index({"DatabaseName": database, "TableName": name, "PartitionIndex": index})
    return {}


def get_table(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetTable."""
    return {"Table": existing(request["DatabaseName"], request["Name"])}


def get_tables(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetTables of one database, in the order of the names, narrowed by Expression."""
    database = databases.existing(request["DatabaseName"])["Name"]
    wanted = _name_pattern(request.get("Expression"))
    tables = [record for key, record in emulated._tables.items() if key.startswith(f"{database}/")]
    named = sorted((table for table in tables if wanted.fullmatch(table["Name"])), key=lambda table: str(table["Name"]))
    return page(named, request, "TableList", 100)


def _name_pattern(expression: str | None) -> re.Pattern[str]:
    # Glue takes regular expressions, and Hive's patterns where a bare `*` is any text.
    try:
        return re.compile(re.sub(r"(?<![.\])}])\*", ".*", expression or "*"), re.I)
    except re.error as error:
        raise InvalidInputError(f"Invalid expression {expression}: {error}") from error


def update_table(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateTable: TableInput replaces the table, whose old version is archived."""
    given = request.get("TableInput") or {}
    name = str(given.get("Name") or request.get("Name") or "")
    record = existing(request["DatabaseName"], name)
    seen = request.get("VersionId")
    if seen is not None and str(seen) != record["VersionId"]:
        raise ConcurrentModificationError(record["Name"])
    key = key_of(record["DatabaseName"], record["Name"])
    if not request.get("SkipArchive"):
        _archives.setdefault(key, []).append(copy.deepcopy(record))
    for member in _MEMBERS:
        record.pop(member, None)
    record |= _members(given)
    record |= {"UpdateTime": round(time.time()), "VersionId": str(int(record["VersionId"]) + 1)}
    return {}


def delete_table(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteTable: partitions, indexes, statistics and versions go with it."""
    record = existing(request["DatabaseName"], request["Name"])
    key = key_of(record["DatabaseName"], record["Name"])
    databases.forget_table(key)
    _archives.pop(key, None)
    return {}


def batch_delete_table(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchDeleteTable; tables that do not exist come back as errors."""
    databases.existing(request["DatabaseName"])
    errors = []
    for name in request["TablesToDelete"]:
        try:
            delete_table({"DatabaseName": request["DatabaseName"], "Name": name})
        except CatalogError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": name, "ErrorDetail": detail})
    return {"Errors": errors}


def _versions(request: dict[str, Any]) -> list[dict[str, Any]]:
    record = existing(request["DatabaseName"], request["TableName"])
    archived = _archives.get(key_of(record["DatabaseName"], record["Name"]), [])
    return [record, *archived[::-1]]


def _shown(version: dict[str, Any]) -> dict[str, Any]:
    return {"Table": version, "VersionId": version["VersionId"]}


def get_table_versions(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetTableVersions, the current one first."""
    return page([_shown(version) for version in _versions(request)], request, "TableVersions", 100)


def get_table_version(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetTableVersion; without VersionId, the current one."""
    versions = _versions(request)
    wanted = str(request.get("VersionId") or versions[0]["VersionId"])
    for version in versions:
        if version["VersionId"] == wanted:
            return {"TableVersion": _shown(version)}
    raise NotFoundError(f"Version {wanted} of table {request['TableName']} not found.")


def delete_table_version(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteTableVersion; the current version cannot be deleted."""
    wanted = str(request["VersionId"])
    current = get_table_version(request)["TableVersion"]["Table"]
    record = existing(request["DatabaseName"], request["TableName"])
    if record["VersionId"] == wanted:
        raise InvalidInputError("Cannot delete the current version of a table.")
    _archives[key_of(record["DatabaseName"], record["Name"])].remove(current)
    return {}


def batch_delete_table_version(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchDeleteTableVersion; versions that cannot be deleted come back as errors."""
    errors = []
    for version in request["VersionIds"]:
        try:
            delete_table_version({**request, "VersionId": version})
        except CatalogError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            errors.append({"TableName": request["TableName"], "VersionId": version, "ErrorDetail": detail})
    return {"Errors": errors}
