"""OPTIMIZE and VACUUM: small data files packed into larger ones, and old snapshots let go.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pyiceberg.table import Table as IcebergTable

from helpers.local.athena import tables
from helpers.local.athena.errors import AnalysisError
from helpers.local.athena.hive_reader import HiveReader
from helpers.local.athena.iceberg import commits
from helpers.local.athena.iceberg.catalog import committing
from helpers.local.athena.iceberg.properties import VACUUM_AGE_SECONDS, VACUUM_SNAPSHOTS
from helpers.local.athena.iceberg.reader import data_files, relation
from helpers.local.athena.model import QueryContext, QueryResult
from helpers.local.athena.query import Engine
from helpers.local.athena.source import text
from helpers.local.athena.statements import TableName, parse_query
from helpers.local.athena.tables import Table


def run(substatement: str, sql: str, context: QueryContext) -> QueryResult:
    """Run an OPTIMIZE or a VACUUM.

    Raises
    ------
    AthenaQueryError
        In Athena's words.
    """
    return STATEMENTS[substatement](HiveReader(sql), context)


def _optimize(reader: HiveReader, context: QueryContext) -> QueryResult:
    reader.expect("OPTIMIZE")
    name = reader.table()
    reader.expect("REWRITE", "DATA", "USING", "BIN_PACK")
    condition = "TRUE"
    if not reader.at_end:
        reader.expect("WHERE")
        condition = reader.rest()
    table = _found(name, context)
    assert table.iceberg is not None
    quoted_name = f'"{table.database}"."{table.name}"'
    with Engine(context) as engine:
        chosen = engine.run(parse_query(f'SELECT DISTINCT "$path" FROM {quoted_name} WHERE {condition}'))
        paths = {path for (path,) in chosen.tuples()}
        files = [f for f in data_files(table.iceberg.table, table.iceberg.snapshot_id) if f.file_path in paths]
        if len(files) <= len({str(file.partition) for file in files}):
            return QueryResult("DDL", "OPTIMIZE")
        with engine.guarded():
            scan = relation(table, frozenset([*table.columns, "$path"]), engine.filesystem)
        listed = ", ".join(text(path) for path in paths)
        rows = commits.rows_of(engine, f'({scan}) WHERE "$path" IN ({listed})', table.iceberg.schema)
        scanned = engine.filesystem.bytes_read
    commits.replace(table.iceberg.table, files, rows)
    return QueryResult("DDL", "OPTIMIZE", bytes_scanned=scanned)


def _vacuum(reader: HiveReader, context: QueryContext) -> QueryResult:
    reader.expect("VACUUM")
    name = reader.table()
    reader.done()
    table = _found(name, context)
    assert table.iceberg is not None
    _expire(table.iceberg.table)
    return QueryResult("DML", "VACUUM")


def _expire(table: IcebergTable) -> None:
    """Let go the snapshots that the properties do not keep, and delete the files that only they have."""
    keep = int(table.properties.get(*VACUUM_SNAPSHOTS))
    age = timedelta(seconds=int(table.properties.get(*VACUUM_AGE_SECONDS)))
    oldest = (datetime.now() - age).timestamp() * 1000
    snapshots = sorted(table.snapshots(), key=lambda snapshot: snapshot.timestamp_ms)
    protected = {reference.snapshot_id for reference in table.metadata.refs.values()}
    expired = [s for s in snapshots[: -max(keep, 1)] if s.timestamp_ms < oldest and s.snapshot_id not in protected]
    if not expired:
        return
    before = {path for snapshot in snapshots for path in _paths(table, snapshot.snapshot_id)}
    with committing(".".join(table.name())):
        table.maintenance.expire_snapshots().by_ids([snapshot.snapshot_id for snapshot in expired]).commit()
    after = {path for snapshot in table.refresh().snapshots() for path in _paths(table, snapshot.snapshot_id)}
    for path in before - after:
        table.io.delete(path)


def _paths(table: IcebergTable, snapshot_id: int) -> set[str]:
    """Return the files that a snapshot has: its manifest list, manifests and data files."""
    snapshot = table.snapshot_by_id(snapshot_id)
    assert snapshot is not None
    manifests = snapshot.manifests(table.io)
    entries = [e.data_file.file_path for m in manifests for e in m.fetch_manifest_entry(table.io, discard_deleted=True)]
    return {snapshot.manifest_list, *(manifest.manifest_path for manifest in manifests), *entries}


def _found(name: TableName, context: QueryContext) -> Table:
    found = tables.find(context.catalog, name.database or context.database, name.table)
    if not isinstance(found, Table) or found.iceberg is None:
        raise AnalysisError("NOT_SUPPORTED", f"Table '{name.table}' is not an Iceberg table")
    return found


STATEMENTS: Mapping[str, Callable[[HiveReader, QueryContext], QueryResult]] = {
    "OPTIMIZE": _optimize,
    "VACUUM": _vacuum,
}
