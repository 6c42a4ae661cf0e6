"""CSV as Glue's classifiers see it: delimiter, header, types.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in and
https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-csv
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from helpers.local.athena.formats import LAZY_SIMPLE, OPEN_CSV
from helpers.local.crawler.heads import Head
from helpers.local.crawler.schema import FoundSchema, wider

DELIMITERS = (",", "|", "\t", ";", "\x01")
_LONGEST_HEADER_FIELD = 150
# https://repost.aws/knowledge-center/glue-crawler-detect-schema: 1,000 records or 1 MB, whichever comes first.
_ROWS_READ = 1000
# Share of the lines that must have as many columns as the first; AWS does not say how many broken ones it bears.
_WHOLE_SHARE = 0.9
# Characters of the longest one: -9223372036854775808.
_LONGEST_BIGINT = 20
_INTEGER = re.compile(r"[+-]?\d+")
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# What a column may be called: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-common.html
_NAME = re.compile(r"[^\x00-\x1f\ufffd]+")
_CUSTOM_TYPES = {
    "BINARY": "binary", "BOOLEAN": "boolean", "DATE": "date", "DECIMAL": "decimal", "DOUBLE": "double",
    "FLOAT": "float", "INT": "int", "LONG": "bigint", "SHORT": "smallint", "STRING": "string",
    "TIMESTAMP": "timestamp",
}  # fmt: skip


def built_in(head: Head) -> FoundSchema | None:
    """Classify a file by the built-in rules; None if it is no CSV."""
    lines = head.lines()[:_ROWS_READ]
    if len(lines) < 2:
        return None
    split = {delimiter: rows for delimiter in DELIMITERS if (rows := _rows(lines, delimiter, '"')) is not None}
    if not split:
        return None
    # A text may hold another delimiter once in every line; the one that makes the most columns is meant.
    delimiter = max(split, key=lambda found: len(split[found][0]))
    rows = split[delimiter]
    return _schema(head, rows, delimiter, header=_looks_like_header(rows), lines=lines)


def custom(head: Head, classifier: Mapping[str, Any]) -> FoundSchema | None:
    """Classify a file by a custom classifier; None if it does not fit."""
    lines = head.lines()[:_ROWS_READ]
    given_names = [str(name) for name in classifier.get("Header") or []]
    quote = classifier.get("QuoteSymbol") or '"'
    delimiters = (classifier["Delimiter"],) if classifier.get("Delimiter") else DELIMITERS
    for delimiter in delimiters:
        rows = _rows(lines, delimiter, quote, single=bool(classifier.get("AllowSingleColumn")))
        if rows is None or (given_names and len(given_names) != len(rows[0])):
            continue
        contains = classifier.get("ContainsHeader") or "UNKNOWN"
        header = _looks_like_header(rows) if contains == "UNKNOWN" else contains == "PRESENT"
        serde = {"OpenCSVSerDe": OPEN_CSV, "LazySimpleSerDe": LAZY_SIMPLE}.get(classifier.get("Serde") or "")
        trim = not classifier.get("DisableValueTrimming")
        found = _schema(head, rows, delimiter, header=header, lines=lines, quote=quote, serde=serde, trim=trim)
        return _with_given(found, given_names, classifier)
    return None


def _with_given(found: FoundSchema, names: Sequence[str], classifier: Mapping[str, Any]) -> FoundSchema:
    columns = dict(zip(names or found.columns, found.columns.values(), strict=True))
    custom_types = classifier.get("CustomDatatypes") or []
    if classifier.get("CustomDatatypeConfigured") and len(custom_types) == len(columns):
        kinds = [_CUSTOM_TYPES.get(str(kind).upper(), "string") for kind in custom_types]
        columns = dict(zip(columns, kinds, strict=True))
    elif found.serde == OPEN_CSV:
        # This SerDe reads every value as text.
        columns = dict.fromkeys(columns, "string")
    return replace(found, columns={name.lower(): kind for name, kind in columns.items()})


def _rows(lines: Sequence[str], delimiter: str, quote: str, *, single: bool = False) -> list[list[str]] | None:
    """Split the lines, leaving out broken ones; None if they do not make a table of at least two columns."""
    if not lines or any("\0" in line for line in lines):
        return None
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote))
    except csv.Error:
        return None
    width = len(rows[0])
    whole = [row for row in rows if len(row) == width]
    if width < (1 if single else 2) or len(whole) < _WHOLE_SHARE * len(rows):
        return None
    return whole


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    first, *data = rows
    if not data:
        return False
    body = first[:-1] if not first[-1].strip() else first
    fits = all(
        value.strip()
        and len(value) < _LONGEST_HEADER_FIELD
        and _NAME.fullmatch(value)
        and value_type(value) == "string"
        for value in body
    )
    # The rows below must differ: a column of theirs is no string.
    return fits and any(kind != "string" for kind in _types(data))


def value_type(value: str, *, trim: bool = True) -> str:
    """Return the type of one value as Glue's classifier decides it, with or without the spaces around it."""
    text = value.strip() if trim else value
    if _INTEGER.fullmatch(text):
        return "bigint" if len(text) <= _LONGEST_BIGINT and -(2**63) <= int(text) < 2**63 else "double"
    if text.lower() in ("true", "false"):
        return "boolean"
    return "double" if _DOUBLE.fullmatch(text) else "string"


def _types(rows: Sequence[Sequence[str]], *, trim: bool = True) -> list[str]:
    kinds = []
    for column in zip(*rows, strict=True):
        found = {value_type(value, trim=trim) for value in column if value.strip()}
        kinds.append(reduce(wider, found) if found else "string")
    return kinds


def _schema(
    head: Head,
    rows: list[list[str]],
    delimiter: str,
    *,
    header: bool,
    lines: Sequence[str],
    quote: str = '"',
    serde: str | None = None,
    trim: bool = True,
) -> FoundSchema:
    data = rows[1:] if header else rows
    kinds = _types(data, trim=trim) if data else ["string"] * len(rows[0])
    names = _column_names(rows[0]) if header else [f"col{number}" for number in range(len(rows[0]))]
    quoted = any(quote in line for line in lines[1 if header else 0 :])
    mean = sum(len(line.encode()) + 1 for line in lines) / len(lines)
    return FoundSchema(
        "csv", dict(zip(names, kinds, strict=True)), head.compression, serde, delimiter, quote, quoted, header, mean
    )


def _column_names(fields: Sequence[str]) -> list[str]:
    names: list[str] = []
    for number, field in enumerate(fields):
        name = field.strip().lower() or f"col{number}"
        names.append(f"{name}{number}" if name in names else name)
    return names
