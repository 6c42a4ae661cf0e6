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
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from helpers.local.athena import checks, functions, serdes, tables
from helpers.local.athena.arrow_types import in_zone, is_of_months, with_bigints
from helpers.local.athena.bucketing import bucket_columns, needed_buckets
from helpers.local.athena.engine_errors import engine_error
from helpers.local.athena.errors import (
    ColumnNotFoundError,
    ExecutionError,
    ScanLimitError,
    TableNotFoundError,
    position_of,
)
from helpers.local.athena.function_types import FUNCTION_TYPES
from helpers.local.athena.information import INFORMATION_SCHEMA, information_table
from helpers.local.athena.model import AthenaQueryError, Column, QueryContext
from helpers.local.athena.partitions import matching
from helpers.local.athena.predicates import partition_conditions
from helpers.local.athena.query_names import (
    fill_parameters,
    lower_names,
    name_unnamed,
    output_names,
    select_list,
    used_names,
    written_names,
)
from helpers.local.athena.source import quoted
from helpers.local.athena.statements import parse_query
from helpers.local.athena.storage import CountingFileSystem, Listing
from helpers.local.athena.translate import to_duckdb, type_decimals
from helpers.local.athena.translate_times import zone_of
from helpers.local.athena.types import DataType, from_duckdb

