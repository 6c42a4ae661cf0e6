"""Properties of Iceberg tables: Athena's own names, and those that Iceberg has for them.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html#querying-iceberg-table-properties
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.local.athena.errors import AnalysisError, NotSupportedError

# Properties of the table with their defaults.
VACUUM_SNAPSHOTS = ("vacuum_min_snapshots_to_keep", "1")
VACUUM_AGE_SECONDS = ("vacuum_max_snapshot_age_seconds", "432000")
_FORMAT, _COMPRESSION = "write.format.default", "write.parquet.compression-codec"
_ICEBERG = {
    "format": _FORMAT,
    "write_compression": _COMPRESSION,
    "write_target_data_file_size_bytes": "write.target-file-size-bytes",
    "write_object_storage_enabled": "write.object-storage.enabled",
    "write_data_path": "write.data.path",
    "vacuum_max_metadata_files_to_keep": "write.metadata.previous-versions-max",
}
_KEPT = (
    VACUUM_SNAPSHOTS[0],
    VACUUM_AGE_SECONDS[0],
    "optimize_rewrite_min_data_file_size_bytes",
    "optimize_rewrite_max_data_file_size_bytes",
    "optimize_rewrite_data_file_threshold",
    "optimize_rewrite_delete_file_threshold",
    "compression_level",
)
_CODECS = {"GZIP": "gzip", "SNAPPY": "snappy", "ZSTD": "zstd", "LZ4": "lz4", "NONE": "uncompressed"}


def iceberg_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """Return the properties that the table's metadata gets.

    Raises
    ------
    AthenaQueryError
        If Athena has no such property, or the local Athena cannot write so.
    """
    found = {}
    for key, value in properties.items():
        if key == "table_type":
            continue
        if key not in _ICEBERG and key not in _KEPT:
            raise AnalysisError("INVALID_TABLE_PROPERTY", f"Unsupported table property key: {key}")
        found[_ICEBERG.get(key, key)] = value
    chosen = found.setdefault(_FORMAT, "parquet").lower()
    if chosen != "parquet":
        raise NotSupportedError(f"An Iceberg table with {chosen} files")
    found[_FORMAT] = chosen
    if _COMPRESSION in found:
        codec = found[_COMPRESSION].upper()
        if codec not in _CODECS:
            raise AnalysisError("INVALID_TABLE_PROPERTY", f"Unsupported compression: {codec}")
        found[_COMPRESSION] = _CODECS[codec]
    return found


def changed_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """Return what SET TBLPROPERTIES changes in the table's metadata.

    Raises
    ------
    AthenaQueryError
        As `iceberg_properties` does.
    """
    found = iceberg_properties(properties)
    return found if "format" in properties else {key: value for key, value in found.items() if key != _FORMAT}


def iceberg_names(names: Iterable[str]) -> set[str]:
    """Return what Iceberg calls properties."""
    return {_ICEBERG.get(name, name) for name in names}


def athena_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """Return Athena's names and values of the properties that a table's metadata has."""
    names = {iceberg: athena for athena, iceberg in _ICEBERG.items()}
    return {names.get(key, key): value for key, value in properties.items() if key in names or key in _KEPT}
