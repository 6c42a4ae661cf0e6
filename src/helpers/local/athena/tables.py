"""Tables of the Data Catalog as a query sees them: columns, SerDe, and the files of its partitions."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.local import in_process
from helpers.local.athena.errors import Position, SchemaNotFoundError, TableNotFoundError
from helpers.local.athena.iceberg import catalog as iceberg_catalog
from helpers.local.athena.iceberg.schemas import column_types
from helpers.local.athena.iceberg.versions import Version
from helpers.local.athena.type_texts import parse_type
from helpers.local.athena.types import DataType
from helpers.local.in_process import ServiceCallError

VIEW_PREFIX, VIEW_SUFFIX = "/* Presto View: ", " */"
_DEFAULT = {"Name": "default", "Description": "Default Hive database"}


@dataclass(frozen=True)
class Table:
    """A table with data.

    Parameters
    ----------
    database, name
        Where it is in the Data Catalog.
    columns, partition_keys
        Types by name, in order.
    location
        `s3://…` of its data.
    serde, serde_parameters, parameters
        As the Data Catalog holds them.
    glue
        The whole entry.
    iceberg
        Of an Iceberg table, what its metadata says at the version that is read.
    """

    database: str
    name: str
    columns: Mapping[str, DataType]
    partition_keys: Mapping[str, DataType]
    location: str
    serde: str
    serde_parameters: Mapping[str, str]
    parameters: Mapping[str, str]
    glue: Mapping[str, Any] = field(repr=False)
    iceberg: Version | None = field(default=None, repr=False)

    @property
    def all_columns(self) -> dict[str, DataType]:
        return {**self.columns, **self.partition_keys}

    @property
    def is_projected(self) -> bool:
        """Whether its partitions are computed from its properties."""
        return self.parameters.get("projection.enabled", "").strip().lower() == "true"


@dataclass(frozen=True)
class View:
    """A stored query, with the database that its unqualified names mean, and Trino's types of its columns."""

    database: str
    name: str
    sql: str
    context_database: str
    columns: Mapping[str, str]


def find(catalog: str, database: str, name: str, position: Position = (1, 1)) -> Table | View:
    """Return a table or view of the Data Catalog.

    Raises
    ------
    TableNotFoundError, SchemaNotFoundError
        If there is none.
    ExecutionError
        If it is an Iceberg table whose metadata cannot be read.
    """
    entry = glue_entry(database, name)
    if entry is None:
        if not database_exists(database):
            raise SchemaNotFoundError(database, position)
        raise TableNotFoundError(catalog, database, name, position)
    original = entry.get("ViewOriginalText") or ""
    if entry.get("TableType") == "VIRTUAL_VIEW" and original.startswith(VIEW_PREFIX):
        return _view(database, name, original)
    return _table(database, name, entry)


def glue_entry(database: str, name: str) -> dict[str, Any] | None:
    """Return the Data Catalog's entry of a table, None if there is none."""
    try:
        found: dict[str, Any] = in_process.call("glue", "GetTable", {"DatabaseName": database, "Name": name})["Table"]
    except ServiceCallError as error:
        if error.code == "EntityNotFoundException":
            return None
        raise
    return found


def database_exists(database: str) -> bool:
    """Return whether the Data Catalog has a database; `default` is made when it is first asked for."""
    try:
        in_process.call("glue", "GetDatabase", {"Name": database})
    except ServiceCallError as error:
        if error.code != "EntityNotFoundException":
            raise
        if database != _DEFAULT["Name"]:
            return False
        _create_default()
    return True


def _create_default() -> None:
    try:
        in_process.call("glue", "CreateDatabase", {"DatabaseInput": _DEFAULT})
    except ServiceCallError as error:
        if error.code != "AlreadyExistsException":
            raise


def _table(database: str, name: str, entry: dict[str, Any]) -> Table:
    if iceberg_catalog.is_iceberg(entry):
        return at_version(database, name, entry, Version.current(iceberg_catalog.load(database, name)))
    descriptor = entry.get("StorageDescriptor") or {}
    serde = descriptor.get("SerdeInfo") or {}
    return Table(
        database,
        name,
        _columns(descriptor.get("Columns") or []),
        _columns(entry.get("PartitionKeys") or []),
        descriptor.get("Location") or "",
        serde.get("SerializationLibrary") or "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        serde.get("Parameters") or {},
        entry.get("Parameters") or {},
        entry,
    )


def at_version(database: str, name: str, entry: Mapping[str, Any], version: Version) -> Table:
    """Return an Iceberg table as it was at a version."""
    columns = column_types(version.schema)
    return Table(
        database, name, columns, {}, version.table.location(), "", {}, entry.get("Parameters") or {}, entry, version
    )


def _columns(entries: list[dict[str, Any]]) -> dict[str, DataType]:
    return {entry["Name"].lower(): parse_type(entry.get("Type") or "string") for entry in entries}


def _view(database: str, name: str, original: str) -> View:
    encoded = original.removeprefix(VIEW_PREFIX).removesuffix(VIEW_SUFFIX)
    stored = json.loads(base64.b64decode(encoded))
    columns = {column["name"]: column["type"] for column in stored.get("columns", [])}
    return View(database, name, stored["originalSql"], stored.get("schema") or database, columns)
