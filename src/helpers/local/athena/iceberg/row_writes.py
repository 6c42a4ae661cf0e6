"""UPDATE, DELETE and MERGE INTO of an Iceberg table: the files with touched rows are written anew.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-updating-iceberg-table-data.html
"""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from helpers.local.athena import tables
from helpers.local.athena.errors import AnalysisError, ExecutionError, TypeMismatchError
from helpers.local.athena.iceberg import commits
from helpers.local.athena.iceberg.reader import data_files, relation
from helpers.local.athena.iceberg.row_changes import ACTION, PATH, ROW, Change, RowChanges, parse_changes
from helpers.local.athena.insert import assignable
from helpers.local.athena.model import AthenaQueryError, QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.source import ROW_NUMBER, quoted
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType

SUBSTATEMENTS = ("UPDATE", "DELETE", "MERGE")


def run(substatement: str, sql: str, context: QueryContext, values: list[exp.Expr]) -> QueryResult:
    """Run an UPDATE, a DELETE or a MERGE INTO.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    wanted = parse_changes(sql)
    found = tables.find(context.catalog, wanted.target.database or context.database, wanted.target.table)
    if not isinstance(found, Table) or found.iceberg is None:
        message = "NOT_SUPPORTED: Modifying Hive table rows is only supported for transactional tables"
        raise AthenaQueryError(message, error_type=1200)
    wanted = replace(wanted, changes=[_placed(change, found) for change in wanted.changes])
    with Engine(context) as engine:
        kinds = _materialize(engine, wanted, values)
        _check_types(wanted, found, kinds)
        touched = int(engine.connection.execute("SELECT count(*) FROM changes").fetchall()[0][0])
        written = _rewrite(engine, wanted, found) if touched else []
        bytes_scanned = engine.filesystem.bytes_read
    return QueryResult("DML", substatement, bytes_scanned=bytes_scanned, written_objects=written, rows_written=touched)


def _placed(change: Change, table: Table) -> Change:
    """Return a change whose values go to columns by name."""
    columns = list(table.columns)
    values = change.values
    if change.kind == "INSERT" and set(values) == {str(number) for number in range(len(columns))}:
        values = {columns[int(number)]: alias for number, alias in values.items()}
    for name in values:
        if name not in columns:
            raise AnalysisError("COLUMN_NOT_FOUND", f"{change.kind} target column '{name}' does not exist")
    return replace(change, values=values)


def _materialize(engine: Engine, wanted: RowChanges, values: list[exp.Expr]) -> dict[str, DataType]:
    """Run the query of the changes into the table `changes` of the engine; return the types of its columns."""
    names, sql = engine.prepare(wanted.query, values)
    with engine.guarded():
        kinds = engine.column_types(sql)
        engine.connection.execute(f"CREATE TEMP TABLE changes AS SELECT * FROM ({sql}) WHERE {ACTION} IS NOT NULL")
    repeated = engine.connection.execute(
        f"SELECT 1 FROM changes WHERE {PATH} IS NOT NULL GROUP BY {PATH}, {ROW} HAVING count(*) > 1 LIMIT 1"
    ).fetchall()
    if repeated:
        message = "One MERGE target table row matched more than one source row"
        raise ExecutionError("MERGE_TARGET_ROW_MULTIPLE_MATCHES", message)
    return dict(zip(names, kinds, strict=True))


def _check_types(wanted: RowChanges, table: Table, kinds: dict[str, DataType]) -> None:
    for change in wanted.changes:
        pairs = [(table.columns[name], kinds[alias]) for name, alias in change.values.items()]
        if not all(assignable(given, column) for column, given in pairs):
            declared = ", ".join(column.trino for column, _ in pairs)
            given = ", ".join(kind.trino for _, kind in pairs)
            message = f"{change.kind} table column types don't match SET expressions: "
            raise TypeMismatchError(f"{message}Table: [{declared}], Expressions: [{given}]", (1, 1))


def _rewrite(engine: Engine, wanted: RowChanges, found: Table) -> list[str]:
    """Write the files with touched rows anew, and the rows to insert."""
    # The version that the query read, should another have been committed meanwhile.
    read = (t for t in engine.relations.tables.values() if (t.database, t.name) == (found.database, found.name))
    table = next(read, found)
    assert table.iceberg is not None
    used = frozenset([*table.columns, "$path", ROW_NUMBER])
    kept = ", ".join(_value(name, wanted.changes, "UPDATE", f"t.{quoted(name)}") for name in table.columns)
    new = ", ".join(_value(name, wanted.changes, "INSERT", "NULL") for name in table.columns)
    with engine.guarded():
        scan = relation(table, used, engine.filesystem)
        engine.connection.execute(
            f"CREATE TEMP TABLE rewritten AS SELECT {kept} FROM ({scan}) AS t LEFT JOIN changes AS c "
            f'ON t."$path" = c.{PATH} AND t.{quoted(ROW_NUMBER)} = c.{ROW} '
            f'WHERE t."$path" IN (SELECT {PATH} FROM changes) '
            f"AND (c.{ACTION} IS NULL OR {_is_of(wanted.changes, 'UPDATE')}) "
            f"UNION ALL SELECT {new} FROM changes AS c WHERE {_is_of(wanted.changes, 'INSERT')}"
        )
    paths = {row[0] for row in engine.connection.execute(f"SELECT DISTINCT {PATH} FROM changes").fetchall()}
    files = data_files(table.iceberg.table, table.iceberg.snapshot_id)
    rows = commits.rows_of(engine, "rewritten", table.iceberg.schema)
    return commits.replace(table.iceberg.table, [file for file in files if file.file_path in paths], rows)


def _value(name: str, changes: list[Change], kind: str, otherwise: str) -> str:
    cases = [
        f"WHEN {change.number} THEN c.{quoted(change.values[name])}"
        for change in changes
        if change.kind == kind and name in change.values
    ]
    value = f"CASE c.{ACTION} {' '.join(cases)} ELSE {otherwise} END" if cases else otherwise
    return f"{value} AS {quoted(name)}"


def _is_of(changes: list[Change], kind: str) -> str:
    numbers = [str(change.number) for change in changes if change.kind == kind]
    return f"c.{ACTION} IN ({', '.join(numbers)})" if numbers else "FALSE"
