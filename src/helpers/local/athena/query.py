"""A query from its text to rows: names resolved, types known, columns and partitions pruned, run on DuckDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from helpers.local.athena import functions
from helpers.local.athena.analysis import analyzed
from helpers.local.athena.arrow_types import in_zone, is_of_months, with_bigints
from helpers.local.athena.declared_types import declared_types
from helpers.local.athena.engine_errors import engine_error
from helpers.local.athena.errors import ExecutionError, ScanLimitError
from helpers.local.athena.model import Column, QueryContext
from helpers.local.athena.query_names import (
    fill_parameters,
    lower_names,
    name_unnamed,
    output_names,
    select_list,
    written_names,
)
from helpers.local.athena.relations import Relations
from helpers.local.athena.resolution import with_relations
from helpers.local.athena.statements import parse_query
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.translate import to_duckdb
from helpers.local.athena.translate_times import zone_of
from helpers.local.athena.type_texts import from_duckdb
from helpers.local.athena.types import DataType


@dataclass
class Rows:
    """What a query gave: its columns, its rows as Arrow, and the bytes that it read."""

    columns: list[Column]
    kinds: list[DataType]
    table: pa.Table
    bytes_scanned: int

    def tuples(self) -> list[tuple[Any, ...]]:
        """Return the rows as tuples of Python values."""
        if not self.table.num_columns:
            return []
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))


@dataclass
class Engine:
    """A DuckDB connection for one query of the local Athena."""

    context: QueryContext
    filesystem: CountingFileSystem = field(init=False)
    connection: duckdb.DuckDBPyConnection = field(init=False)
    relations: Relations = field(init=False)
    _tree: exp.Expr | None = field(default=None, init=False)
    _declared: list[DataType | None] = field(default_factory=list, init=False)
    _zones: list[str | None] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.filesystem = CountingFileSystem(self.context.bytes_cutoff)
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        # It would answer min and max from the statistics in Parquet's footers; Athena reads the column.
        self.connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        self.connection.register_filesystem(self.filesystem)
        functions.register_python(self.connection)
        self.relations = Relations(self.context.catalog, self.connection, self.filesystem)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def run(self, query: exp.Query, parameters: list[exp.Expr] | None = None) -> Rows:
        """Run a query and return its rows.

        Raises
        ------
        AthenaQueryError
            In Athena's words.
        """
        names, sql = self.prepare(query, parameters)
        with self.guarded():
            relation = self.connection.sql(sql)
            described = [str(kind) for kind in relation.types]
            table = relation.to_arrow_table()
        kinds = [from_duckdb(text) for text in described]
        table = with_bigints(table, described)
        for number, zone in enumerate(self._zones):
            if zone is not None:
                table = in_zone(table, number, zone)
                kinds[number] = DataType("timestamp with time zone")
            declared = self._declared[number]
            if declared is not None and declared.name == kinds[number].name:
                kinds[number] = declared
            elif kinds[number].name.startswith("interval") and is_of_months(table.column(number)):
                kinds[number] = DataType("interval year to month")
        columns = [Column(name, kind.trino) for name, kind in zip(names, kinds, strict=True)]
        return Rows(columns, kinds, table, self.filesystem.bytes_read)

    def describe(self, query: exp.Query) -> list[Column]:
        """Return the columns that a query would give, without running it.

        Raises
        ------
        AthenaQueryError
            If it names what does not exist, or uses it wrongly.
        """
        names, sql = self.prepare(query)
        with self.guarded():
            kinds = self.column_types(sql)
        return [Column(name, kind.trino) for name, kind in zip(names, kinds, strict=True)]

    def column_types(self, sql: str) -> list[DataType]:
        """Return the types that a DuckDB query gives."""
        return [from_duckdb(str(kind)) for kind in self.connection.sql(sql).types]

    def prepare(self, query: exp.Query, parameters: list[exp.Expr] | None = None) -> tuple[list[str], str]:
        """Return the output names and the DuckDB SQL of a query.

        Raises
        ------
        AthenaQueryError
            If it names what does not exist, or uses it wrongly.
        """
        tree = query.copy()
        fill_parameters(tree, parameters or [])
        written = written_names(tree)
        lower_names(tree)
        name_unnamed(tree)
        tree = with_relations(tree, self.relations, self.context.database)
        tree = analyzed(tree, self.relations.schema)
        self._tree = tree
        self._declared = declared_types(tree)
        self._zones = [zone_of(selected) for selected in select_list(tree)]
        sql = to_duckdb(tree)
        functions.register_macros(self.connection, sql)
        with self.guarded():
            self.relations.create_views(tree)
        return output_names(tree, written), sql

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn the engine's errors into Athena's, and stop when the query is cancelled."""
        done = threading.Event()
        threading.Thread(target=self._interrupt, args=(done,), daemon=True).start()
        try:
            yield
        except duckdb.Error as error:
            if self.filesystem.limit_exceeded:
                raise ScanLimitError() from error
            if self.filesystem.failure is not None:
                raise self.filesystem.failure from error
            raise engine_error(error, self._tree) from error
        finally:
            done.set()
        if self.filesystem.limit_exceeded:
            raise ScanLimitError()

    def _interrupt(self, done: threading.Event) -> None:
        while not done.wait(0.05):
            if self.context.cancelled.is_set():
                self.connection.interrupt()


def literals(texts: list[str]) -> list[exp.Expr]:
    """Parse execution parameters, each a literal as SQL text.

    Raises
    ------
    ExecutionError
        If one is no expression.
    """
    found = []
    for text in texts:
        parsed = parse_query(f"SELECT {text}").selects
        if len(parsed) != 1:
            raise ExecutionError("INVALID_PARAMETER_USAGE", f"{text} is not one value")
        found.append(parsed[0].unalias())
    return found
