"""INSERT INTO: rows of a query or VALUES as new files of a table, and new partitions.

https://docs.aws.amazon.com/athena/latest/ug/insert-into.html
"""

from __future__ import annotations

from sqlglot import exp

from helpers.local import in_process
from helpers.local.athena import projection, tables
from helpers.local.athena.data_files import Layout, check_layout, hive_path, write_files
from helpers.local.athena.errors import AnalysisError, TypeMismatchError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import commits
from helpers.local.athena.listing import NULL_PARTITION
from helpers.local.athena.located import Located
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.source import quoted
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType
from helpers.local.athena.writes import OUTPUT, add_partitions, materialized

_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "TABLE", "(")
# What a value may become without a cast: https://trino.io/docs/current/language/types.html
_WIDER = {
    "tinyint": ("smallint", "integer", "bigint", "decimal", "real", "double"),
    "smallint": ("integer", "bigint", "decimal", "real", "double"),
    "integer": ("bigint", "decimal", "real", "double"),
    "bigint": ("decimal", "real", "double"),
    "decimal": ("decimal", "real", "double"),
    "real": ("double",),
    "varchar": ("varchar", "char"),
    "char": ("varchar", "char"),
    "date": ("timestamp",),
    "timestamp with time zone": ("timestamp",),
}


