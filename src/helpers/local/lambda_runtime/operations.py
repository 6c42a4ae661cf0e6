"""Which operation of Lambda's API a request asks for, and its members, by the service model that botocore carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from helpers.local.kinesis.validation import input_shape

Request = dict[str, Any]


def parse(
    method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any], body: bytes
) -> tuple[str, Request] | None:
    """Return the operation that a request asks for and its members, None if it is none of the API's.

    A body that is no JSON has no members: the operation whose body is a payload takes it as it is, the others
    refuse what they miss.
    """
    path = unquote(path).rstrip("/")
    for verb, pattern, operation in _routes():
        match = pattern.fullmatch(path) if verb == method else None
        if match:
            return operation, _members(operation, match.groupdict(), headers, query, body)
    return None


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, pattern of the path and operation; those with more fixed text first."""
    found = []
    model = ServiceModel(Loader().load_service_model("lambda", "service-2"), "lambda")
    for operation in model.operation_names:
        http = model.operation_model(operation).http
        method, uri = http["method"], http["requestUri"]
        path = uri.rstrip("/")
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        # Two operations on layers differ by their query alone.
        if "?" not in uri:
            found.append((len(re.sub(r"\{.*?\}", "", path)), method, re.compile(pattern), operation))
    found.sort(key=lambda route: -route[0])
    return [(method, pattern, operation) for _, method, pattern, operation in found]


def _members(
    operation: str, labels: dict[str, str], headers: Mapping[str, str], query: Mapping[str, Any], body: bytes
) -> Request:
    given = _object_in(body)
    request: Request = {}
    for name, shape in input_shape(operation, "lambda").members.items():
        place, wire = shape.serialization.get("location"), shape.serialization.get("name", name)
        if place == "uri":
            request[name] = labels.get(wire)
        elif place == "querystring":
            request[name] = _from_query(shape, query.get(wire))
        elif place == "header":
            request[name] = headers.get(wire.lower())
        elif shape.type_name == "blob":
            request[name] = body
        else:
            request[name] = given.get(name)
    return {name: value for name, value in request.items() if value is not None}


def _object_in(body: bytes) -> Request:
    try:
        given = json.loads(body) if body else {}
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _from_query(shape: Shape, values: Any) -> Any:
    if not values:
        return None
    if shape.type_name == "list":
        return list(values) if isinstance(values, list) else [values]
    value = values[0] if isinstance(values, list) else values
    is_number = shape.type_name in ("integer", "long") and re.fullmatch(r"-?\d+", value)
    return int(value) if is_number else value
