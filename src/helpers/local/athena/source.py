"""The files of a table that one reader reads, and what every reader says about them to DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpers.local.athena.listing import virtual_path
from helpers.local.athena.partitions import Partition
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType
from helpers.local.in_process import StoredObject

# https://trino.io/docs/current/connector/hive.html#special-columns
HIDDEN_COLUMNS: Mapping[str, DataType] = {
    "$path": DataType("varchar"),
    "$file_size": DataType("bigint"),
    "$file_modified_time": DataType("timestamp with time zone"),
    "$partition": DataType("varchar"),
}
# The place of a row in its file, which with `$path` says which row of an Iceberg table it is.
ROW_NUMBER = "$pos"
# Not `filename`, which a table may have itself.
_FILE = "athena file"
_HIDDEN = {
    "$path": f"'s3://' || url_decode(split_part(\"{_FILE}\", '/_/', 2))",
    "$file_size": f"split_part(split_part(\"{_FILE}\", '/', 4), ',', 1)::BIGINT",
    "$file_modified_time": f"make_timestamp(split_part(split_part(\"{_FILE}\", '/', 4), ',', 2)::BIGINT * 1000)"
    "::TIMESTAMPTZ",
    ROW_NUMBER: "file_row_number",
    "$partition": f"url_decode(regexp_extract(\"{_FILE}\", '^[^/]*//[^/]*/[^/]*/(.*?)/?_/', 1))",
}


@dataclass(frozen=True)
class Source:
    """Files that are read in one way.

    Parameters
    ----------
    table
        Theirs.
    columns
        The table's columns that the query uses.
    hidden
        The hidden columns that it uses.
    parameters
        Of the SerDe.
    files
        Every object, with its partition.
    """

    table: Table
    columns: Mapping[str, DataType]
    hidden: Sequence[str]
    parameters: Mapping[str, str]
    files: Sequence[tuple[Partition, StoredObject]]

    @property
    def objects(self) -> list[StoredObject]:
        return [stored for _, stored in self.files]

    def select(self, values: Mapping[str, str], source: str) -> str:
        """Return the SELECT of `values`, an expression for each used column, from DuckDB's `source`."""
        listed = [f"{values[name]} AS {quoted(name)}" for name in self.columns]
        listed += [quoted(key) for key in self.table.partition_keys]
        listed += [f"{_HIDDEN[name]} AS {quoted(name)}" for name in self.hidden]
        return f"SELECT {', '.join(listed) or 'NULL AS nothing'} FROM {source}"

    def scan(self, function: str, number: int, options: str = "") -> str:
        """Return a call of one of DuckDB's file readers on all files, for the filesystem's reader `number`."""
        paths = ", ".join(text(virtual_path(number, partition.values, stored)) for partition, stored in self.files)
        keys = self.table.partition_keys
        kinds = ", ".join(f"{quoted(key)}: {kind.duckdb}" for key, kind in keys.items())
        hive = f"hive_partitioning = true, hive_types = {{{kinds}}}" if keys else "hive_partitioning = false"
        more = f", {options}" if options else ""
        return f"{function}([{paths}], filename = {text(_FILE)}, {hive}{more})"


def quoted(name: str) -> str:
    """Return a name in SQL's double quotes."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as SQL's literal."""
    return "'" + value.replace("'", "''") + "'"
