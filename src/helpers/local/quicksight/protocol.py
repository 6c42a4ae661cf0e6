"""Quick Sight's REST protocol, by the service model: a request becomes an operation's name and its members."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from helpers.local import request_validation
from helpers.local.quicksight.errors import QuickSightError

SERVICE = "quicksight"

Response = tuple[int, dict[str, str], bytes]


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@cache
def _routes() -> list[tuple[str, re.Pattern[str], str]]:
    """Return method, pattern of the path and operation; those with more fixed text first."""
    found = []
    for name in _model().operation_names:
        http = _model().operation_model(name).http
        uri = http["requestUri"]
        # An ARN may have slashes; the emulator hands over paths that are decoded already.
        labels = re.sub(r"\\\{(\w+)\\\}", lambda m: f"(?P<{m[1]}>{'.+' if 'Arn' in m[1] else '[^/]+'})", re.escape(uri))
        found.append((len(re.sub(r"\{.*?\}", "", uri)), http["method"], re.compile(labels), name))
    found.sort(key=lambda route: -route[0])
    return [(method, pattern, name) for _, method, pattern, name in found]


def parse(method: str, path: str, query: Mapping[str, list[str]], body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the operation that a request asks for, and its members, validated against the service model.

    Raises
    ------
    QuickSightError
        `UnknownOperationException`, `SerializationException` or `ValidationException`.
    """
    path = path.rstrip("/")
    for verb, pattern, action in _routes():
        match = pattern.fullmatch(path) if verb == method else None
        if match:
            request = _members(action, match.groupdict(), query, body)
            return action, validated(action, request)
    raise QuickSightError("UnknownOperationException", f"No operation of Quick Sight is {method} {path}.")


def _members(action: str, labels: dict[str, str], query: Mapping[str, list[str]], body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise QuickSightError("SerializationException", "The body of the request is not JSON.") from error
    if not isinstance(request, dict):
        raise QuickSightError("SerializationException", "Start of list found where not expected")
    shape = _model().operation_model(action).input_shape
    for name, member in (shape.members if shape else {}).items():
        wire_name = str(member.serialization.get("name", name))
        match member.serialization.get("location"):
            case "uri":
                request[name] = _typed(member, [labels[wire_name]])
            case "querystring" if query.get(wire_name):
                request[name] = _typed(member, list(query[wire_name]))
    return {name: value for name, value in request.items() if value is not None}


def _typed(shape: Shape, texts: list[str]) -> Any:
    if shape.type_name == "list":
        return texts
    text = texts[0]
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", text):
            raise QuickSightError("SerializationException", f"{text} can not be converted to an Integer")
        return int(text)
    return text


def validated(action: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return a request that has what the service model wants of it.

    Raises
    ------
    QuickSightError
        `SerializationException` or `ValidationException`.
    """
    try:
        message = request_validation.violations(SERVICE, action, request)
    except request_validation.SerializationError as error:
        raise QuickSightError("SerializationException", str(error)) from error
    if message is not None:
        raise QuickSightError("ValidationException", message)
    return request


def success(answer: dict[str, Any], request_id: str) -> Response:
    """Return the response of an operation; `Status` of the answer is its HTTP status as well."""
    status = int(answer.get("Status", 200))
    body = {**answer, "Status": status, "RequestId": request_id}
    return status, _headers(request_id), json.dumps(body, default=_json).encode()


def refusal(error: QuickSightError, request_id: str) -> Response:
    """Return the response of a request that is refused."""
    body = {"Message": error.message, "RequestId": request_id}
    if error.resource_type is not None:
        body["ResourceType"] = error.resource_type
    headers = {**_headers(request_id), "x-amzn-errortype": error.code}
    return error.http_status, headers, json.dumps(body).encode()


def _headers(request_id: str) -> dict[str, str]:
    return {"Content-Type": "application/json", "x-amzn-requestid": request_id}


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
