"""How the rows of a table's files are read: one DuckDB expression for each SerDe.

Each reader gives a SELECT over the files with the table's columns in their types, its partition keys and
the hidden columns. https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local import in_process
from helpers.local.athena.errors import BadDataError, NotSupportedError
from helpers.local.athena.storage import virtual_path
from helpers.local.athena.tables import Table
from helpers.local.athena.types import DataType
from helpers.local.in_process import StoredObject

HIDDEN_COLUMNS: Mapping[str, DataType] = {
    "$path": DataType("varchar"),
    "$file_size": DataType("bigint"),
    "$file_modified_time": DataType("timestamp with time zone"),
    "$partition": DataType("varchar"),
}
_PATH = "'s3://' || url_decode(string_split(filename, '/_/')[2])"
_DEFAULT_NULL = "\\N"
_CTRL_A = "\x01"


@dataclass(frozen=True)
class Files:
    """The files of a table as DuckDB reads them: their virtual paths, and what they stand for."""

    paths: Sequence[str]
    objects: Sequence[StoredObject]
    partition_keys: Mapping[str, DataType]

    @property
    def options(self) -> str:
        """The options that every reader shares."""
        if not self.partition_keys:
            return "filename = true, hive_partitioning = false"
        kinds = ", ".join(f"{_quoted(key)}: {kind.duckdb}" for key, kind in self.partition_keys.items())
        return f"filename = true, hive_partitioning = true, hive_types = {{{kinds}}}"

    @property
    def listed(self) -> str:
        return "[" + ", ".join(_text(path) for path in self.paths) + "]"

    @property
    def hidden(self) -> str:
        """The hidden columns: https://trino.io/docs/current/connector/hive.html#special-columns."""
        partition = " || '/' || ".join(f"'{key}=' || {_quoted(key)}::VARCHAR" for key in self.partition_keys) or "''"
        return f"""{_PATH} AS "$path", NULL::BIGINT AS "$file_size", NULL::TIMESTAMPTZ AS "$file_modified_time",
            {partition} AS "$partition" """


def files_of(table: Table, number: int, injected: Mapping[str, list[str]]) -> Files:
    """Return the files of a table, for its DuckDB name `number`.

    `injected` has the values that the query gives to injected projected keys.
    """
    paths, objects = [], []
    for partition in table.partitions(injected):
        for stored in partition.files:
            paths.append(virtual_path(number, partition.values, stored))
            objects.append(stored)
    return Files(paths, objects, table.partition_keys)


def reader(table: Table, files: Files) -> str:
    """Return the SELECT that reads a table's files.

    Raises
    ------
    NotSupportedError
        If the local Athena has no reader for the SerDe.
    """
    if not files.paths:
        return _nothing(table)
    kind = table.serde.rpartition(".")[2].lower()
    if "parquet" in kind:
        return _parquet(table, files)
    if kind == "lazysimpleserde":
        return _lazy_simple(table, files)
    if kind == "opencsvserde":
        return _open_csv(table, files)
    if "json" in kind:
        return _json(table, files)
    if "orc" in kind:
        raise NotSupportedError("reading ORC files")
    raise NotSupportedError(f"SerDe {table.serde}")


def _nothing(table: Table) -> str:
    columns = {**table.all_columns, **HIDDEN_COLUMNS}
    return (
        "SELECT "
        + ", ".join(f"NULL::{kind.duckdb} AS {_quoted(name)}" for name, kind in columns.items())
        + (" WHERE FALSE")
    )


def _select(table: Table, files: Files, values: Mapping[str, str], source: str) -> str:
    columns = [f"{values[name]} AS {_quoted(name)}" for name in table.columns]
    keys = [_quoted(key) for key in table.partition_keys]
    return f"SELECT {', '.join([*columns, *keys, files.hidden])} FROM {source}"


# -- Parquet ----------------------------------------------------------------------------------------


