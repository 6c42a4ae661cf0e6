"""New snapshots of an Iceberg table: rows added, and data files put in the place of others.

Rows are changed by writing their files anew (copy on write), which is what pyiceberg can do.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable

from helpers.local.athena.iceberg.catalog import committing
from helpers.local.athena.iceberg.schemas import athena_type
from helpers.local.athena.query import Engine
from helpers.local.athena.source import quoted


def rows_of(engine: Engine, relation: str, schema: Schema) -> pa.Table:
    """Return the rows of a relation of the engine with the columns and types of a table.

    Raises
    ------
    AthenaQueryError
        If a value does not fit.
    """
    listed = ", ".join(
        f"CAST({quoted(field.name.lower())} AS {athena_type(field.field_type).duckdb}) AS {quoted(field.name)}"
        for field in schema.fields
    )
    with engine.guarded():
        return engine.connection.sql(f"SELECT {listed} FROM {relation}").to_arrow_table()


def append(table: IcebergTable, rows: pa.Table) -> list[str]:
    """Add rows and return the `s3://` locations of their files.

    Raises
    ------
    ExecutionError
        If it cannot be committed.
    """
    if not rows.num_rows:
        return []
    return replace(table, [], rows)


def replace(table: IcebergTable, files: Iterable[DataFile], rows: pa.Table) -> list[str]:
    """Put new files with rows in the place of data files, in one snapshot; return the `s3://` locations of the new.

    Raises
    ------
    ExecutionError
        If it cannot be committed.
    """
    replaced = list(files)
    with committing(".".join(table.name())), table.transaction() as transaction:
        update = transaction.update_snapshot()
        with update.overwrite() if replaced else update.fast_append() as snapshot:
            for file in replaced:
                snapshot.delete_data_file(file)
            metadata = transaction.table_metadata
            added = (
                list(_dataframe_to_data_files(metadata, rows, table.io, write_uuid=snapshot.commit_uuid))
                if rows.num_rows
                else []
            )
            for file in added:
                snapshot.append_data_file(file)
    return [file.file_path for file in added]
