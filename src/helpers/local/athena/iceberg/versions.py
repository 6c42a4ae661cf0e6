"""Versions of an Iceberg table: the current one, and those that `FOR TIMESTAMP AS OF` and `FOR VERSION AS OF` name.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-time-travel-and-version-travel-queries.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Snapshot

from helpers.local.athena.errors import ExecutionError


@dataclass(frozen=True)
class Version:
    """A table with the schema and the snapshot that a query reads; no snapshot if none has been written."""

    table: IcebergTable
    schema: Schema
    snapshot_id: int | None

    @classmethod
    def current(cls, table: IcebergTable) -> Version:
        """Return the latest version."""
        snapshot = table.current_snapshot()
        return cls(table, table.schema(), snapshot.snapshot_id if snapshot is not None else None)

    @classmethod
    def at_time(cls, table: IcebergTable, milliseconds: int) -> Version:
        """Return the version that was current at a time, in milliseconds since 1970.

        Raises
        ------
        ExecutionError
            If the table has none so old.
        """
        snapshot = table.snapshot_as_of_timestamp(milliseconds)
        if snapshot is None:
            moment = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
            name = ".".join(f'"{part}"' for part in table.name())
            message = f"No version history table {name} at or before {moment.replace('+00:00', 'Z')}"
            raise ExecutionError("INVALID_ARGUMENTS", message)
        return cls._of(table, snapshot)

    @classmethod
    def numbered(cls, table: IcebergTable, snapshot_id: int) -> Version:
        """Return the version of a snapshot.

        Raises
        ------
        ExecutionError
            If the table has no such snapshot.
        """
        snapshot = table.snapshot_by_id(snapshot_id)
        if snapshot is None:
            raise ExecutionError("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {snapshot_id}")
        return cls._of(table, snapshot)

    @classmethod
    def named(cls, table: IcebergTable, reference: str) -> Version:
        """Return the version that a tag or branch names.

        Raises
        ------
        ExecutionError
            If the table has no such reference.
        """
        snapshot = table.snapshot_by_name(reference)
        if snapshot is None:
            message = f"Cannot find snapshot with reference name: {reference}"
            raise ExecutionError("INVALID_ARGUMENTS", message)
        return cls._of(table, snapshot)

    @classmethod
    def _of(cls, table: IcebergTable, snapshot: Snapshot) -> Version:
        schemas = table.schemas()
        schema = schemas.get(snapshot.schema_id, table.schema()) if snapshot.schema_id is not None else table.schema()
        return cls(table, schema, snapshot.snapshot_id)