def _parquet(table: Table, files: Files) -> str:
    schemas = {_schema(stored.bucket, stored.key, stored.etag) for stored in files.objects}
    union = ", union_by_name = true" if len(schemas) > 1 else ""
    found = {name.lower(): (name, kind) for schema in schemas for name, kind in schema}
    values = {}
    for name, kind in table.columns.items():
        if name not in found:
            values[name] = f"NULL::{kind.duckdb}"
            continue
        actual, stored_kind = found[name]
        _check_compatible(table, name, kind, stored_kind)
        values[name] = f"{_quoted(actual)}::{kind.duckdb}"
    return _select(table, files, values, f"read_parquet({files.listed}, {files.options}{union})")


@lru_cache(maxsize=10_000)
def _schema(bucket: str, key: str, etag: str) -> tuple[tuple[str, str], ...]:
    try:
        schema = pq.read_schema(pa.BufferReader(in_process.read_object(bucket, key)))
    except pa.ArrowInvalid as error:
        raise BadDataError(f"Not valid Parquet file: s3://{bucket}/{key} expected magic number: PAR1") from error
    return tuple((entry.name, str(entry.type)) for entry in schema)


def _check_compatible(table: Table, name: str, kind: DataType, stored: str) -> None:
    texts = stored in ("string", "large_string")
    numbers = stored.startswith(("int", "uint", "float", "double", "decimal"))
    if (texts and kind.name in ("tinyint", "smallint", "integer", "bigint", "double", "real", "decimal")) or (
        numbers and kind.name in ("varchar", "char") and not table.partition_keys
    ):
        declared = kind.hive
        raise BadDataError(
            f"Field {name}'s type {stored.upper()} in parquet file is incompatible with type {declared} "
            f"defined in table schema"
        )


# -- Delimited text ---------------------------------------------------------------------------------


def _lazy_simple(table: Table, files: Files) -> str:
    parameters = table.serde_parameters
    delimiter = parameters.get("field.delim") or parameters.get("serialization.format") or _CTRL_A
    delimiter = _CTRL_A if delimiter == "1" else delimiter
    null = parameters.get("serialization.null.format", _DEFAULT_NULL)
    source = _read_csv(table, files, delimiter, quote="", escape=parameters.get("escape.delim", ""), null=null)
    inner = {
        "items": parameters.get("collection.delim") or parameters.get("colelction.delim") or "\x02",
        "keys": parameters.get("mapkey.delim") or "\x03",
    }
    values = {name: _lazy_value(_quoted(name), kind, inner) for name, kind in table.columns.items()}
    return _select(table, files, values, source)


def _lazy_value(column: str, kind: DataType, inner: Mapping[str, str]) -> str:
    """Return the value of a text column: what does not parse is NULL."""
    if kind.name in ("varchar", "char"):
        return column
    if kind.name == "boolean":
        return f"CASE lower({column}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if kind.name == "array":
        items = f"string_split({column}, {_text(inner['items'])})"
        return f"list_transform({items}, lambda item : {_lazy_value('item', kind.children[0], inner)})"
    if kind.name == "map":
        pair = f"string_split(item, {_text(inner['keys'])})"
        key = _lazy_value(f"{pair}[1]", kind.children[0], inner)
        value = _lazy_value(f"{pair}[2]", kind.children[1], inner)
        items = f"string_split({column}, {_text(inner['items'])})"
        return (
            f"map_from_entries(list_transform({items}, lambda item : {{'key': {key}, 'value': {value}}}))"
            f"::{kind.duckdb}"
        )
    if kind.name == "row":
        parts = f"string_split({column}, {_text(inner['items'])})"
        fields = [
            f"'{field}': {_lazy_value(f'{parts}[{number}]', child, inner)}"
            for number, (field, child) in enumerate(zip(kind.fields, kind.children, strict=True), start=1)
        ]
        return f"{{{', '.join(fields)}}}::{kind.duckdb}"
    if kind.name in ("tinyint", "smallint", "integer", "bigint"):
        # A number with a fraction is no integer for Hive; DuckDB would round it.
        return f"CASE WHEN regexp_full_match({column}, '[+-]?[0-9]+') THEN try_cast({column} AS {kind.duckdb}) END"
    return f"try_cast({column} AS {kind.duckdb})"


