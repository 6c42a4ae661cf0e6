"""SHOW CREATE TABLE and DESCRIBE of an Iceberg table, line by line as Athena prints them.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html
"""

from __future__ import annotations

from pyiceberg.table import Table as IcebergTable

from helpers.local.athena.iceberg import partitioning
from helpers.local.athena.iceberg.properties import athena_properties
from helpers.local.athena.iceberg.schemas import athena_type

_WIDTH = 20


def create_statement(table: IcebergTable, name: str) -> list[str]:
    """Return the lines of the statement that would create a table of the same columns and properties."""
    lines = [f"CREATE TABLE {name} ("]
    for field in table.schema().fields:
        comment = " COMMENT '{}'".format(field.doc.replace("'", "''")) if field.doc else ""
        lines.append(f"  {field.name} {athena_type(field.field_type).hive}{comment},")
    lines[-1] = lines[-1][:-1] + ")"
    if table.spec().fields:
        lines.append(f"PARTITIONED BY ({', '.join(partitioning.written(table.spec(), table.schema()))})")
    properties = {"table_type": "iceberg", **dict(sorted(athena_properties(table.properties).items()))}
    pairs = [f"  '{key}'='{value}'" for key, value in properties.items()]
    separated = [f"{pair}," for pair in pairs[:-1]] + pairs[-1:]
    return [*lines, f"LOCATION '{table.location()}'", "TBLPROPERTIES (", *separated, ")"]


def described(table: IcebergTable) -> list[str]:
    """Return the lines of DESCRIBE: the columns, and how the table is partitioned."""
    schema = table.schema()
    columns = [(field.name, athena_type(field.field_type).hive, field.doc or "") for field in schema.fields]
    fields = [
        (field.name, str(field.transform), schema.find_column_name(field.source_id) or "")
        for field in table.spec().fields
    ]
    rows = [
        ("# Table schema:", "", ""),
        ("# col_name", "data_type", "comment"),
        *columns,
        ("", "", ""),
        ("# Partition spec:", "", ""),
        ("# field_name", "field_transform", "column_name"),
        *fields,
    ]
    return ["\t".join(text.ljust(_WIDTH) for text in row) for row in rows]
