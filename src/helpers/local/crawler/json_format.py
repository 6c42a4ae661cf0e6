"""JSON as Glue's classifier sees it: one document a line, or one that spans lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.local.athena.types import DataType, parse_type
from helpers.local.crawler.heads import Head
from helpers.local.crawler.schema import FoundSchema, wider

_RECORDS_READ = 1000


def built_in(head: Head, json_path: str | None = None) -> FoundSchema | None:
    """Classify a file; None if it is no JSON.

    Parameters
    ----------
    head
        The beginning of the file.
    json_path
        Of a custom JSON classifier: `$[*]` takes the elements of an array as records.
    """
    text = head.data.decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    if not text.startswith(("{", "[")):
        return None
    documents = list(_documents(text))
    records = [record for document in documents for record in _records(document, json_path)]
    if not records:
        return None
    columns: dict[str, str] = {}
    for record in records[:_RECORDS_READ]:
        for key, value in record.items():
            kind = value_type(value)
            if kind is not None:
                name = key.lower()
                columns[name] = wider(columns[name], kind) if name in columns else kind
            else:
                columns.setdefault(key.lower(), "string")
    mean = len(text) / max(len(records), 1)
    paths = frozenset(key for record in records[:_RECORDS_READ] for key in record)
    return FoundSchema("json", columns, head.compression, record_bytes=mean, paths=paths)


def value_type(value: Any) -> str | None:
    """Return the Hive type of a JSON value, None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -(2**31) <= value < 2**31 else "bigint" if -(2**63) <= value < 2**63 else "double"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        kinds = [kind for kind in map(value_type, value) if kind is not None]
        inner = "string" if not kinds else kinds[0]
        for kind in kinds[1:]:
            inner = wider(inner, kind)
        return f"array<{inner}>"
    if isinstance(value, Mapping):
        fields = ",".join(f"{key.lower()}:{value_type(inner) or 'string'}" for key, inner in value.items())
        return f"struct<{fields}>" if fields else "string"
    return "string"


def merge_struct_types(one: str, other: str) -> str:
    """Return the struct type with the fields of both."""
    left, right = parse_type(one), parse_type(other)
    fields = {name: kind.hive for name, kind in zip(left.fields, left.children, strict=True)}
    for name, kind in zip(right.fields, right.children, strict=True):
        fields[name] = wider(fields[name], kind.hive) if name in fields else kind.hive
    return DataType("row", children=tuple(map(parse_type, fields.values())), fields=tuple(fields)).hive


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        try:
            document, position = decoder.raw_decode(text, position)
        except ValueError:
            # Broken, or the head ends within a document.
            return
        yield document
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1


def _records(document: Any, json_path: str | None) -> list[dict[str, Any]]:
    if isinstance(document, list):
        if json_path is not None and json_path.replace(" ", "") in ("$[*]", "$.[*]"):
            return [item for item in document if isinstance(item, dict)]
        return [{"array": document}]
    if not isinstance(document, dict):
        return []
    if json_path and json_path not in ("$", "$[*]"):
        found: Any = document
        for part in json_path.removeprefix("$").strip(".").replace("[*]", "").split("."):
            found = found.get(part) if isinstance(found, dict) and part else found
        if isinstance(found, list):
            return [item for item in found if isinstance(item, dict)]
        return [found] if isinstance(found, dict) else []
    return [document]
