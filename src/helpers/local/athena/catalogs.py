"""Data catalogs, and the databases and tables that Athena shows of them.

`AwsDataCatalog` is Glue's. Further catalogs of type GLUE show the same tables; catalogs of type LAMBDA
and HIVE can be registered, but nothing on the laptop can be asked for their tables.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import athena as emulated

from helpers.local import in_process
from helpers.local.athena import tags
from helpers.local.athena.api_errors import MetadataError, RequestError
from helpers.local.athena.pages import page

DEFAULT_CATALOG = "AwsDataCatalog"
_SHOWN = ("Name", "Description", "Type", "Parameters", "Status")


class CatalogExistsError(RequestError):
    """The name of a new data catalog is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Data catalog {name} already exists")


class CatalogNotFoundError(RequestError):
    """No data catalog has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Data catalog {name} was not found", "DATACATALOG_NOT_FOUND")


class DefaultCatalogError(RequestError):
    """The account's own Glue catalog was to be changed."""

    def __init__(self) -> None:
        super().__init__(f"{DEFAULT_CATALOG} cannot be changed or deleted")


def _find(name: str) -> dict[str, Any] | None:
    if DEFAULT_CATALOG not in emulated._data_catalogs:
        emulated._data_catalogs[DEFAULT_CATALOG] = {"Name": DEFAULT_CATALOG, "Type": "GLUE", "Parameters": {}}
    # AWS takes the name of its own catalog in any case.
    for held in emulated._data_catalogs.values():
        if held["Name"] == name or (held["Name"] == DEFAULT_CATALOG and name.lower() == DEFAULT_CATALOG.lower()):
            record: dict[str, Any] = held
            return record
    return None


def _get(name: str) -> dict[str, Any]:
    record = _find(name)
    if record is None:
        raise CatalogNotFoundError(name)
    return record


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    return {key: record[key] for key in _SHOWN if record.get(key)} | {"Parameters": record.get("Parameters") or {}}


def create_data_catalog(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateDataCatalog."""
    name = request["Name"]
    if _find(name) is not None:
        raise CatalogExistsError(name)
    record = {key: request[key] for key in ("Name", "Type", "Description", "Parameters") if request.get(key)}
    emulated._data_catalogs[name] = record | {"Status": "CREATE_COMPLETE"}
    tags.replace(emulated._arn_datacatalog(name), request.get("Tags") or [])
    return {"DataCatalog": _shown(emulated._data_catalogs[name])}


def get_data_catalog(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetDataCatalog."""
    return {"DataCatalog": _shown(_get(request["Name"]))}


def list_data_catalogs(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListDataCatalogs, in the order of the names."""
    _find(DEFAULT_CATALOG)
    records = sorted(emulated._data_catalogs.values(), key=lambda record: str(record["Name"]))
    summaries = [{"CatalogName": record["Name"], "Type": record["Type"]} for record in records]
    listed, token = page(summaries, request, 50)
    return {"DataCatalogsSummary": listed, **token}


def update_data_catalog(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateDataCatalog."""
    record = _get(request["Name"])
    if record["Name"] == DEFAULT_CATALOG:
        raise DefaultCatalogError()
    record |= {key: request[key] for key in ("Type", "Description", "Parameters") if key in request}
    return {}


def delete_data_catalog(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteDataCatalog."""
    record = _get(request["Name"])
    if record["Name"] == DEFAULT_CATALOG:
        raise DefaultCatalogError()
    emulated._data_catalogs.pop(record["Name"], None)
    tags.replace(emulated._arn_datacatalog(record["Name"]), [])
    return {"DataCatalog": _shown(record)}


def _glue_catalog(name: str) -> None:
    record = _find(name)
    if record is None:
        raise MetadataError(f"Catalog {name} was not found")
    if record["Type"] != "GLUE":
        raise MetadataError(f"Catalog {name} is of type {record['Type']}: the local AWS reads tables from Glue alone")


def _glue(action: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return in_process.call("glue", action, request)
    except in_process.ServiceCallError as error:
        raise MetadataError(f"Entity Not Found: {error.message}") from error


def _database(glue: dict[str, Any]) -> dict[str, Any]:
    shown = {"Name": glue["Name"], "Parameters": glue.get("Parameters") or {}}
    return shown | ({"Description": glue["Description"]} if glue.get("Description") else {})


def get_database(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetDatabase."""
    _glue_catalog(request["CatalogName"])
    return {"Database": _database(_glue("GetDatabase", {"Name": request["DatabaseName"]})["Database"])}


def list_databases(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListDatabases, in the order of the names."""
    _glue_catalog(request["CatalogName"])
    databases = sorted(
        in_process.pages("glue", "GetDatabases", {}, "DatabaseList"), key=lambda database: str(database["Name"])
    )
    listed, token = page([_database(database) for database in databases], request, 50)
    return {"DatabaseList": listed, **token}


def _column(glue: dict[str, Any]) -> dict[str, Any]:
    return {key: glue[key] for key in ("Name", "Type", "Comment") if glue.get(key)}


def _table(glue: dict[str, Any]) -> dict[str, Any]:
    storage = glue.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    # Athena tells the storage of a table among its parameters.
    stored = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    } | {f"serde.param.{key}": value for key, value in (serde.get("Parameters") or {}).items()}
    shown = {
        "Name": glue["Name"],
        "CreateTime": glue.get("CreateTime"),
        "LastAccessTime": glue.get("LastAccessTime", 0),
        "TableType": glue.get("TableType", ""),
        "Columns": [_column(column) for column in storage.get("Columns") or []],
        "PartitionKeys": [_column(column) for column in glue.get("PartitionKeys") or []],
        "Parameters": (glue.get("Parameters") or {}) | {key: value for key, value in stored.items() if value},
    }
    return {key: value for key, value in shown.items() if value is not None}


def get_table_metadata(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetTableMetadata."""
    _glue_catalog(request["CatalogName"])
    found = _glue("GetTable", {"DatabaseName": request["DatabaseName"], "Name": request["TableName"]})
    return {"TableMetadata": _table(found["Table"])}


def list_table_metadata(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListTableMetadata; Expression is a regular expression on table names."""
    _glue_catalog(request["CatalogName"])
    _glue("GetDatabase", {"Name": request["DatabaseName"]})
    tables = in_process.pages("glue", "GetTables", {"DatabaseName": request["DatabaseName"]}, "TableList")
    try:
        wanted = re.compile(request.get("Expression") or ".*")
    except re.error as error:
        raise RequestError(f"Expression is not a valid regular expression: {error}") from error
    named = sorted((table for table in tables if wanted.fullmatch(table["Name"])), key=lambda table: str(table["Name"]))
    listed, token = page([_table(table) for table in named], request, 50)
    return {"TableMetadataList": listed, **token}
