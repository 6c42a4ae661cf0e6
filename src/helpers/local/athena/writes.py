"""CREATE TABLE AS, INSERT INTO and UNLOAD: queries whose rows become files in S3.

https://docs.aws.amazon.com/athena/latest/ug/ctas.html, …/insert-into.html, …/unload.html
"""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from helpers.local import in_process
from helpers.local.athena import partition_ddl, tables
from helpers.local.athena.data_files import Layout, write_files
from helpers.local.athena.ddl import Located
from helpers.local.athena.errors import AnalysisError, ExecutionError, TypeMismatchError
from helpers.local.athena.formats import FORMATS, OPEN_CSV
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.model import AthenaQueryError, Column, QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.statements import parse_query, without_comments
from helpers.local.athena.types import DataType, parse_type

STATEMENTS = ("CREATE_TABLE_AS_SELECT", "INSERT", "UNLOAD")
_OUTPUT = "athena_output"
_TEXT_FAMILY = {"varchar", "char"}
_NUMBER_FAMILY = {"tinyint", "smallint", "integer", "bigint", "real", "double", "decimal"}


def run(substatement: str, sql: str, context: QueryContext, values: list[exp.Expression]) -> QueryResult:
    """Run a statement that writes.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    reader = HiveReader(without_comments(sql).strip().rstrip(";"))
    statement = {"CREATE_TABLE_AS_SELECT": _create_table_as, "INSERT": _insert, "UNLOAD": _unload}[substatement]
    with Engine(context) as engine:
        return statement(reader, engine, values)


# -- CREATE TABLE AS --------------------------------------------------------------------------------


def _create_table_as(reader: HiveReader, engine: Engine, values: list[exp.Expression]) -> QueryResult:
    context = engine.context
    reader.expect("CREATE", "TABLE")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    located = Located(reader.table(), context)
    comment = reader.text() if reader.accept("COMMENT") else None
    properties = _with_properties(reader) if reader.accept("WITH") else {}
    reader.expect("AS")
    query, with_data = _without_data_clause(reader.rest())
    if not tables.database_exists(located.database):
        raise AnalysisError("SCHEMA_NOT_FOUND", f"Schema {located.database} does not exist")
    if tables.glue_entry(located.database, located.table) is not None:
        if missing_only:
            return QueryResult("DDL", "CREATE_TABLE_AS_SELECT", rows_written=0)
        name = f"awsdatacatalog.{located.database}.{located.table}"
        raise AnalysisError("TABLE_ALREADY_EXISTS", f"Destination table '{name}' already exists")
    location = str(properties.pop("external_location", f"{context.output_location}tables/{context.query_id}/"))
    location = location.rstrip("/") + "/"
    layout = _layout(properties, location)
    keys = _names(properties.pop("partitioned_by", []))
    buckets = _names(properties.pop("bucketed_by", []))
    bucket_count = int(properties.pop("bucket_count", 0) or 0)
    if properties.pop("table_type", "HIVE") not in ("HIVE", "hive"):
        raise AnalysisError("NOT_SUPPORTED", "Iceberg tables are not available in the local Athena")
    properties.pop("is_external", None)
    if properties:
        raise AnalysisError(
            "INVALID_TABLE_PROPERTY",
            f"Catalog 'awsdatacatalog' table property '{next(iter(properties))}' does not exist",
        )
    _check_empty(location, located.table)
    columns = _materialize(engine, query, values)
    _check_output(columns, keys)
    if not with_data:
        engine.connection.execute(f"DELETE FROM {_OUTPUT}")
    written = write_files(engine, _OUTPUT, columns, keys, layout, context)
    entry = _ctas_entry(located, columns, keys, layout, comment)
    entry["StorageDescriptor"] |= {"BucketColumns": buckets, "NumberOfBuckets": bucket_count or -1}
    in_process.call("glue", "CreateTable", {"DatabaseName": located.database, "TableInput": entry})
    _add_partitions(located, entry, keys, written.partitions)
    return QueryResult(
        "DDL",
        "CREATE_TABLE_AS_SELECT",
        bytes_scanned=engine.filesystem.bytes_read,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _ctas_entry(
    located: Located, columns: list[Column], keys: list[str], layout: Layout, comment: str | None
) -> dict[str, Any]:
    kinds = {column.name: _stored(parse_type(column.type)).hive for column in columns}
    parameters = {"EXTERNAL": "TRUE", "has_encrypted_data": "false", "auto.purge": "false"}
    if comment is not None:
        parameters["comment"] = comment
    if layout.format == "PARQUET":
        parameters["parquet.compression"] = layout.compression
    return {
        "Name": located.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Retention": 0,
        "Parameters": parameters | {"numFiles": "-1", "totalSize": "-1", "presto_query_id": "local"},
        "PartitionKeys": [{"Name": key, "Type": kinds[key]} for key in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in kinds.items() if name not in keys],
            "Location": layout.location,
            "InputFormat": layout.file_format.input_format,
            "OutputFormat": layout.file_format.output_format,
            "Compressed": False,
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


def _stored(kind: DataType) -> DataType:
    """Return the type that a column gets in a table: a NULL literal has none of its own."""
    return DataType("varchar") if kind.name in ("unknown", "json", "time", "uuid") else kind


def _check_output(columns: list[Column], keys: list[str]) -> None:
    names = [column.name for column in columns]
    for number, name in enumerate(names, start=1):
        if re.fullmatch(r"_col\d+", name):
            raise AnalysisError("MISSING_COLUMN_NAME", f"Column name not specified at position {number}")
        if names.count(name) > 1:
            raise AnalysisError("DUPLICATE_COLUMN_NAME", f"Column name '{name}' specified more than once")
    for column in columns:
        if column.type == "unknown":
            raise AnalysisError(
                "COLUMN_TYPE_UNKNOWN", f"Column type is unknown at position {names.index(column.name) + 1}"
            )
    missing = [key for key in keys if key not in names]
    if missing:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Partition columns {missing} not present in schema")
    if keys and names[-len(keys) :] != keys:
        message = f"Partition keys must be the last columns in the table and in the same order as the table properties: [{', '.join(keys)}]"
        raise AthenaQueryError(f"HIVE_COLUMN_ORDER_MISMATCH: {message}")


# -- INSERT INTO ------------------------------------------------------------------------------------


def _insert(reader: HiveReader, engine: Engine, values: list[exp.Expression]) -> QueryResult:
    context = engine.context
    reader.expect("INSERT", "INTO")
    located = Located(reader.table(), context)
    start = reader.index
    named = reader.names() if reader.accept("(") and not reader.accept("SELECT") and _rewind(reader, start) else None
    if named is None:
        reader.index = start
    query = reader.rest()
    table = tables.find(context.catalog, located.database, located.table)
    if isinstance(table, tables.View):
        raise AnalysisError("NOT_SUPPORTED", "Inserting into views is not supported")
    if table.glue["StorageDescriptor"].get("BucketColumns"):
        raise AnalysisError("NOT_SUPPORTED", "Inserting into bucketed tables is not supported")
    given = _materialize(engine, query, values)
    wanted = table.all_columns
    targets = named or list(wanted)
    if len(targets) != len(given):
        kinds = ", ".join(wanted[name].trino for name in targets if name in wanted)
        message = (
            f"Insert query has mismatched column types: Table: [{kinds}], Query: [{', '.join(c.type for c in given)}]"
        )
        raise TypeMismatchError(message, (1, 1))
    _check_assignable(wanted, targets, given)
    source = {target: column.name for target, column in zip(targets, given, strict=True)}
    select = ", ".join(
        f'CAST("{source[name]}" AS {kind.duckdb}) AS "{name}"' if name in source else f'NULL::{kind.duckdb} AS "{name}"'
        for name, kind in wanted.items()
    )
    with engine.guarded():
        engine.connection.execute(f"CREATE TEMP TABLE inserted AS SELECT {select} FROM {_OUTPUT}")
    keys = list(table.partition_keys)
    columns = [Column(name, kind.trino) for name, kind in wanted.items()]
    written = write_files(engine, "inserted", columns, keys, _layout_of(table), context)
    _add_partitions(located, table.glue, keys, written.partitions)
    return QueryResult(
        "DML",
        "INSERT",
        bytes_scanned=engine.filesystem.bytes_read,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _rewind(reader: HiveReader, index: int) -> bool:
    reader.index = index
    return True


def _check_assignable(wanted: dict[str, DataType], targets: list[str], given: list[Column]) -> None:
    for name, column in zip(targets, given, strict=True):
        if name not in wanted:
            raise AnalysisError("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {name}")
        target, source = wanted[name].name, parse_type(column.type).name
        if source == "unknown" or target == source:
            continue
        same = any({target, source} <= family for family in (_TEXT_FAMILY, _NUMBER_FAMILY, {"date", "timestamp"}))
        if not same and not target.startswith(source[:9]):
            table_kinds = ", ".join(wanted[target_name].trino for target_name in targets)
            message = f"Insert query has mismatched column types: Table: [{table_kinds}], Query: [{', '.join(c.type for c in given)}]"
            raise TypeMismatchError(message, (1, 1))


def _layout_of(table: tables.Table) -> Layout:
    kind = table.serde.rpartition(".")[2].lower()
    if "parquet" in kind:
        compression = table.parameters.get("parquet.compression") or table.parameters.get("parquet.compress", "GZIP")
        return Layout(table.location, "PARQUET", compression.upper())
    if "json" in kind:
        return Layout(table.location, "JSON", "GZIP")
    if kind == "lazysimpleserde":
        delimiter = table.serde_parameters.get("field.delim", "\x01")
        return Layout(table.location, "TEXTFILE", "GZIP", delimiter)
    if table.serde == OPEN_CSV:
        return Layout(table.location, "CSV", "GZIP", table.serde_parameters.get("separatorChar", ","))
    raise AnalysisError("NOT_SUPPORTED", f"Inserting into a table with SerDe {table.serde} is not supported")


# -- UNLOAD -----------------------------------------------------------------------------------------


def _unload(reader: HiveReader, engine: Engine, values: list[exp.Expression]) -> QueryResult:
    context = engine.context
    reader.expect("UNLOAD")
    query, end = _in_brackets(reader)
    reader.index = end
    reader.expect("TO")
    location = reader.text().rstrip("/") + "/"
    properties = _with_properties(reader) if reader.accept("WITH") else {}
    reader.done()
    if "format" not in properties:
        raise AnalysisError("INVALID_TABLE_PROPERTY", "Property 'format' is required for UNLOAD")
    layout = _layout(properties, location)
    keys = _names(properties.pop("partitioned_by", []))
    if properties:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Property '{next(iter(properties))}' is not supported by UNLOAD")
    _check_empty(location, "UNLOAD")
    columns = _materialize(engine, query, values)
    _check_output([column for column in columns if column.type != "unknown"], keys)
    written = write_files(engine, _OUTPUT, columns, keys, layout, context)
    return QueryResult(
        "DML",
        "UNLOAD",
        bytes_scanned=engine.filesystem.bytes_read,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _in_brackets(reader: HiveReader) -> tuple[str, int]:
    if reader.at_end or reader.tokens[reader.index][1] != "(":
        raise reader.error("Expecting: '('")
    depth = 0
    for number in range(reader.index, len(reader.tokens)):
        value = reader.tokens[number][1]
        depth += (value == "(") - (value == ")")
        if depth == 0:
            first, last = reader.tokens[reader.index][2], reader.tokens[number][2]
            return reader.sql[first.end() : last.start("mark")], number + 1
    raise reader.error("Expecting: ')'")


# -- What they share --------------------------------------------------------------------------------


def _materialize(engine: Engine, query: str, values: list[exp.Expression]) -> list[Column]:
    """Run the query into a table of the engine and return its columns."""
    names, sql = engine.prepare(parse_query(query), values)
    with engine.guarded():
        kinds = engine.column_types(sql)
        listed = ", ".join(
            f'#{number}::{_stored(kind).duckdb} AS "{name}"' if kind.name != "unknown" else f'NULL::VARCHAR AS "{name}"'
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1)
        )
        if len(set(names)) < len(names):
            repeated = next(name for name in names if names.count(name) > 1)
            raise AnalysisError("DUPLICATE_COLUMN_NAME", f"Column name '{repeated}' specified more than once")
        engine.connection.execute(f"CREATE TEMP TABLE {_OUTPUT} AS SELECT {listed} FROM ({sql})")
    return [Column(name, kind.trino) for name, kind in zip(names, kinds, strict=True)]


def _with_properties(reader: HiveReader) -> dict[str, Any]:
    reader.expect("(")
    found: dict[str, Any] = {}
    while True:
        key = reader.name()
        reader.expect("=")
        found[key] = _array(reader) if reader.accept("ARRAY") else reader.value()
        if not reader.accept(","):
            reader.expect(")")
            return found


def _array(reader: HiveReader) -> list[str]:
    reader.expect("[")
    found: list[str] = []
    while not reader.accept("]"):
        found.append(reader.value())
        reader.accept(",")
    return found


def _names(value: Any) -> list[str]:
    return [str(name).lower() for name in (value if isinstance(value, list) else [value])]


def _layout(properties: dict[str, Any], location: str) -> Layout:
    kind = str(properties.pop("format", "PARQUET")).upper()
    if kind not in FORMATS:
        raise AnalysisError("INVALID_TABLE_PROPERTY", f"Invalid value for 'format' property: {kind}")
    own = [properties.pop(key, None) for key in ("write_compression", f"{kind.lower()}_compression", "compression")]
    properties.pop("compression_level", None)
    compression = next((str(value).upper() for value in own if value), "GZIP")
    delimiter = str(properties.pop("field_delimiter", "\x01"))
    return Layout(location, kind, compression, delimiter)


def _check_empty(location: str, table: str) -> None:
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not in_process.bucket_exists(bucket):
        raise ExecutionError(
            "HIVE_METASTORE_ERROR", f"The S3 location provided to save your query results is invalid: {location}"
        )
    if in_process.list_objects(bucket, prefix):
        raise ExecutionError(
            "HIVE_PATH_ALREADY_EXISTS", f"Target directory for table '{table}' already exists: {location}"
        )


def _without_data_clause(query: str) -> tuple[str, bool]:
    found = re.search(r"\s+WITH\s+(NO\s+)?DATA\s*$", query, re.IGNORECASE)
    return (query[: found.start()], not found[1]) if found else (query, True)


def _add_partitions(located: Located, entry: Any, keys: list[str], partitions: dict[tuple[str, ...], str]) -> None:
    if not keys:
        return
    known = {tuple(values) for values in partition_ddl.existing(located.request())}
    missing = [(list(values), place) for values, place in partitions.items() if values not in known]
    if missing:
        partition_ddl.create(located.request(), dict(entry), missing)