_MOST_VIEWS_DEEP = 16
# https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html
_PARTITIONS = "$partitions"


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
    _schema: dict[str, dict[str, str]] = field(default_factory=dict, init=False)
    _relations: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    _tables: dict[str, tables.Table] = field(default_factory=dict, init=False)
    _tree: exp.Expr | None = field(default=None, init=False)
    _zones: list[str | None] = field(default_factory=list, init=False)
    _listing: Listing = field(default_factory=Listing, init=False)

    def __post_init__(self) -> None:
        self.filesystem = CountingFileSystem(self.context.bytes_cutoff)
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        # It would answer min and max from the statistics in Parquet's footers; Athena reads the column.
        self.connection.execute("SET disabled_optimizers = 'statistics_propagation'")
        self.connection.register_filesystem(self.filesystem)
        functions.register_python(self.connection)

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
        tree = self._resolve(tree, self.context.database, 0)
        tree = self._qualified(tree)
        self._tree = tree
        self._zones = [zone_of(selected) for selected in select_list(tree)]
        sql = to_duckdb(tree)
        functions.register_macros(self.connection, sql)
        self._create_views(tree)
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

    # -- Names ----------------------------------------------------------------------------------------

    def _resolve(self, tree: exp.Query, database: str, depth: int) -> exp.Query:
        """Put a DuckDB view, or the query of a stored view, in the place of each table."""
        for scope in traverse_scope(tree):
            for source in list(scope.sources.values()):
                if isinstance(source, exp.Table) and not source.meta.get("resolved"):
                    self._resolve_table(source, database, depth)
        return tree

    def _resolve_table(self, node: exp.Table, database: str, depth: int) -> None:
        if not isinstance(node.this, exp.Identifier):
            return
        alias = node.alias or node.name
        wanted = node.db or database
        if wanted == INFORMATION_SCHEMA:
            view = self._information(node.name)
        else:
            name, of_partitions = node.name.removesuffix(_PARTITIONS), node.name.endswith(_PARTITIONS)
            found = tables.find(self.context.catalog, wanted, name, position_of(node))
            if of_partitions and not (isinstance(found, tables.Table) and found.partition_keys):
                raise TableNotFoundError(self.context.catalog, wanted, node.name, position_of(node))
            if isinstance(found, tables.View):
                self._expand(node, found, alias, depth)
                return
            view = self._partitions(found) if of_partitions else self._relation(found)
        replacement = exp.Table(this=exp.to_identifier(view, quoted=True))
        replacement.set("alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        for key in ("joins", "laterals", "sample", "pivots"):
            if node.args.get(key):
                replacement.set(key, node.args[key])
        replacement.meta["resolved"] = True
        node.replace(replacement)

    def _expand(self, node: exp.Table, view: tables.View, alias: str, depth: int) -> None:
        if depth >= _MOST_VIEWS_DEEP:
            raise AthenaQueryError(f"INVALID_VIEW: View '{view.database}.{view.name}' is nested too deeply")
        stored = parse_query(view.sql)
        lower_names(stored)
        name_unnamed(stored)
        inner = self._resolve(stored, view.context_database, depth + 1)
        subquery = exp.Subquery(this=inner)
        subquery.set("alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        if node.args.get("joins"):
            subquery.set("joins", node.args["joins"])
        node.replace(subquery)

    def _relation(self, table: tables.Table) -> str:
        """Return the name of the DuckDB view of a table, which is made once it is known what the query needs of it."""
        key = (table.database, table.name)
        if key not in self._relations:
            name = f"t{len(self._relations)}_{table.name}"
            self._relations[key] = name
            self._tables[name] = table
            self._schema[name] = {c: k.trino for c, k in table.all_columns.items()}
        return self._relations[key]

    def _create_views(self, tree: exp.Query) -> None:
        conditions = partition_conditions(tree, {name: t.partition_keys for name, t in self._tables.items()})
        bucketed = partition_conditions(tree, {name: bucket_columns(t) for name, t in self._tables.items()})
        used = used_names(tree)
        for name, table in self._tables.items():
            with self.guarded():
                partitions = matching(table, conditions[name], self.connection)
                buckets = needed_buckets(table, bucketed[name])
                select = serdes.relation(table, partitions, used, buckets, self._listing, self.filesystem)
                self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {select}")

    def _partitions(self, table: tables.Table) -> str:
        """Return the name of the DuckDB relation of `table$partitions`: the values of every partition."""
        key = (table.database, table.name + _PARTITIONS)
        if key not in self._relations:
            view = f"t{len(self._relations)}_partitions"
            found = matching(table, [[]], self.connection)
            texts = {name: [p.values[name] for p in found] for name in table.partition_keys}
            self.connection.register(f"{view}_texts", pa.table({n: pa.array(v, pa.string()) for n, v in texts.items()}))
            typed = ", ".join(f"{quoted(n)}::{k.duckdb} AS {quoted(n)}" for n, k in table.partition_keys.items())
            self.connection.execute(f"CREATE TEMP VIEW {quoted(view)} AS SELECT {typed} FROM {view}_texts")
            self._relations[key] = view
            self._schema[view] = {name: kind.trino for name, kind in table.partition_keys.items()}
        return self._relations[key]

    def _information(self, name: str) -> str:
        key = (INFORMATION_SCHEMA, name)
        if key not in self._relations:
            view = f"t{len(self._relations)}_{name}"
            columns, rows = information_table(self.context.catalog, name)
            self.connection.register(view, rows)
            self._relations[key] = view
            self._schema[view] = {column: "varchar" if kind == "varchar" else kind for column, kind in columns.items()}
        return self._relations[key]

    def _qualified(self, tree: exp.Query) -> exp.Query:
        schema = MappingSchema(dialect="trino", normalize=False)
        for name, columns in self._schema.items():
            kinds = {column: exp.DataType.build(kind, dialect="trino") for column, kind in columns.items()}
            schema.add_table(exp.to_table(f'"{name}"'), kinds, dialect="trino", match_depth=False)
        try:
            tree = qualify(
                tree,
                schema=schema,
                dialect="trino",
                validate_qualify_columns=False,
                quote_identifiers=True,
                identify=True,
                expand_alias_refs=False,
            )
        except OptimizeError as error:
            raise checks.analysis_error(error, tree) from error
        self._check_columns(tree)
        checks.check_aliases(tree)
        type_decimals(tree)
        tree = annotate_types(tree, schema=schema, expression_metadata=FUNCTION_TYPES, dialect="trino")
        checks.check_types(tree)
        return tree

    def _check_columns(self, tree: exp.Query) -> None:
        for scope in traverse_scope(tree):
            # ORDER BY after a UNION speaks of the columns that come out.
            union = scope.expression if isinstance(scope.expression, exp.SetOperation) else None
            outputs = set() if union is None else {selected.alias_or_name for selected in union.selects}
            for column in scope.unqualified_columns:
                if column.name.startswith("$") or column.find_ancestor(exp.Lambda) or column.name in outputs:
                    continue
                partly_known = any(not isinstance(s, exp.Table) for s in scope.sources.values())
                if (partly_known or scope.parent is None) and self._is_known_elsewhere(column, scope):
                    continue
                raise ColumnNotFoundError(column.name, position_of(column))

    @staticmethod
    def _is_known_elsewhere(column: exp.Column, scope: Any) -> bool:
        # Columns of UNNEST and VALUES have no schema; DuckDB itself will say if it does not know them.
        return any(not isinstance(source, exp.Table) for source in scope.sources.values()) or bool(
            scope.expression.find(exp.Unnest, exp.Values, exp.Lateral)
        )


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
