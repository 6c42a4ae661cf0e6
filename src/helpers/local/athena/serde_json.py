"""The JSON SerDes: one object a line, keys in any case, missing keys NULL.

https://docs.aws.amazon.com/athena/latest/ug/json-serde.html. Which values do not fit their column's type is as in
Trino's readers of both SerDes: openx makes them NULL, the Hive SerDe fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from helpers.local import in_process
from helpers.local.athena.serde_text import findings_of, scalar
from helpers.local.athena.source import Source, text
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.text_files import decompressed, inspected, mended, preparation
from helpers.local.athena.types import DataType

_KEY = re.compile(rb'"((?:[^"\\]|\\.)*)"\s*:')
# Keys are looked for at the beginning and the end of each file.
_SAMPLE_BYTES = 1 << 20
_MOST_SPELLINGS = 4


def reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads JSON, a row a line."""

    def mend(content: memoryview) -> memoryview:
        # A line without an object is a row of NULLs.
        return mended(content, inspected(content), b"{}")

    number = filesystem.add_reader(preparation(mend))
    parameters = {key.lower(): value for key, value in source.parameters.items()}
    openx = "openx" in source.table.serde.lower()
    dots = openx and parameters.get("dots.in.keys", "false").lower() == "true"
    exact = openx and parameters.get("case.insensitive", "true").lower() == "false"
    ignore = openx and parameters.get("ignore.malformed.json", "false").lower() == "true"
    spellings = _spellings(source, dots=dots, exact=exact)
    paths: list[str] = []
    values = {}
    for name, kind in source.columns.items():
        mapped = parameters.get(f"mapping.{name}")
        found = [mapped] if mapped else spellings.get(name, [name])
        places = []
        for spelling in found:
            paths.append("$." + json.dumps(spelling, ensure_ascii=False))
            places.append(f"json_values[{len(paths)}]")
        value = places[0] if len(places) == 1 else f"coalesce({', '.join(places)})"
        values[name] = _value(value, kind, name, spellings, openx=openx)
    longest = max(findings_of(o.bucket, o.key, o.etag).longest_line for o in source.objects)
    largest = max(1 << 24, 2 * longest)
    options = f"compression = 'none', ignore_errors = {str(ignore).lower()}, maximum_object_size = {largest}"
    scan = source.scan("read_ndjson_objects", number, options)
    if not paths:
        return source.select(values, scan)
    listed = ", ".join(text(path) for path in paths)
    return source.select(values, f"(SELECT *, json_extract(json, [{listed}]) AS json_values FROM {scan})")


def _value(value: str, kind: DataType, name: str, spellings: Mapping[str, list[str]], *, openx: bool) -> str:
    """Return the value of a piece of JSON in a type."""
    if kind.name == "array":
        item = _value("item", kind.children[0], name, spellings, openx=openx)
        listed = f"list_transform({value}::JSON[], lambda item : {item})"
        wrapped = f"[{_value(value, kind.children[0], name, spellings, openx=openx)}]"
        single = f"CASE WHEN json_extract_string({value}, '$') = '' THEN NULL ELSE {wrapped} END"
        return _of_type(value, "ARRAY", listed, single if openx else _bad(value, name), kind)
    if kind.name == "map":
        key = scalar("entry.key", kind.children[0]) if kind.children[0].name != "varchar" else "entry.key"
        item = _value("entry.value", kind.children[1], name, spellings, openx=openx)
        entries = f"map_entries({value}::MAP(VARCHAR, JSON))"
        mapped = f"map_from_entries(list_transform({entries}, lambda entry : {{'key': {key}, 'value': {item}}}))"
        return _of_type(value, "OBJECT", mapped, _bad(value, name), kind)
    if kind.name == "row":
        fields = []
        for field, child in zip(kind.fields, kind.children, strict=True):
            found = [f"json_extract({value}, {text('$.' + json.dumps(s))})" for s in spellings.get(field, [field])]
            inner = found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
            fields.append(f"{text(field)}: {_value(inner, child, name, spellings, openx=openx)}")
        packed = f"{{{', '.join(fields)}}}"
        return _of_type(value, "OBJECT", packed, _bad(value, name), kind)
    plain = f"json_extract_string({value}, '$')"
    if kind.name in ("varchar", "char"):
        return f"left({plain}, {kind.arguments[0]})" if kind.arguments else plain
    if kind.name == "boolean":
        return f"(lower({plain}) = 'true')"
    return _scalar(value, plain, kind, name, openx=openx)


