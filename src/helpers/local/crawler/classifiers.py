"""Custom classifiers: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateClassifier.html"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from ministack.services import glue as emulated

from helpers.local.crawler.errors import ClassifierNotFoundError
from helpers.local.crawler.grok import GrokError, read_grok
from helpers.local.glue.errors import ExistsError, InvalidInputError

KINDS = ("GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier")


def definitions(names: list[str]) -> list[dict[str, Any]]:
    """Return the named classifiers, each with its kind as the only key.

    Raises
    ------
    ClassifierNotFoundError
        If one does not exist.
    """
    return [_get(name) for name in names]


def create(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateClassifier."""
    kind, definition = _only(request)
    if definition["Name"] in emulated._classifiers:
        raise ExistsError(f"Classifier with name {definition['Name']}")
    _check(kind, definition)
    now = round(time.time(), 3)
    emulated._classifiers[definition["Name"]] = {
        kind: {**definition, "CreationTime": now, "LastUpdated": now, "Version": 1}
    }
    return {}


def update(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateClassifier."""
    kind, definition = _only(request)
    held = _get(definition["Name"])
    if kind not in held:
        raise InvalidInputError(f"Classifier {definition['Name']} is not a {kind}")
    _check(kind, {**held[kind], **definition})
    version = held[kind]["Version"] + 1
    held[kind] |= {**definition, "LastUpdated": round(time.time(), 3), "Version": version}
    return {}


def get(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetClassifier."""
    return {"Classifier": copy.deepcopy(_get(request["Name"]))}


def get_all(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetClassifiers."""
    return {"Classifiers": copy.deepcopy(list(emulated._classifiers.values()))}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteClassifier."""
    _get(request["Name"])
    del emulated._classifiers[request["Name"]]
    return {}


ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "CreateClassifier": create,
    "UpdateClassifier": update,
    "GetClassifier": get,
    "GetClassifiers": get_all,
    "DeleteClassifier": delete,
}


def _get(name: str) -> dict[str, Any]:
    held: dict[str, Any] | None = emulated._classifiers.get(name)
    if held is None:
        raise ClassifierNotFoundError(name)
    return held


def _only(request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    given = [kind for kind in KINDS if request.get(kind)]
    if len(given) != 1:
        raise InvalidInputError("Exactly one classifier type must be specified")
    return given[0], request[given[0]]


def _check(kind: str, definition: dict[str, Any]) -> None:
    if kind == "GrokClassifier":
        try:
            read_grok(definition["GrokPattern"], definition.get("CustomPatterns") or "")
        except GrokError as error:
            raise InvalidInputError(f"Grok pattern of classifier {definition['Name']} is not valid: {error}") from error
    if kind != "CsvClassifier":
        return
    delimiter, quote = definition.get("Delimiter"), definition.get("QuoteSymbol")
    if delimiter is not None and delimiter == quote:
        raise InvalidInputError("Delimiter and quote symbol must be different")
    header = definition.get("Header") or []
    if len(set(header)) < len(header):
        raise InvalidInputError("Header contains duplicate column names")