def _open_csv(table: Table, files: Files) -> str:
    parameters = table.serde_parameters
    quote = parameters.get("quoteChar", '"')
    escape = parameters.get("escapeChar", "\\")
    # Files escape a quote by another one more often than by the SerDe's backslash; both must be read.
    escape = escape if escape == "\\" and _uses_backslash(files, quote) else quote
    source = _read_csv(table, files, parameters.get("separatorChar", ","), quote=quote, escape=escape, null=None)
    values = {name: _open_value(name, kind) for name, kind in table.columns.items()}
    return _select(table, files, values, source)


def _uses_backslash(files: Files, quote: str) -> bool:
    mark = f"\\{quote}".encode()
    return any(mark in bytes(in_process.read_object(o.bucket, o.key)[: 1 << 20]) for o in files.objects[:4])


def _open_value(name: str, kind: DataType) -> str:
    column = f"coalesce({_quoted(name)}, '')"
    if kind.name in ("varchar", "char"):
        return column
    bad = (
        f"error('athena:HIVE_BAD_DATA:Error parsing field value ''' || {column} || ''' for field {name}: "
        f"For input string: \"' || {column} || '\"')"
    )
    if kind.name == "date":
        parsed = f"DATE '1970-01-01' + try_cast({column} AS INTEGER)"
    elif kind.name == "timestamp":
        parsed = f"epoch_ms(try_cast({column} AS BIGINT))"
    else:
        parsed = f"try_cast({column} AS {kind.duckdb})"
    return f"CASE WHEN {parsed} IS NULL THEN {bad} ELSE {parsed} END"


def _read_csv(table: Table, files: Files, delimiter: str, *, quote: str, escape: str, null: str | None) -> str:
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in table.columns)
    skip = int(
        table.parameters.get("skip.header.line.count") or table.serde_parameters.get("skip.header.line.count", 0)
    )
    nulls = f", nullstr = {_text(null)}" if null is not None else ", nullstr = []"
    return (
        f"read_csv({files.listed}, {files.options}, columns = {{{columns}}}, auto_detect = false, header = false, "
        f"skip = {skip}, delim = {_text(delimiter)}, quote = {_text(quote)}, escape = {_text(escape)}, "
        f"null_padding = true, strict_mode = false, max_line_size = 100000000{nulls}, allow_quoted_nulls = false)"
    )


# -- JSON -------------------------------------------------------------------------------------------


def _json(table: Table, files: Files) -> str:
    parameters = table.serde_parameters
    ignore = parameters.get("ignore.malformed.json", "false").lower() == "true"
    actual = _json_keys(files)
    mapped = {value.lower(): key for key, value in parameters.items() if key.startswith("mapping.")}
    values = {}
    for name, kind in table.columns.items():
        key = parameters.get(f"mapping.{name}") or mapped.get(name) or actual.get(name, name)
        values[name] = _json_value(f"json_extract(json, {_text('$.' + json.dumps(key))})", kind)
    options = f"{files.options}, ignore_errors = {str(ignore).lower()}, maximum_object_size = 100000000"
    return _select(table, files, values, f"read_ndjson_objects({files.listed}, {options})")


def _json_value(value: str, kind: DataType) -> str:
    if kind.name in ("varchar", "char"):
        return f"json_extract_string({value}, '$')"
    if kind.children:
        return f"json_transform({value}, {_text(json.dumps(_json_structure(kind)))})::{kind.duckdb}"
    return f"try_cast(json_extract_string({value}, '$') AS {kind.duckdb})"


def _json_structure(kind: DataType) -> object:
    if kind.name == "row":
        return {name: _json_structure(child) for name, child in zip(kind.fields, kind.children, strict=True)}
    if kind.name == "array":
        return [_json_structure(kind.children[0])]
    return kind.duckdb


def _json_keys(files: Files) -> dict[str, str]:
    """Return the keys of the first row by their lower-case form: SerDes do not mind the case of keys."""
    first = files.objects[0]
    if first.key.endswith((".gz", ".bz2", ".zst")):
        import gzip

        if not first.key.endswith(".gz"):
            return {}
        head = gzip.decompress(bytes(in_process.read_object(first.bucket, first.key)))[: 1 << 20]
    else:
        head = bytes(in_process.read_object(first.bucket, first.key)[: 1 << 20])
    try:
        row = json.loads(head.split(b"\n", 1)[0])
    except ValueError:
        return {}
    return {key.lower(): key for key in row} if isinstance(row, dict) else {}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