def _of_type(value: str, wanted: str, converted: str, otherwise: str, kind: DataType) -> str:
    return (
        f"(CASE coalesce(json_type({value}), 'NULL') WHEN '{wanted}' THEN {converted} WHEN 'NULL' THEN NULL "
        f"ELSE {otherwise} END)::{kind.duckdb}"
    )


def _scalar(value: str, plain: str, kind: DataType, name: str, *, openx: bool) -> str:
    parsed = scalar(plain, kind)
    if openx and kind.name == "timestamp":
        # Also ISO 8601 with a zone, and seconds or milliseconds since 1970.
        number = f"try_cast({plain} AS DECIMAL(38,9))"
        seconds = (
            f"CASE WHEN length({plain}) >= 13 AND NOT contains({plain}, '.') THEN {number} / 1000 ELSE {number} END"
        )
        zoned = f"CASE WHEN contains({plain}, ':') THEN try_cast({plain} AS TIMESTAMPTZ)::TIMESTAMP END"
        parsed = f"coalesce({parsed}, {zoned}, make_timestamp((({seconds}) * 1000000)::BIGINT))"
    elif not openx and kind.name in ("tinyint", "smallint", "integer", "bigint"):
        # A number is cut to its whole part; a text is no number.
        whole = f"try_cast(trunc(try_cast({plain} AS DECIMAL(38,9))) AS {kind.duckdb})"
        parsed = f"CASE WHEN json_type({value}) <> 'VARCHAR' THEN {whole} END"
    elif not openx and kind.name in ("double", "real"):
        parsed = f"CASE WHEN json_type({value}) <> 'VARCHAR' THEN {parsed} END"
    missing = f"{value} IS NULL OR json_type({value}) = 'NULL'"
    if openx:
        nested = f"json_type({value}) IN ('OBJECT', 'ARRAY')"
        return (
            f"(CASE WHEN {missing} THEN NULL WHEN {nested} THEN {_bad(value, name)} ELSE {parsed} END)::{kind.duckdb}"
        )
    failed = f"({parsed}) IS NULL THEN {_bad(value, name)}"
    return f"(CASE WHEN {missing} THEN NULL WHEN {failed} ELSE {parsed} END)::{kind.duckdb}"


def _bad(value: str, name: str) -> str:
    return (
        f"error('athena:HIVE_BAD_DATA:Error parsing field value ''' || {value}::VARCHAR || ''' for field "
        f"{name.replace(chr(39), '')}: For input string: ' || {value}::VARCHAR)"
    )


def _spellings(source: Source, *, dots: bool, exact: bool) -> dict[str, list[str]]:
    """Return how keys are spelt in the files, by their form in lower case, the most frequent spelling first."""
    counts: dict[str, dict[str, int]] = {}
    for stored in source.objects:
        for spelling, count in _keys(stored.bucket, stored.key, stored.etag):
            for form in {spelling.lower(), spelling.replace(".", "_").lower() if dots else spelling.lower()}:
                found = counts.setdefault(form, {})
                found[spelling] = found.get(spelling, 0) + count
    if exact:
        return {form: [form] for form in counts if form in counts[form]}
    return {
        form: sorted(found, key=lambda spelling: -found[spelling])[:_MOST_SPELLINGS] for form, found in counts.items()
    }


@lru_cache(maxsize=10_000)
def _keys(bucket: str, key: str, etag: str) -> tuple[tuple[str, int], ...]:
    content = decompressed(key, in_process.read_object(bucket, key))
    counts: dict[bytes, int] = {}
    for sample in {bytes(content[:_SAMPLE_BYTES]), bytes(content[-_SAMPLE_BYTES:])}:
        for found in _KEY.findall(sample):
            counts[found] = counts.get(found, 0) + 1
    return tuple((_unescaped(spelling), count) for spelling, count in counts.items())


def _unescaped(key: bytes) -> str:
    try:
        return str(json.loads(b'"' + key + b'"'))
    except ValueError:
        return key.decode("utf-8", "replace")
