"""Hive's buckets: which file of a table a row lies in, and so which files a query needs.

https://docs.aws.amazon.com/athena/latest/ug/ctas-partitioning-and-bucketing-what-is-bucketing.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from helpers.local.athena.partitions import Partition
from helpers.local.athena.predicates import Conjuncts, constants
from helpers.local.athena.source import quoted
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType
from helpers.local.in_process import StoredObject

_INTEGERS = ("tinyint", "smallint", "integer")
_EPOCH = date(1970, 1, 1)
_UNSIGNED, _POSITIVE = 0xFFFFFFFF, 0x7FFFFFFF
# Hive's `000001_0`, and Athena's and awswrangler's `…_bucket-00001.csv`.
_NUMBERED = re.compile(r"(?:(0\d+)_\d+.*|.*_bucket-(\d+)(?:[-_.].*)?)")
# More combinations of values are not worth the trouble: they need every bucket.
_MOST_COMBINATIONS = 1000


def bucket_columns(table: Table) -> dict[str, DataType]:
    """Return the columns that say in which bucket a row of a table lies; none if it has no buckets."""
    descriptor = table.glue.get("StorageDescriptor") or {}
    if descriptor.get("NumberOfBuckets", -1) < 2 or table.parameters.get("bucketing_version", "1") != "1":
        return {}
    named = [name.lower() for name in descriptor.get("BucketColumns") or []]
    return {name: table.columns[name] for name in named} if all(name in table.columns for name in named) else {}


def needed_buckets(table: Table, places: Sequence[Conjuncts]) -> frozenset[int] | None:
    """Return the buckets whose rows may satisfy the conditions of a place of the query; None if that is all of them.

    Parameters
    ----------
    table
        The table.
    places
        Conditions on its bucket columns, for each place of the query that reads it.
    """
    columns = bucket_columns(table)
    if not columns:
        return None
    count = table.glue["StorageDescriptor"]["NumberOfBuckets"]
    found: set[int] = set()
    for place in places:
        pinned = [constants(place, name) for name in columns]
        hashes = [_hashes(texts, kind) for texts, kind in zip(pinned, columns.values(), strict=True)]
        known = [values for values in hashes if values is not None]
        if len(known) < len(hashes) or len(list(itertools.islice(itertools.product(*known), _MOST_COMBINATIONS))) == (
            _MOST_COMBINATIONS
        ):
            return None
        found |= {_bucket(combination, count) for combination in itertools.product(*known)}
    return frozenset(found)


def files_of(
    table: Table, partition: Partition, files: list[StoredObject], buckets: frozenset[int] | None
) -> list[StoredObject]:
    """Return the files of a partition that hold some of the buckets; all files if their names do not tell."""
    if buckets is None:
        return files
    count = table.glue["StorageDescriptor"]["NumberOfBuckets"]
    if partition.descriptor and partition.descriptor.get("NumberOfBuckets") != count:
        return files
    numbers = [_number(stored) for stored in files]
    if any(number is None or number >= count for number in numbers):
        return files
    return [stored for stored, number in zip(files, numbers, strict=True) if number in buckets]


def bucket_sql(columns: Mapping[str, DataType], count: int) -> str:
    """Return the DuckDB expression of the number of a row's bucket."""
    combined = "0"
    for name, kind in columns.items():
        combined = f"(({combined}) * 31 + coalesce({_hash_sql(quoted(name), kind)}, 0) & {_UNSIGNED})"
    return f"(({combined} & {_POSITIVE}) % {count})::INTEGER"


def text_hash(text: str) -> int:
    """Return the hash of a text: of its bytes, which are signed."""
    found = 0
    for byte in text.encode():
        found = (found * 31 + (byte - 256 if byte > 127 else byte)) & _UNSIGNED
    return found


def _hash_sql(column: str, kind: DataType) -> str:
    if kind.name in (*_INTEGERS, "boolean"):
        return f"({column}::BIGINT & {_UNSIGNED})"
    if kind.name == "bigint":
        return f"(xor({column}, {column} >> 32) & {_UNSIGNED})"
    if kind.name == "date":
        return f"(({column} - DATE '1970-01-01')::BIGINT & {_UNSIGNED})"
    if kind.name == "varchar":
        return f"athena_text_hash({column})"
    # No query is spared files by such a column, so any hash will do.
    return f"(hash({column}) & {_POSITIVE})::BIGINT"


def _hashes(texts: Iterable[str] | None, kind: DataType) -> list[int] | None:
    if texts is None:
        return None
    try:
        found = [_hash(text, kind) for text in texts]
    except ValueError:
        return None
    known = [value for value in found if value is not None]
    return known if len(known) == len(found) else None


def _hash(text: str, kind: DataType) -> int | None:
    if kind.name in _INTEGERS:
        return int(text)
    if kind.name == "bigint":
        value = int(text) & 0xFFFFFFFFFFFFFFFF
        return value ^ (value >> 32)
    if kind.name == "boolean":
        return {"true": 1, "false": 0}.get(text.lower())
    if kind.name == "date":
        return (date.fromisoformat(text) - _EPOCH).days
    return text_hash(text) if kind.name == "varchar" else None


def _bucket(hashes: Iterable[int], count: int) -> int:
    combined = 0
    for value in hashes:
        combined = (combined * 31 + value) & _UNSIGNED
    return (combined & _POSITIVE) % count


def _number(stored: StoredObject) -> int | None:
    found = _NUMBERED.fullmatch(stored.key.rpartition("/")[2])
    return int(found[1] or found[2]) if found else None
