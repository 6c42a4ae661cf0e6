"""JSON as Glue's classifier sees it: one document a line, or one that spans lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

from helpers.local.crawler.heads import Head
from helpers.local.crawler.json_types import JsonType, merge, type_of
from helpers.local.crawler.schema import FoundSchema

_SPACE = " \t\r\n"
# A JSON path in dot or bracket notation: https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html
_STEP = re.compile(r"\.?(?:(?P<name>[^.\[\]]+)|\[(?P<quote>['\"])(?P<quoted>.+?)(?P=quote)\]|\[(?P<index>\d+|\*)\])")


def built_in(head: Head, json_path: str | None = None) -> FoundSchema | None:
    """Classify a file; None if it is no JSON, or has no record within the head.

    Parameters
    ----------
    head
        The beginning of the file.
    json_path
        Of a custom JSON classifier: what it leads to are the records, such as the elements of an array
        (`$[*]`).
    """
    text = head.data.decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    if not text.startswith(("{", "[")):
        return None
    records: list[dict[str, Any]] = []
    end = 0
    for document, end in _documents(text):  # noqa: B007
        records += _records(document, json_path)
    if not records:
        return None
    whole = reduce(merge, map(type_of, records), JsonType("struct"))
    columns = {name: kind.hive for name, kind in whole.fields.items()}
    paths = frozenset(key for record in records for key in record)
    mean = len(text[:end].encode()) / len(records)
    return FoundSchema("json", columns, head.compression, record_bytes=mean, paths=paths)


def _documents(text: str) -> Iterator[tuple[Any, int]]:
    """Yield each document and where it ends; of an array that the head cuts off, the elements that are whole."""
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text):
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            if position == 0 and text.startswith("["):
                yield _cut_off_array(text, decoder)
            return
        while position < len(text) and text[position] in _SPACE:
            position += 1
        yield document, position


def _cut_off_array(text: str, decoder: json.JSONDecoder) -> tuple[list[Any], int]:
    elements: list[Any] = []
    position = 1
    while True:
        while position < len(text) and text[position] in _SPACE + ",":
            position += 1
        try:
            element, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return elements, position
        elements.append(element)


def _records(document: Any, json_path: str | None) -> list[dict[str, Any]]:
    if json_path is None:
        found = [{"array": document}] if isinstance(document, list) and document else [document]
    else:
        found = _follow(document, json_path.replace(" ", ""))
    return [record for record in found if isinstance(record, dict)]


def _follow(document: Any, json_path: str) -> list[Any]:
    found = [document]
    for step in _STEP.finditer(json_path.removeprefix("$")):
        name, index = step["name"] or step["quoted"], step["index"]
        if index == "*" or name == "*":
            inner = [list(value.values()) if isinstance(value, dict) else value for value in found]
            found = [item for value in inner if isinstance(value, list) for item in value]
        elif index is not None:
            found = [value[int(index)] for value in found if isinstance(value, list) and int(index) < len(value)]
        else:
            found = [value[name] for value in found if isinstance(value, dict) and name in value]
    # A path that leads to an array stands for its elements.
    return [item for value in found for item in (value if isinstance(value, list) else [value])]
