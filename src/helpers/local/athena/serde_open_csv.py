"""OpenCSVSerde: fields between separators, in quotes or not; values of other types than text must parse.

https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from helpers.local import in_process
from helpers.local.athena.listing import real_address
from helpers.local.athena.serde_text import csv_options
from helpers.local.athena.source import Source, quoted
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.text_files import decompressed, inspected, mended, preparation
from helpers.local.athena.types import DataType

# No field holds it: an empty field is an empty text, not NULL.
_NO_NULL = "\x00athena\x00"
_CHUNK_BYTES = 1 << 24


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads CSV in quotes."""
    parameters = source.parameters
    separator, quote, escape = (
        (parameters.get(name) or default)[0]
        for name, default in (("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\"))
    )
    plain = {
        f"{o.bucket}/{o.key}": _is_plain(o.bucket, o.key, o.etag, separator, quote, escape) for o in source.objects
    }

    def mend(content: memoryview) -> memoryview:
        return mended(content, inspected(content), (quote * 2).encode())

    def rewrite(content: memoryview) -> memoryview:
        return rewritten(mend(content), separator, quote, escape)

    mending, rewriting = preparation(mend), preparation(rewrite)
    number = filesystem.add_reader(
        lambda path, raw: (mending if plain["/".join(real_address(path))] else rewriting)(path, raw)
    )
    options = csv_options(source, separator, quote=quote, escape=quote, null=_NO_NULL)
    lenient = source.table.parameters.get("use.null.for.invalid.data", "").lower() == "true"
    values = {name: _value(name, kind, lenient=lenient) for name, kind in source.columns.items()}
    return source.select(values, source.scan("read_csv", number, options))


def _value(name: str, kind: DataType, *, lenient: bool) -> str:
    column = quoted(name)
    if kind.name in ("varchar", "char"):
        return f"left({column}, {kind.arguments[0]})" if kind.arguments else column
    # DuckDB would hand a cast of the column alone to its CSV reader, which fails where this one gives NULL.
    filled = f"nullif({column}, '')"
    if kind.name == "date":
        parsed = f"DATE '1970-01-01' + try_cast({filled} AS INTEGER)"
    elif kind.name == "timestamp":
        parsed = f"epoch_ms(try_cast({filled} AS BIGINT))"
    elif kind.name == "boolean":
        parsed = f"lower({column}) = 'true'"
    elif kind.name in ("tinyint", "smallint", "integer", "bigint"):
        parsed = f"CASE WHEN regexp_full_match({column}, '[+-]?[0-9]+') THEN try_cast({column} AS {kind.duckdb}) END"
    else:
        parsed = f"try_cast({filled} AS {kind.duckdb})"
    if lenient:
        return parsed
    bad = (
        f"error('athena:HIVE_BAD_DATA:Error parsing field value ''' || {column} || ''' for field "
        f"{name.replace(chr(39), '')}: For input string: \"' || {column} || '\"')"
    )
    return f"CASE WHEN {column} IS NOT NULL AND {parsed} IS NULL THEN {bad} ELSE {parsed} END"


@lru_cache(maxsize=10_000)
def _is_plain(bucket: str, key: str, etag: str, separator: str, quote: str, escape: str) -> bool:
    """Return whether DuckDB reads a file as the SerDe does: no escapes, quotes only around fields, one line a row."""
    content = decompressed(key, in_process.read_object(bucket, key))
    if not all(ord(mark) < 128 for mark in (separator, quote, escape)):
        return False
    inside = 0
    previous = 10
    for offset in range(0, content.nbytes, _CHUNK_BYTES):
        chunk = np.frombuffer(content[offset : offset + _CHUNK_BYTES], dtype=np.uint8)
        if (chunk == ord(escape)).any():
            return False
        quotes = chunk == ord(quote)
        if not quotes.any():
            previous = int(chunk[-1])
            if inside and (chunk == 10).any():
                return False
            continue
        open_before = (np.cumsum(quotes) + inside) % 2
        if (open_before[chunk == 10] == 1).any():
            return False
        inside = int(open_before[-1])
        following = content[offset + _CHUNK_BYTES] if offset + _CHUNK_BYTES < content.nbytes else 10
        around = [10, 13, ord(separator), ord(quote)]
        before = np.concatenate(([previous], chunk[:-1]))[quotes]
        after = np.concatenate((chunk[1:], [following]))[quotes]
        if not (np.isin(before, around) | np.isin(after, around)).all():
            return False
        previous = int(chunk[-1])
    return inside == 0


def rewritten(content: memoryview, separator: str, quote: str, escape: str) -> memoryview:
    """Return a CSV with the fields that the SerDe reads, each in quotes, one line a row."""
    lines = []
    for line in bytes(content).decode("utf-8").removesuffix("\n").split("\n"):
        fields = list(fields_of(line, separator, quote, escape))
        # A row without any field is a row of NULLs.
        lines.append(separator.join(quote + f.replace(quote, quote * 2) + quote for f in fields) or _NO_NULL)
    return memoryview("".join(line + "\n" for line in lines).encode())


def fields_of(line: str, separator: str, quote: str, escape: str) -> Iterator[str]:
    """Yield the fields of a line as opencsv's parser does; a quote without its end takes its field away."""
    field: list[str] = []
    inside = False
    position = 0
    while position < len(line):
        mark = line[position]
        following = line[position + 1] if position + 1 < len(line) else ""
        if mark == escape:
            # An escape before anything but a quote or an escape in quotes vanishes.
            if inside and following in (quote, escape) and following:
                field.append(following)
                position += 1
        elif mark == quote:
            if inside and following == quote:
                field.append(quote)
                position += 1
            else:
                embedded = position > 2 and line[position - 1] != separator and following not in ("", separator)
                if embedded:
                    if field and not "".join(field).strip():
                        field.clear()
                    else:
                        field.append(quote)
                inside = not inside
        elif mark == separator and not inside:
            yield "".join(field)
            field.clear()
        else:
            field.append(mark)
        position += 1
    if not inside:
        yield "".join(field)
