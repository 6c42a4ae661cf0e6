"""The Data Catalog and S3 of the emulator as pyiceberg's catalog of tables.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from pyiceberg.catalog.glue import ICEBERG_FIELD_CURRENT, GlueCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationError, ValidationException
from pyiceberg.io import FileIO
from pyiceberg.table import Table as IcebergTable
from pyiceberg.typedef import EMPTY_DICT, Properties

from helpers.local import in_process
from helpers.local.athena.errors import ExecutionError
from helpers.local.athena.iceberg.object_files import ObjectFileIO
from helpers.local.in_process import ServiceCallError


class _EntityNotFoundError(ServiceCallError):
    pass


class _AlreadyExistsError(ServiceCallError):
    pass


class _ConcurrentModificationError(ServiceCallError):
    pass


_ERRORS: Mapping[str, type[ServiceCallError]] = {
    "EntityNotFoundException": _EntityNotFoundError,
    "AlreadyExistsException": _AlreadyExistsError,
    "ConcurrentModificationException": _ConcurrentModificationError,
}


class _GlueClient:
    """What pyiceberg's catalog calls of boto3's Glue client, answered in this process."""

    exceptions = SimpleNamespace(**_ERRORS)

    def __getattr__(self, method: str) -> Any:
        action = "".join(word.capitalize() for word in method.split("_"))

        def call(**request: Any) -> dict[str, Any]:
            try:
                return in_process.call("glue", action, request)
            except ServiceCallError as error:
                raise _ERRORS.get(error.code, ServiceCallError)(error.code, error.message) from error

        return call


class LocalCatalog(GlueCatalog):
    """Iceberg tables of the account and region in scope."""

    def __init__(self) -> None:
        super().__init__("local", client=_GlueClient())

    def _load_file_io(self, properties: Properties = EMPTY_DICT, location: str | None = None) -> FileIO:
        return ObjectFileIO(properties)


def is_iceberg(entry: Mapping[str, Any]) -> bool:
    """Return whether the Data Catalog's entry of a table is an Iceberg table's."""
    return str((entry.get("Parameters") or {}).get("table_type", "")).upper() == "ICEBERG"


def current_columns(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of the Data Catalog's entry of a table, without those that an Iceberg table once had."""
    columns = (entry.get("StorageDescriptor") or {}).get("Columns") or []
    return [column for column in columns if (column.get("Parameters") or {}).get(ICEBERG_FIELD_CURRENT) != "false"]


def load(database: str, name: str) -> IcebergTable:
    """Return a table with its current metadata.

    Raises
    ------
    ExecutionError
        If its metadata cannot be read.
    """
    try:
        return LocalCatalog().load_table((database, name))
    except (OSError, ValueError, KeyError, ValidationError) as error:
        text = f"Error accessing metadata file for table {database}.{name}"
        raise ExecutionError("ICEBERG_MISSING_METADATA", text) from error


@contextmanager
def committing(table: str) -> Iterator[None]:
    """Turn pyiceberg's refusals into Athena's errors.

    Raises
    ------
    ExecutionError
        If another query changed the table meanwhile, or the change cannot be made.
    """
    try:
        yield
    except (CommitFailedException, ValidationException) as error:
        raise ExecutionError("ICEBERG_COMMIT_ERROR", f"Failed to commit Iceberg update to table: {table}") from error
    except (ValidationError, ValueError) as error:
        raise ExecutionError("NOT_SUPPORTED", re.sub(r"\s+", " ", str(error)).strip()) from error
