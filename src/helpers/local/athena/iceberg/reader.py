"""The data files of an Iceberg table as DuckDB reads them: columns by their field ids, only those that a query uses."""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile, FileFormat
from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable

from helpers.local import in_process
from helpers.local.athena import serde_parquet
from helpers.local.athena.errors import ExecutionError, NotSupportedError
from helpers.local.athena.iceberg.object_files import address
from helpers.local.athena.partitions import Partition
from helpers.local.athena.source import HIDDEN_COLUMNS, ROW_NUMBER, Source, quoted
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType
from helpers.local.in_process import ServiceCallError, StoredObject

_FIELD_ID = b"PARQUET:field_id"
_Fields = tuple[tuple[int | None, pa.Field], ...]


def data_files(table: IcebergTable, snapshot_id: int | None) -> list[DataFile]:
    """Return the data files of a snapshot, none of a table that has no snapshot yet.

    Raises
    ------
    NotSupportedError
        If rows were deleted by delete files, or the files are not Parquet.
    """
    if snapshot_id is None:
        return []
    found = []
    for task in table.scan(snapshot_id=snapshot_id).plan_files():
        if task.delete_files:
            raise NotSupportedError("An Iceberg table with delete files")
        if task.file.file_format != FileFormat.PARQUET:
            raise NotSupportedError(f"An Iceberg table with {task.file.file_format} files")
        found.append(task.file)
    return sorted(found, key=lambda file: file.file_path)


def relation(table: Table, used: frozenset[str] | None, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads a table's rows.

    Parameters
    ----------
    table
        An Iceberg table.
    used
        Names of the columns that the query uses, hidden ones included; None for all.
    filesystem
        Through which DuckDB reads.

    Raises
    ------
    AthenaQueryError
        If the files cannot be read, or do not hold what the table says.
    """
    assert table.iceberg is not None
    schema = table.iceberg.schema
    columns = {name: kind for name, kind in table.columns.items() if used is None or name in used}
    hidden = [name for name in (*HIDDEN_COLUMNS, ROW_NUMBER) if used is not None and name in used]
    number = filesystem.add_reader(None)
    groups: dict[_Fields, list[tuple[Partition, StoredObject]]] = {}
    for file in data_files(table.iceberg.table, table.iceberg.snapshot_id):
        stored = _stored(file.file_path)
        found = groups.setdefault(_fields(stored.bucket, stored.key, stored.etag), [])
        found.append((Partition({}, table.location), stored))
    selects = []
    for fields, files in groups.items():
        source = Source(table, columns, hidden, {}, files)
        values = {name: _value(name, source, schema, fields) for name in columns}
        options = "file_row_number = true" if ROW_NUMBER in hidden else ""
        selects.append(source.select(values, source.scan("read_parquet", number, options)))
    return " UNION ALL BY NAME ".join(selects) or _nothing(table)


def _stored(location: str) -> StoredObject:
    try:
        return in_process.stored_object(*address(location))
    except ServiceCallError as error:
        raise ExecutionError("ICEBERG_CANNOT_OPEN_SPLIT", f"Error opening Iceberg split {location}") from error


@lru_cache(maxsize=10_000)
def _fields(bucket: str, key: str, etag: str) -> _Fields:
    """Return the columns of a data file with their field ids."""
    try:
        schema = pq.read_schema(pa.BufferReader(in_process.read_object(bucket, key)))
    except (pa.ArrowException, OSError) as error:
        raise ExecutionError("ICEBERG_BAD_DATA", f"Error opening Iceberg split s3://{bucket}/{key}") from error
    return tuple((_field_id(field), field.remove_metadata()) for field in schema)


def _field_id(field: pa.Field) -> int | None:
    text = (field.metadata or {}).get(_FIELD_ID)
    return None if text is None else int(text)


def _value(name: str, source: Source, schema: Schema, fields: _Fields) -> str:
    field = schema.find_field(name, case_sensitive=False)
    by_id = {number: column for number, column in fields if number is not None}
    # Files that another writer brought may have no ids; then the names count.
    by_name = {} if by_id else {column.name.lower(): column for _, column in fields}
    found = by_id.get(field.field_id) or by_name.get(name)
    return serde_parquet.column_value(name, source.columns[name], found, source.objects[0])


def _nothing(table: Table) -> str:
    columns = {**table.columns, **HIDDEN_COLUMNS, ROW_NUMBER: DataType("bigint")}
    listed = ", ".join(f"NULL::{kind.duckdb} AS {quoted(name)}" for name, kind in columns.items())
    return f"SELECT {listed} WHERE FALSE"
