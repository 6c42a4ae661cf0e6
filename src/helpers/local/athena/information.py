"""`information_schema`: the Data Catalog as tables."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from helpers.local import in_process
from helpers.local.athena.errors import TableNotFoundError
from helpers.local.athena.iceberg.catalog import current_columns
from helpers.local.athena.type_texts import parse_type

INFORMATION_SCHEMA = "information_schema"
_TABLES: Mapping[str, Mapping[str, str]] = {
    "schemata": {"catalog_name": "varchar", "schema_name": "varchar"},
    "tables": {"table_catalog": "varchar", "table_schema": "varchar", "table_name": "varchar", "table_type": "varchar"},
    "columns": {
        "table_catalog": "varchar",
        "table_schema": "varchar",
        "table_name": "varchar",
        "column_name": "varchar",
        "ordinal_position": "bigint",
        "column_default": "varchar",
        "is_nullable": "varchar",
        "data_type": "varchar",
        "comment": "varchar",
        "extra_info": "varchar",
    },
}


def information_table(catalog: str, name: str) -> tuple[Mapping[str, str], pa.Table]:
    """Return the column types and the rows of one table of `information_schema`.

    Raises
    ------
    TableNotFoundError
        If it has no such table.
    """
    if name not in _TABLES:
        raise TableNotFoundError(catalog, INFORMATION_SCHEMA, name)
    catalog = catalog.lower()
    databases = [database["Name"] for database in in_process.pages("glue", "GetDatabases", {}, "DatabaseList")]
    if name == "schemata":
        rows = [{"catalog_name": catalog, "schema_name": database} for database in [*databases, INFORMATION_SCHEMA]]
    else:
        rows = [
            row
            for database in databases
            for table in in_process.pages("glue", "GetTables", {"DatabaseName": database}, "TableList")
            for row in (_columns(catalog, database, table) if name == "columns" else [_table(catalog, database, table)])
        ]
    kinds = {"varchar": pa.string(), "bigint": pa.int64()}
    schema = pa.schema([(column, kinds[kind]) for column, kind in _TABLES[name].items()])
    return _TABLES[name], pa.Table.from_pylist(rows, schema=schema)


def _table(catalog: str, database: str, table: Mapping[str, object]) -> dict[str, object]:
    kind = "VIEW" if table.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"
    return {"table_catalog": catalog, "table_schema": database, "table_name": table["Name"], "table_type": kind}


def _columns(catalog: str, database: str, table: Mapping[str, object]) -> list[dict[str, object]]:
    keys = table.get("PartitionKeys") or []
    assert isinstance(keys, list)
    return [
        {
            "table_catalog": catalog,
            "table_schema": database,
            "table_name": table["Name"],
            "column_name": column["Name"],
            "ordinal_position": number,
            "is_nullable": "YES",
            "data_type": parse_type(column.get("Type") or "string").trino,
            "comment": column.get("Comment"),
            "extra_info": "partition key" if column in keys else None,
        }
        for number, column in enumerate([*current_columns(table), *keys], start=1)
    ]
