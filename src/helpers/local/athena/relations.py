"""What stands in DuckDB for the tables that a query names: a view of the files of each, made once it is known what the
query needs of it.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
from sqlglot import exp

from helpers.local.athena import serdes, tables
from helpers.local.athena.bucketing import bucket_columns, needed_buckets
from helpers.local.athena.iceberg import reader as iceberg_reader
from helpers.local.athena.information import INFORMATION_SCHEMA, information_table
from helpers.local.athena.listing import Listing
from helpers.local.athena.partitions import matching
from helpers.local.athena.predicates import partition_conditions
from helpers.local.athena.query_names import used_names
from helpers.local.athena.source import quoted
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.type_texts import from_duckdb

_PARTITIONS = "partitions"


class Relations:
    """The relations of one query.

    Parameters
    ----------
    catalog
        The query's.
    connection, filesystem
        DuckDB's, and through which it reads.

    Attributes
    ----------
    schema
        Trino's types of columns by name, by the name of the relation.
    tables
        The tables by the name of the relation.
    """

    def __init__(self, catalog: str, connection: duckdb.DuckDBPyConnection, filesystem: CountingFileSystem) -> None:
        self.catalog = catalog
        self.connection = connection
        self.filesystem = filesystem
        self.schema: dict[str, dict[str, str]] = {}
        self.tables: dict[str, tables.Table] = {}
        self._names: dict[tuple[str | int | None, ...], str] = {}
        self._listing = Listing()

    def of_table(self, table: tables.Table) -> str:
        """Return the name of the view of a table."""
        version = table.iceberg.snapshot_id if table.iceberg is not None else None
        key = (table.database, table.name, version)
        if key not in self._names:
            name = self._new_name(key, table.name)
            self.tables[name] = table
            self.schema[name] = {c: k.trino for c, k in table.all_columns.items()}
        return self._names[key]

    def of_partitions(self, table: tables.Table) -> str:
        """Return the name of the relation `table$partitions` of a Hive table: the values of every partition.

        https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html
        """
        key = (table.database, table.name, _PARTITIONS)
        if key not in self._names:
            view = self._new_name(key, _PARTITIONS)
            found = matching(table, [[]], self.connection)
            texts = {name: [p.values[name] for p in found] for name in table.partition_keys}
            self.connection.register(f"{view}_texts", pa.table({n: pa.array(v, pa.string()) for n, v in texts.items()}))
            typed = ", ".join(f"{quoted(n)}::{k.duckdb} AS {quoted(n)}" for n, k in table.partition_keys.items())
            self.connection.execute(f"CREATE TEMP VIEW {quoted(view)} AS SELECT {typed} FROM {view}_texts")
            self.schema[view] = {name: kind.trino for name, kind in table.partition_keys.items()}
        return self._names[key]

    def of_rows(self, database: str, name: str, rows: pa.Table) -> str:
        """Return the name of a relation of given rows, such as an Iceberg table's `t$snapshots`."""
        key = (database, name, "rows")
        if key not in self._names:
            view = self._new_name(key, name)
            self.connection.register(view, rows)
            described = self.connection.sql(f"SELECT * FROM {quoted(view)}")
            kinds = zip(described.columns, described.types, strict=True)
            self.schema[view] = {column: from_duckdb(str(kind)).trino for column, kind in kinds}
        return self._names[key]

    def of_information(self, name: str) -> str:
        """Return the name of a relation of the information schema."""
        key = (INFORMATION_SCHEMA, name)
        if key not in self._names:
            view = self._new_name(key, name)
            columns, rows = information_table(self.catalog, name)
            self.connection.register(view, rows)
            self.schema[view] = {column: "varchar" if kind == "varchar" else kind for column, kind in columns.items()}
        return self._names[key]

    def create_views(self, tree: exp.Query) -> None:
        """Make the views of the tables with what a qualified query needs of them.

        Raises
        ------
        AthenaQueryError
            If the files of one do not hold what the table says.
        """
        conditions = partition_conditions(tree, {name: t.partition_keys for name, t in self.tables.items()})
        bucketed = partition_conditions(tree, {name: bucket_columns(t) for name, t in self.tables.items()})
        used = used_names(tree)
        for name, table in self.tables.items():
            if table.iceberg is not None:
                select = iceberg_reader.relation(table, used, self.filesystem)
            else:
                partitions = matching(table, conditions[name], self.connection)
                buckets = needed_buckets(table, bucketed[name])
                select = serdes.relation(table, partitions, used, buckets, self._listing, self.filesystem)
            self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {select}")

    def _new_name(self, key: tuple[str | int | None, ...], name: str) -> str:
        self._names[key] = f"t{len(self._names)}_{name}"
        return self._names[key]
