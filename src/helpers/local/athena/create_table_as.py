"""CREATE TABLE AS: a query whose rows become the files of a new table.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

from sqlglot import exp

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.data_files import Layout, hive_path, write_files
from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import iceberg_table_as
from helpers.local.athena.located import Located
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.types import DataType
from helpers.local.athena.writes import (
    OUTPUT,
    add_partitions,
    check_named,
    check_partition_keys,
    check_target,
    materialized,
    names,
    stored,
    take_layout,
    with_properties,
)

SUBSTATEMENT = "CREATE_TABLE_AS_SELECT"


def run(reader: HiveReader, context: QueryContext, values: list[exp.Expr]) -> QueryResult:
    """Run a CREATE TABLE AS.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    reader.expect("CREATE", "TABLE")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    located = Located(reader.table(), context)
    comment = reader.text() if reader.accept("COMMENT") else None
    properties = with_properties(reader) if reader.accept("WITH") else {}
    reader.expect("AS")
    query, with_data = _without_data_clause(reader.rest())
    if not tables.database_exists(located.database):
        raise AnalysisError("SCHEMA_NOT_FOUND", f"Schema {located.database} does not exist")
    if tables.glue_entry(located.database, located.table) is not None:
        if missing_only:
            return QueryResult("DDL", SUBSTATEMENT, rows_written=0)
        name = f"awsdatacatalog.{located.database}.{located.table}"
        raise AnalysisError("TABLE_ALREADY_EXISTS", f"Destination table '{name}' already exists")
    if str(properties.get("table_type", "HIVE")).upper() == "ICEBERG":
        return iceberg_table_as.run(located, (query, with_data), properties, context, values)
    location = str(properties.pop("external_location", f"{context.output_location}tables/{context.query_id}/"))
    location = location.rstrip("/") + "/"
    layout, keys = _take_properties(properties)
    check_target(location, f"{located.database}.{located.table}")
    with Engine(context) as engine:
        columns = materialized(engine, query, values)
        check_named(columns)
        _check_columns(columns, keys, layout)
        columns = {name: stored(kind) for name, kind in columns.items()}
        if not with_data:
            engine.connection.execute(f"DELETE FROM {OUTPUT}")
        written = write_files(engine, OUTPUT, columns, keys, layout, lambda row: location + hive_path(keys, row))
        bytes_scanned = engine.filesystem.bytes_read
    entry = _table_input(located, columns, keys, layout, location, context)
    if comment is not None:
        entry["Parameters"]["comment"] = comment
    in_process.call("glue", "CreateTable", {"DatabaseName": located.database, "TableInput": entry})
    add_partitions(located.request(), entry, written.partitions)
    return QueryResult(
        "DDL",
        SUBSTATEMENT,
        bytes_scanned=bytes_scanned,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _take_properties(properties: dict[str, Any]) -> tuple[Layout, list[str]]:
    if str(properties.pop("table_type", "HIVE")).upper() != "HIVE":
        raise AnalysisError("INVALID_TABLE_PROPERTY", "Invalid value for 'table_type' property")
    layout = take_layout(properties)
    keys = names(properties.pop("partitioned_by", []))
    buckets = tuple(names(properties.pop("bucketed_by", [])))
    bucket_count = int(properties.pop("bucket_count", 0) or 0)
    if bool(buckets) != bool(bucket_count):
        raise AnalysisError("INVALID_TABLE_PROPERTY", "bucketed_by and bucket_count must be specified together")
    properties.pop("is_external", None)
    if properties:
        unknown = next(iter(properties))
        raise AnalysisError(
            "INVALID_TABLE_PROPERTY", f"Catalog 'awsdatacatalog' table property '{unknown}' does not exist"
        )
    return replace(layout, buckets=buckets, bucket_count=bucket_count), keys


def _check_columns(columns: dict[str, DataType], keys: list[str], layout: Layout) -> None:
    check_partition_keys(columns, keys)
    missing = [name for name in layout.buckets if name not in columns or name in keys]
    if missing:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Bucketing columns [{', '.join(missing)}] not present in schema")


def _table_input(
    located: Located,
    columns: dict[str, DataType],
    keys: list[str],
    layout: Layout,
    location: str,
    context: QueryContext,
) -> dict[str, Any]:
    parameters = {
        "EXTERNAL": "TRUE",
        "auto.purge": "false",
        "has_encrypted_data": "true" if context.s3_headers.get("x-amz-server-side-encryption") else "false",
        "numFiles": "-1",
        "numRows": "-1",
        "rawDataSize": "-1",
        "totalSize": "-1",
        "transactional": "false",
        "transient_lastDdlTime": str(int(time.time())),
        "trino_query_id": context.query_id,
    }
    key = {"PARQUET": "parquet.compression", "ORC": "orc.compress", "AVRO": "avro.compression"}.get(layout.format)
    if key:
        parameters[key] = layout.compression
    return {
        "Name": located.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Retention": 0,
        "Parameters": parameters,
        "PartitionKeys": [{"Name": key, "Type": columns[key].hive} for key in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind.hive} for name, kind in columns.items() if name not in keys],
            "Location": location,
            "InputFormat": layout.file_format.input_format,
            "OutputFormat": layout.file_format.output_format,
            "Compressed": False,
            "NumberOfBuckets": layout.bucket_count or -1,
            "BucketColumns": list(layout.buckets),
            "SerdeInfo": {
                "Name": located.table,
                "SerializationLibrary": layout.file_format.serde,
                "Parameters": layout.serde_parameters,
            },
            "SortColumns": [],
            "Parameters": {},
            "StoredAsSubDirectories": False,
        },
    }


def _without_data_clause(query: str) -> tuple[str, bool]:
    found = re.search(r"\s+WITH\s+(NO\s+)?DATA\s*$", query, re.IGNORECASE)
    return (query[: found.start()], not found[1]) if found else (query, True)
