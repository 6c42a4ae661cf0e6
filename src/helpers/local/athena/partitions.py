"""The partitions of a table that a query needs, found before any of their files is opened."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from helpers.local import in_process
from helpers.local.athena import projection
from helpers.local.athena.errors import ExecutionError
from helpers.local.athena.listing import NULL_PARTITION
from helpers.local.athena.predicates import Conjuncts, constants
from helpers.local.athena.tables import Table
from helpers.local.athena.translate import to_duckdb
from helpers.local.athena.types import DataType

# Athena has no such limit; a mistake in a range must not fill the memory of a laptop.
_MOST_PROJECTED = 1_000_000


@dataclass(frozen=True)
class Partition:
    """One partition.

    Parameters
    ----------
    values
        Its values by key, None for NULL.
    location
        `s3://…` of its files.
    descriptor
        Its own StorageDescriptor; empty if the table's holds.
    """

    values: Mapping[str, str | None]
    location: str
    descriptor: Mapping[str, Any] = field(default_factory=dict, repr=False)


def matching(table: Table, places: list[Conjuncts], connection: duckdb.DuckDBPyConnection) -> list[Partition]:
    """Return the partitions that satisfy the conditions of at least one place of the query.

    A table without partition keys has one partition, without values.

    Raises
    ------
    ExecutionError
        If a value does not fit the type of its key.
    ProjectionError
        If the table's partition projection is not configured well, or the query gives no value to an injected key.
    """
    if not table.partition_keys:
        return [Partition({}, table.location)]
    found = _projected(table, places, connection) if table.is_projected else _stored(table)
    rows = [list(partition.values.values()) for partition in found]
    return [found[number] for number in _satisfying(table.partition_keys, rows, places, connection)]


def _stored(table: Table) -> list[Partition]:
    request = {"DatabaseName": table.database, "TableName": table.name}
    found = []
    for entry in in_process.pages("glue", "GetPartitions", request, "Partitions"):
        texts = [None if value == NULL_PARTITION else value for value in entry["Values"]]
        values = dict(zip(table.partition_keys, texts, strict=True))
        descriptor = entry.get("StorageDescriptor") or {}
        found.append(Partition(values, descriptor.get("Location") or table.location, descriptor))
    return found


def _projected(table: Table, places: list[Conjuncts], connection: duckdb.DuckDBPyConnection) -> list[Partition]:
    ranges = []
    for key, kind in table.partition_keys.items():
        values = projection.values(key, kind, table.parameters, _injected(places, key))
        # One key at a time first: the product of all may be large.
        of_key = [
            [c for c in place if all(column.name == key for column in c.find_all(exp.Column))] for place in places
        ]
        kept = _satisfying({key: kind}, [[value.value] for value in values], of_key, connection)
        ranges.append([values[number] for number in kept])
    found: list[Partition] = []
    for chosen in itertools.product(*ranges):
        if len(found) >= _MOST_PROJECTED:
            raise projection.ProjectionError(
                f"The query needs more than {_MOST_PROJECTED:,} projected partitions of {table.name}: narrow the ranges"
            )
        by_key = dict(zip(table.partition_keys, chosen, strict=True))
        location = projection.location(table.parameters, table.location, {k: v.text for k, v in by_key.items()})
        found.append(Partition({key: value.value for key, value in by_key.items()}, location))
    return found


def _injected(places: list[Conjuncts], key: str) -> list[str] | None:
    pinned = [constants(place, key) for place in places]
    if not pinned or any(values is None for values in pinned):
        return None
    return list(dict.fromkeys(value for values in pinned for value in values or []))


def _satisfying(
    keys: Mapping[str, DataType],
    rows: Sequence[Sequence[str | None]],
    places: list[Conjuncts],
    connection: duckdb.DuckDBPyConnection,
) -> list[int]:
    """Return the numbers of the rows of key values that satisfy all conditions of at least one place."""
    if not rows:
        return []
    texts = {f"text_{n}": [row[n] for row in rows] for n in range(len(keys))}
    arrays = {"row_number": pa.array(range(len(rows)), pa.int64())} | {
        name: pa.array(column, pa.string()) for name, column in texts.items()
    }
    connection.register("athena_partitions", pa.table(arrays))
    try:
        _check_values(keys, connection)
        if not places or not all(places):
            return list(range(len(rows)))
        alternatives = [" AND ".join(f"({to_duckdb(condition)})" for condition in place) for place in places]
        typed = ", ".join(
            f"CAST(text_{n} AS {kind.duckdb}) AS {_quoted(key)}" for n, (key, kind) in enumerate(keys.items())
        )
        sql = (
            f"SELECT row_number FROM (SELECT row_number, {typed} FROM athena_partitions) "
            f"WHERE ({') OR ('.join(alternatives)}) ORDER BY row_number"
        )
        return [number for (number,) in connection.execute(sql).fetchall()]
    except duckdb.Error:
        # A condition that fails on some partition may never be asked of it: the query itself decides.
        return list(range(len(rows)))
    finally:
        connection.unregister("athena_partitions")


def _check_values(keys: Mapping[str, DataType], connection: duckdb.DuckDBPyConnection) -> None:
    for number, (key, kind) in enumerate(keys.items()):
        if kind.name in ("varchar", "char"):
            continue
        column = f"text_{number}"
        bad = connection.execute(
            f"SELECT {column} FROM athena_partitions WHERE {column} IS NOT NULL "
            f"AND try_cast({column} AS {kind.duckdb}) IS NULL LIMIT 1"
        ).fetchall()
        if bad:
            value = bad[0][0]
            message = f"Invalid partition value '{value}' for {kind.trino.upper()} partition key: {key}={value}"
            raise ExecutionError("HIVE_INVALID_PARTITION_VALUE", message)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
