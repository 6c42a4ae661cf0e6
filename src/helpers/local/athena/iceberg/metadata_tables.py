"""The metadata tables of an Iceberg table: `"t$snapshots"`, `"t$history"`, `"t$files"` and others.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from pyiceberg.conversions import from_bytes
from pyiceberg.table import Table as IcebergTable
from pyiceberg.types import PrimitiveType

_MOMENT = pa.timestamp("us", "UTC")


def metadata_rows(table: IcebergTable, kind: str) -> pa.Table:
    """Return the rows of a metadata table, one of `METADATA_TABLES`."""
    return METADATA_TABLES[kind](table)


def _snapshots(table: IcebergTable) -> pa.Table:
    return _with_moments(table.inspect.snapshots(), "committed_at")


def _history(table: IcebergTable) -> pa.Table:
    return _with_moments(table.inspect.history(), "made_current_at")


def _files(table: IcebergTable) -> pa.Table:
    names = (
        "content",
        "file_path",
        "file_format",
        "record_count",
        "file_size_in_bytes",
        "column_sizes",
        "value_counts",
    )
    more = ("null_value_counts", "nan_value_counts", "lower_bounds", "upper_bounds", "key_metadata")
    found = table.inspect.files().select([*names, *more, "split_offsets", "equality_ids"])
    for name in ("lower_bounds", "upper_bounds"):
        bounds = [_readable(table, dict(value or ())) for value in found.column(name).to_pylist()]
        column = pa.array(bounds, pa.map_(pa.int32(), pa.string()))
        found = found.set_column(found.schema.get_field_index(name), name, column)
    return found


def _readable(table: IcebergTable, bounds: dict[int, bytes]) -> list[tuple[int, str]]:
    found = []
    for field_id, value in bounds.items():
        kind = table.schema().find_type(field_id)
        assert isinstance(kind, PrimitiveType)
        found.append((field_id, str(from_bytes(kind, value))))
    return found


def _manifests(table: IcebergTable) -> pa.Table:
    names = ("path", "length", "partition_spec_id", "added_snapshot_id", "added_data_files_count")
    more = ("existing_data_files_count", "deleted_data_files_count", "partition_summaries")
    return table.inspect.manifests().select([*names, *more])


def _partitions(table: IcebergTable) -> pa.Table:
    found = table.inspect.partitions()
    names = {"record_count": "record_count", "file_count": "file_count", "total_data_file_size_in_bytes": "total_size"}
    if "partition" in found.column_names:
        names = {"partition": "partition", **names}
    return found.select(list(names)).rename_columns(list(names.values()))


def _refs(table: IcebergTable) -> pa.Table:
    found = table.inspect.refs()
    # DuckDB reads a dictionary of texts as an enumeration.
    return found.cast(pa.schema([_plain(field) for field in found.schema]))


def _plain(field: pa.Field) -> pa.Field:
    return field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field


def _with_moments(rows: pa.Table, name: str) -> pa.Table:
    column = rows.column(name).cast(pa.timestamp("us")).cast(_MOMENT)
    return rows.set_column(rows.schema.get_field_index(name), name, column)


METADATA_TABLES: Mapping[str, Callable[[IcebergTable], Any]] = {
    "snapshots": _snapshots,
    "history": _history,
    "files": _files,
    "manifests": _manifests,
    "partitions": _partitions,
    "refs": _refs,
}
