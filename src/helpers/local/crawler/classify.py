"""One file's format: custom classifiers in their order, then the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from helpers.local import in_process
from helpers.local.crawler import csv_format, grok, json_format, typed_formats
from helpers.local.crawler.heads import HEAD_BYTES, LONGEST_HEAD_BYTES, Head, read_head
from helpers.local.crawler.schema import FoundSchema
from helpers.local.in_process import StoredObject


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
    found = next(filter(None, (_custom(stored, head, classifier) for classifier in classifiers)), None)
    if found is None:
        found = _built_in(stored, head)
    if found.records or not found.record_bytes:
        return found
    # Glue goes by the size, with the mean as a whole number; a packed file is taken as it lies there.
    return replace(found, records=max(stored.size // max(round(found.record_bytes), 1), 1))


def _built_in(stored: StoredObject, head: Head) -> FoundSchema:
    return (
        typed_formats.built_in(in_process.read_object(stored.bucket, stored.key))
        or _json(stored, head)
        or csv_format.built_in(head)
        or FoundSchema("UNKNOWN", {}, head.compression)
    )


def _custom(stored: StoredObject, head: Head, classifier: Mapping[str, Any]) -> FoundSchema | None:
    (kind, definition), *_ = classifier.items()
    if kind == "CsvClassifier":
        return csv_format.custom(head, definition)
    if kind == "JsonClassifier":
        return _json(stored, head, definition.get("JsonPath"))
    if kind == "GrokClassifier":
        return grok.custom(head, definition)
    raise UnsupportedClassifierError(definition["Name"], kind.removesuffix("Classifier"))


def _json(stored: StoredObject, head: Head, json_path: str | None = None) -> FoundSchema | None:
    """Classify a JSON, reading on while there is no whole record."""
    size_bytes = len(head.data)
    while True:
        found = json_format.built_in(head, json_path)
        if found is not None or head.whole or size_bytes >= LONGEST_HEAD_BYTES or head.data[:1] not in (b"{", b"["):
            return found
        size_bytes += HEAD_BYTES
        head = read_head(stored, size_bytes)