def run(reader: HiveReader, context: QueryContext, values: list[exp.Expr]) -> QueryResult:
    """Run an INSERT INTO.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    reader.expect("INSERT", "INTO")
    located = Located(reader.table(), context)
    named = None
    if not reader.at_end and reader.tokens[reader.index][1] == "(" and not _is_query(reader, reader.index + 1):
        named = reader.names()
    table = tables.find(context.catalog, located.database, located.table)
    if isinstance(table, tables.View):
        raise AnalysisError("NOT_SUPPORTED", "Inserting into views is not supported")
    if (table.glue.get("StorageDescriptor") or {}).get("BucketColumns"):
        raise AnalysisError("NOT_SUPPORTED", "Inserting into bucketed tables is not supported")
    layout = _layout_of(table) if table.iceberg is None else None
    if layout is not None:
        check_layout(layout)
    with Engine(context) as engine:
        given = materialized(engine, reader.rest(), values)
        source = _assigned(table, named, given)
        listed = ", ".join(
            f"CAST({quoted(source[name]) if name in source else 'NULL'} AS {kind.duckdb}) AS {quoted(name)}"
            for name, kind in table.all_columns.items()
        )
        with engine.guarded():
            engine.connection.execute(f"CREATE TEMP TABLE inserted AS SELECT {listed} FROM {OUTPUT}")
        if layout is None:
            return _into_iceberg(engine, table)
        keys = list(table.partition_keys)
        places = _Places(table, located)
        written = write_files(engine, "inserted", table.all_columns, keys, layout, places.of)
        bytes_scanned = engine.filesystem.bytes_read
    if not table.is_projected:
        add_partitions(located.request(), table.glue, written.partitions)
    return QueryResult(
        "DML",
        "INSERT",
        bytes_scanned=bytes_scanned,
        written_objects=written.objects,
        rows_written=written.rows,
    )


def _into_iceberg(engine: Engine, table: Table) -> QueryResult:
    assert table.iceberg is not None
    rows = commits.rows_of(engine, "inserted", table.iceberg.schema)
    objects = commits.append(table.iceberg.table, rows)
    scanned = engine.filesystem.bytes_read
    return QueryResult("DML", "INSERT", bytes_scanned=scanned, written_objects=objects, rows_written=rows.num_rows)


class _Places:
    """Where the files of partitions go: existing partitions keep their location."""

    def __init__(self, table: Table, located: Located) -> None:
        self.table = table
        self.location = table.location.rstrip("/") + "/"
        self.known: dict[tuple[str, ...], str] = {}
        if table.partition_keys and not table.is_projected:
            for entry in in_process.pages("glue", "GetPartitions", located.request(), "Partitions"):
                place = (entry.get("StorageDescriptor") or {}).get("Location")
                if place:
                    self.known[tuple(entry["Values"])] = place.rstrip("/") + "/"

    def of(self, values: tuple[str | None, ...]) -> str:
        keys = list(self.table.partition_keys)
        texts = tuple(NULL_PARTITION if value is None else value for value in values)
        if texts in self.known:
            return self.known[texts]
        if keys and self.table.is_projected:
            by_key = dict(zip(keys, texts, strict=True))
            return projection.location(self.table.parameters, self.table.location, by_key).rstrip("/") + "/"
        return self.location + hive_path(keys, values)


def _is_query(reader: HiveReader, index: int) -> bool:
    return index < len(reader.tokens) and reader.tokens[index][1].upper() in _QUERY_WORDS


def _assigned(table: Table, named: list[str] | None, given: dict[str, DataType]) -> dict[str, str]:
    """Return the query's column for each of the table's that gets one."""
    wanted = table.all_columns
    targets = named or list(wanted)
    for position, name in enumerate(targets):
        if name not in wanted:
            raise AnalysisError("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {name}")
        if name in targets[:position]:
            raise AnalysisError("DUPLICATE_COLUMN_NAME", f"Insert column name is specified more than once: {name}")
    fits = len(targets) == len(given) and all(
        assignable(kind, wanted[name]) for name, kind in zip(targets, given.values(), strict=True)
    )
    if not fits:
        kinds = ", ".join(wanted[name].trino for name in targets)
        message = f"Insert query has mismatched column types: Table: [{kinds}], "
        raise TypeMismatchError(message + f"Query: [{', '.join(kind.trino for kind in given.values())}]", (1, 1))
    return dict(zip(targets, given, strict=True))


def assignable(source: DataType, target: DataType) -> bool:
    """Return whether a value of one type goes into a column of another without a cast."""
    if source.name == "unknown" or source == target:
        return True
    if source.children or target.children:
        pairs = zip(source.children, target.children, strict=False)
        return (
            source.name == target.name
            and len(source.children) == len(target.children)
            and all(assignable(one, other) for one, other in pairs)
        )
    if target.name == "decimal" and source.name == "decimal":
        (precision, scale), (wanted, places) = source.arguments, target.arguments
        return places >= scale and wanted - places >= precision - scale
    return source.name == target.name or target.name in _WIDER.get(source.name, ())


def _layout_of(table: Table) -> Layout:
    """Return how the table's files are written, as its SerDe and properties say."""
    kind = table.serde.rpartition(".")[2].lower()
    parameters = {key.lower(): value.upper() for key, value in table.parameters.items()}
    general = parameters.get("write.compression") or parameters.get("write_compression")
    if "parquet" in kind:
        compression = parameters.get("parquet.compression") or parameters.get("parquet.compress") or general or "GZIP"
        return Layout("PARQUET", compression.replace("UNCOMPRESSED", "NONE"))
    if "orc" in kind:
        return Layout("ORC", parameters.get("orc.compress") or general or "ZLIB")
    if "avro" in kind:
        return Layout("AVRO", parameters.get("avro.compression") or general or "DEFLATE")
    if "json" in kind:
        return Layout("JSON", general or "GZIP")
    text = {"lazysimpleserde": ("TEXTFILE", "field.delim", "\x01"), "opencsvserde": ("CSV", "separatorChar", ",")}
    if kind in text:
        name, key, default = text[kind]
        header_lines = int(table.parameters.get("skip.header.line.count") or 0)
        if header_lines > 1:
            message = "Inserting into Hive table with value of skip.header.line.count property greater than 1"
            raise AnalysisError("NOT_SUPPORTED", f"{message} is not supported")
        return Layout(name, general or "GZIP", table.serde_parameters.get(key) or default, header=header_lines == 1)
    raise AnalysisError("NOT_SUPPORTED", f"Inserting into a table with SerDe {table.serde} is not supported")
