"""One file's format: custom classifiers in their order, then the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.local import in_process
from helpers.local.crawler import csv_format, json_format
from helpers.local.crawler.heads import Head, read_head
from helpers.local.crawler.schema import FoundSchema
from helpers.local.in_process import StoredObject

_ARROW_SIMPLE = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "uint8": "smallint",
    "uint16": "int", "uint32": "bigint", "uint64": "bigint", "float": "float", "halffloat": "float",
    "double": "double", "string": "string", "large_string": "string", "binary": "binary", "large_binary": "binary",
    "date32[day]": "date",
}  # fmt: skip


class UnsupportedClassifierError(Exception):
    """A kind of classifier that the local AWS does not have."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(f"Classifier {name} is a {kind} classifier, which the local AWS does not run")


def classify(stored: StoredObject, classifiers: Sequence[Mapping[str, Any]]) -> FoundSchema:
    """Return what a file is.

    Parameters
    ----------
    stored
        The object.
    classifiers
        Custom classifiers as CreateClassifier takes them, with their kind as the only key; the first that
        fits wins.

    Raises
    ------
    UnsupportedClassifierError
        If one is of a kind that the local AWS does not run.
    """
    head = read_head(stored)
    for classifier in classifiers:
        found = _custom(head, classifier)
        if found is not None:
            return found
    if head.data[:4] == b"PAR1":
        return _parquet(stored)
    return json_format.built_in(head) or csv_format.built_in(head) or FoundSchema("UNKNOWN", {}, head.compression)


def _custom(head: Head, classifier: Mapping[str, Any]) -> FoundSchema | None:
    (kind, definition), *_ = classifier.items()
    if kind == "CsvClassifier":
        return csv_format.custom(head, definition)
    if kind == "JsonClassifier":
        return json_format.built_in(head, definition.get("JsonPath"))
    raise UnsupportedClassifierError(definition["Name"], kind.removesuffix("Classifier"))


def _parquet(stored: StoredObject) -> FoundSchema:
    try:
        file = pq.ParquetFile(pa.BufferReader(in_process.read_object(stored.bucket, stored.key)))
    except pa.ArrowInvalid:
        return FoundSchema("UNKNOWN", {})
    columns = {entry.name.lower(): arrow_type(entry.type) for entry in file.schema_arrow}
    rows = max(file.metadata.num_rows, 1)
    return FoundSchema("parquet", columns, record_bytes=stored.size / rows)


def arrow_type(kind: pa.DataType) -> str:
    """Return the Hive type of a Parquet column."""
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array<{arrow_type(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{arrow_type(kind.key_type)},{arrow_type(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ",".join(f"{f.name.lower()}:{arrow_type(f.type)}" for f in kind) + ">"
    if pa.types.is_dictionary(kind):
        return arrow_type(kind.value_type)
    return _ARROW_SIMPLE.get(str(kind), "string")
