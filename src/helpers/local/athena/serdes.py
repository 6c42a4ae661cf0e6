"""How the rows of a table's files are read: one DuckDB expression for each SerDe.

Each reader gives a SELECT over files with the columns that the query uses, in the types of the table, the
partition keys and the hidden columns. https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpers.local.athena import (
    bucketing,
    serde_avro,
    serde_json,
    serde_open_csv,
    serde_orc,
    serde_parquet,
    serde_regex,
    serde_text,
)
from helpers.local.athena.errors import NotSupportedError
from helpers.local.athena.listing import Listing
from helpers.local.athena.partition_schemas import check_partition_columns
from helpers.local.athena.partitions import Partition
from helpers.local.athena.source import HIDDEN_COLUMNS, Source, quoted
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.tables import Table
from helpers.local.in_process import StoredObject

_READERS: Mapping[str, Callable[[Source, CountingFileSystem], str]] = {
    "parquethiveserde": serde_parquet.reader,
    "lazysimpleserde": serde_text.reader,
    "opencsvserde": serde_open_csv.reader,
    "jsonserde": serde_json.reader,
    "orcserde": serde_orc.reader,
    "avroserde": serde_avro.reader,
    "regexserde": serde_regex.regex_reader,
    "grokserde": serde_regex.grok_reader,
}


def relation(
    table: Table,
    partitions: list[Partition],
    used: frozenset[str] | None,
    buckets: frozenset[int] | None,
    listing: Listing,
    filesystem: CountingFileSystem,
) -> str:
    """Return the SELECT that reads partitions of a table.

    Parameters
    ----------
    table, partitions
        What to read.
    used
        Names of the columns that the query uses, hidden ones included; None for all.
    buckets
        The buckets that it needs; None for all.
    listing, filesystem
        The objects of the buckets, and the filesystem through which DuckDB reads them.

    Raises
    ------
    NotSupportedError
        If the local Athena has no reader for the SerDe.
    AthenaQueryError
        If the files do not hold what the table says.
    """
    columns = {name: kind for name, kind in table.columns.items() if used is None or name in used}
    hidden = [name for name in HIDDEN_COLUMNS if used is not None and name in used]
    groups: dict[tuple[str, tuple[tuple[str, str], ...]], list[tuple[Partition, StoredObject]]] = {}
    for partition in partitions:
        check_partition_columns(table, partition, columns)
        serde = partition.descriptor.get("SerdeInfo") or {}
        name = serde.get("SerializationLibrary") or table.serde
        parameters = (serde.get("Parameters") if serde else None) or table.serde_parameters
        files = groups.setdefault((name, tuple(sorted(parameters.items()))), [])
        found = bucketing.files_of(table, partition, listing.data_files(partition.location), buckets)
        files += [(partition, stored) for stored in found]
    selects = []
    for (name, parameters), files in groups.items():
        if files:
            source = Source(table, columns, hidden, dict(parameters), files)
            selects.append(_reader(name)(source, filesystem))
    return " UNION ALL BY NAME ".join(selects) if selects else _nothing(table)


def _reader(serde: str) -> Callable[[Source, CountingFileSystem], str]:
    reader = _READERS.get(serde.rpartition(".")[2].lower())
    if reader is None:
        raise NotSupportedError(f"SerDe {serde}")
    return reader


def _nothing(table: Table) -> str:
    columns = {**table.all_columns, **HIDDEN_COLUMNS}
    listed = ", ".join(f"NULL::{kind.duckdb} AS {quoted(name)}" for name, kind in columns.items())
    return f"SELECT {listed} WHERE FALSE"
