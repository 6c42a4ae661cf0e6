"""LazySimpleSerDe: fields between delimiters, no quotes; what does not parse is NULL.

https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from helpers.local import in_process
from helpers.local.athena.hive_text import SEPARATORS
from helpers.local.athena.source import Source, quoted, text
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.text_files import Findings, decompressed, inspected, mended, preparation
from helpers.local.athena.types import DataType

_DEFAULT_NULL = "\\N"
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_REST = "athena rest"
# Lines are read in pieces of this size, so that a LIMIT can stop early.
_BUFFER_BYTES = 1 << 23


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads delimited text."""
    parameters = source.parameters
    delimiter = _byte(parameters.get("field.delim") or parameters.get("serialization.format"), "\x01")
    null = parameters.get("serialization.null.format", _DEFAULT_NULL)
    # The first field of an empty line is an empty text, the others are missing.
    filler = (delimiter + null) * max(1, len(source.table.columns) - 1)
    items = _byte(parameters.get("collection.delim") or parameters.get("colelction.delim"), SEPARATORS[1])
    keys = _byte(parameters.get("mapkey.delim"), SEPARATORS[2])
    inner = SEPARATORS[0] + items + keys + SEPARATORS[3:]

    def mend(content: memoryview) -> memoryview:
        return mended(content, inspected(content), filler.encode())

    number = filesystem.add_reader(preparation(mend))
    escape = _byte(parameters.get("escape.delim"), "")
    options = csv_options(source, delimiter, quote="", escape=escape, null=null)
    values = {name: _value(quoted(name), kind, inner, 1) for name, kind in source.columns.items()}
    return source.select(values, source.scan("read_csv", number, options))


def csv_options(source: Source, delimiter: str, *, quote: str, escape: str, null: str) -> str:
    """Return the options of `read_csv` for files without names and types of their own."""
    # DuckDB skips an empty line, and what stands for it, unless there are two columns.
    names = [*source.table.columns] if len(source.table.columns) > 1 else [*source.table.columns, _REST]
    columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    parameters = {**source.table.parameters, **source.parameters}
    skip = int(parameters.get("skip.header.line.count") or 0)
    longest = max(findings_of(o.bucket, o.key, o.etag).longest_line for o in source.objects)
    # DuckDB wants room for several lines.
    line = max(1 << 21, longest + 1)
    return (
        f"columns = {{{columns}}}, auto_detect = false, header = false, skip = {skip}, delim = {text(delimiter)}, "
        f"quote = {text(quote)}, escape = {text(escape)}, nullstr = {text(null)}, allow_quoted_nulls = false, "
        f"null_padding = true, strict_mode = false, compression = 'none', max_line_size = {line}, "
        f"buffer_size = {max(_BUFFER_BYTES, 4 * line)}"
    )


@lru_cache(maxsize=10_000)
def findings_of(bucket: str, key: str, etag: str) -> Findings:
    """Return what is special in a text object; remembered as long as its `etag` stays."""
    return inspected(decompressed(key, in_process.read_object(bucket, key)))


def _byte(value: str | None, default: str) -> str:
    """Return the one character that Hive takes from a delimiter, which may be written as its number."""
    if not value:
        return default
    if re.fullmatch(r"-?\d{1,3}", value) and -128 <= int(value) <= 127:
        return chr(int(value) % 256)
    return value[0]


def _value(column: str, kind: DataType, separators: str, depth: int) -> str:
    """Return the value of a text, whose parts are divided by the separator of `depth`."""
    if kind.name in ("varchar", "char"):
        return f"left({column}, {kind.arguments[0]})" if kind.arguments else column
    if kind.name == "boolean":
        return f"CASE lower({column}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    if not kind.children:
        return scalar(column, kind)
    parts = f"string_split({column}, {text(separators[depth])})"
    if kind.name == "array":
        item = _value(_nullable("item"), kind.children[0], separators, depth + 1)
        listed = f"list_transform({parts}, lambda item : {item})"
        return f"(CASE {column} WHEN '' THEN [] ELSE {listed} END)::{kind.duckdb}"
    if kind.name == "map":
        pair = f"string_split(item, {text(separators[depth + 1])})"
        key = _value(f"{pair}[1]", kind.children[0], separators, depth + 2)
        value = _value(_nullable(f"{pair}[2]"), kind.children[1], separators, depth + 2)
        entries = f"list_transform({parts}, lambda item : {{'key': {key}, 'value': {value}}})"
        return f"(CASE {column} WHEN '' THEN MAP {{}} ELSE map_from_entries({entries}) END)::{kind.duckdb}"
    fields = [
        f"{text(name)}: {_value(_nullable(f'{parts}[{number}]'), child, separators, depth + 1)}"
        for number, (name, child) in enumerate(zip(kind.fields, kind.children, strict=True), start=1)
    ]
    return f"(CASE WHEN {column} IS NOT NULL THEN {{{', '.join(fields)}}} END)::{kind.duckdb}"


def _nullable(item: str) -> str:
    return f"nullif({item}, {text(_DEFAULT_NULL)})"


def scalar(column: str, kind: DataType) -> str:
    """Return the value of a text in a scalar type as Hive reads it, NULL if it does not parse."""
    if kind.name in _INTEGERS:
        # DuckDB would round 5.5 and read 1e3.
        return f"CASE WHEN regexp_full_match({column}, '[+-]?[0-9]+') THEN try_cast({column} AS {kind.duckdb}) END"
    if kind.name == "timestamp":
        # DuckDB would also take time zones and a date alone.
        pattern = r"\d{1,4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{0,9})?)?"
        return f"CASE WHEN regexp_full_match({column}, '{pattern}') THEN try_cast({column} AS TIMESTAMP) END"
    if kind.name == "varbinary":
        return f"coalesce(try(from_base64({column})), encode({column}))"
    # DuckDB would hand a cast of the column alone to its CSV reader, which fails where this one gives NULL.
    return f"try_cast(nullif({column}, '') AS {kind.duckdb})"
