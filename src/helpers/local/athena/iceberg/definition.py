"""DDL of Iceberg tables: CREATE TABLE, ALTER TABLE and DROP TABLE.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pyiceberg.schema import Schema
from pyiceberg.table import Table as IcebergTable

from helpers.local import in_process
from helpers.local.athena import tables
from helpers.local.athena.errors import DdlError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import catalog
from helpers.local.athena.iceberg.object_files import address
from helpers.local.athena.iceberg.partitioning import partition_spec
from helpers.local.athena.iceberg.properties import changed_properties, iceberg_names, iceberg_properties
from helpers.local.athena.iceberg.schemas import iceberg_type, new_schema

_TABLE_TYPE = re.compile(r"""table_type['"]\s*=\s*['"]iceberg['"]""", re.IGNORECASE)


def is_create(sql: str) -> bool:
    """Return whether a CREATE TABLE is one of an Iceberg table."""
    return _TABLE_TYPE.search(sql) is not None


def create(reader: HiveReader, database: str) -> None:
    """Run `CREATE TABLE [IF NOT EXISTS] name (…) [PARTITIONED BY (…)] LOCATION '…' TBLPROPERTIES (…)`.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    reader.expect("CREATE", "TABLE")
    missing_only = reader.accept("IF", "NOT", "EXISTS")
    name = reader.table()
    columns = reader.columns()
    fields: list[str] = []
    location, properties, comment = None, {}, None
    while not reader.at_end:
        if reader.accept("COMMENT"):
            comment = reader.text()
        elif reader.accept("PARTITIONED", "BY"):
            fields = reader.expressions()
        elif reader.accept("LOCATION"):
            location = reader.text()
        elif reader.accept("TBLPROPERTIES"):
            properties = reader.properties()
        else:
            raise reader.error("Expecting: 'COMMENT', 'LOCATION', 'PARTITIONED', 'TBLPROPERTIES'")
    repeated = next((c.name for c in columns if [o.name for o in columns].count(c.name) > 1), None)
    if repeated is not None:
        raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {repeated}")
    if location is None:
        raise DdlError("SemanticException Table location is required for Iceberg tables")
    where = name.database or database
    if not tables.database_exists(where):
        raise DdlError(f"SemanticException [Error 10072]: Database does not exist: {where}")
    if tables.glue_entry(where, name.table) is not None:
        if missing_only:
            return
        raise DdlError(f"SemanticException Table already exists: {where}.{name.table}")
    described = {"comment": comment} if comment is not None else {}
    create_table(where, name.table, new_schema(columns), fields, location, iceberg_properties(properties) | described)


def create_table(
    database: str, name: str, schema: Schema, fields: list[str], location: str, properties: Mapping[str, str]
) -> IcebergTable:
    """Create an empty table.

    Parameters
    ----------
    database, name
        Where it will be in the Data Catalog.
    schema, fields
        Its columns, and how it is partitioned.
    location
        `s3://…` of its files.
    properties
        Of its metadata, as Iceberg names them.

    Raises
    ------
    AthenaQueryError
        If it cannot be.
    """
    if not re.match(r"s3[an]?://[^/]+", location):
        raise DdlError(f"SemanticException The S3 location provided {location} is not valid.")
    if not in_process.bucket_exists(address(location)[0]):
        raise DdlError(f"SemanticException The specified bucket does not exist: {location}")
    spec = partition_spec(schema, fields)
    with catalog.committing(f"{database}.{name}"):
        return catalog.LocalCatalog().create_table(
            (database, name), schema, location.rstrip("/"), spec, properties=dict(properties)
        )


def drop(database: str, name: str, location: str) -> None:
    """Drop a table with all of its files: Athena manages Iceberg tables."""
    in_process.call("glue", "DeleteTable", {"DatabaseName": database, "Name": name})
    bucket, folder = address(location.rstrip("/") + "/")
    for stored in in_process.list_objects(bucket, folder):
        in_process.s3_request("DELETE", bucket, stored.key)


def _add_columns(reader: HiveReader, table: IcebergTable) -> None:
    reader.expect("ADD")
    if not reader.accept("COLUMNS"):
        reader.expect("COLUMN")
    added = reader.columns()
    for column in added:
        if column.name in table.schema().column_names:
            raise DdlError(f"SemanticException [Error 10036]: Duplicate column name: {column.name}")
    with table.update_schema() as update:
        for column in added:
            update.add_column(column.name, iceberg_type(column.kind), doc=column.comment)


def _drop_column(reader: HiveReader, table: IcebergTable) -> None:
    reader.expect("DROP", "COLUMN")
    name = reader.name()
    reader.done()
    _check_held(table, name)
    with table.update_schema() as update:
        update.delete_column(name)


def _replace_columns(reader: HiveReader, table: IcebergTable) -> None:
    reader.expect("REPLACE", "COLUMNS")
    columns = reader.columns()
    held = {field.name for field in table.schema().fields}
    with table.update_schema() as update:
        for name in held - {column.name for column in columns}:
            update.delete_column(name)
        for column in columns:
            if column.name in held:
                update.update_column(column.name, iceberg_type(column.kind), doc=column.comment)
            else:
                update.add_column(column.name, iceberg_type(column.kind), doc=column.comment)


def _change_column(reader: HiveReader, table: IcebergTable) -> None:
    reader.expect("CHANGE")
    reader.accept("COLUMN")
    old, new, kind = reader.name(), reader.name(), reader.type()
    comment = reader.text() if reader.accept("COMMENT") else None
    _check_held(table, old)
    with table.update_schema() as update:
        update.update_column(old, iceberg_type(kind), doc=comment)
        if new != old:
            update.rename_column(old, new)
        if reader.accept("FIRST"):
            update.move_first(old)
        elif reader.accept("AFTER"):
            update.move_after(old, reader.name())


def _check_held(table: IcebergTable, name: str) -> None:
    if name not in table.schema().column_names:
        raise DdlError(f"SemanticException [Error 10002]: Invalid column reference {name}")


def _change_properties(reader: HiveReader, table: IcebergTable) -> None:
    if reader.accept("UNSET", "TBLPROPERTIES"):
        held = iceberg_names(reader.texts()) & set(table.properties)
        with table.transaction() as transaction:
            transaction.remove_properties(*held)
        return
    reader.expect("SET", "TBLPROPERTIES")
    with table.transaction() as transaction:
        transaction.set_properties(changed_properties(reader.properties()))


def _rename(reader: HiveReader, table: IcebergTable) -> None:
    reader.expect("RENAME", "TO")
    new = reader.table()
    catalog.LocalCatalog().rename_table(table.name(), (new.database or table.name()[0], new.table))


ALTERATIONS: Mapping[str, Callable[[HiveReader, IcebergTable], None]] = {
    "ALTER_TABLE_ADD_COLUMN": _add_columns,
    "ALTER_TABLE_DROP_COLUMN": _drop_column,
    "ALTER_TABLE_REPLACE_COLUMN": _replace_columns,
    "ALTER_TABLE_CHANGE_COLUMN": _change_column,
    "ALTER_TABLE_PROPERTIES": _change_properties,
    "ALTER_TABLE_RENAME": _rename,
}


def alter(substatement: str, reader: HiveReader, database: str, name: str) -> None:
    """Run what follows `ALTER TABLE name`.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    table = catalog.load(database, name)
    with catalog.committing(f"{database}.{name}"):
        ALTERATIONS[substatement](reader, table)
