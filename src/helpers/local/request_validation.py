"""Request validation against a service's API model, the one that boto3 carries.

Messages are those of AWS's service framework: all violations of a request in one sentence.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from helpers.local.aws_error import AwsError

# The framework lets larger pages through; GetQueryResults itself refuses them, in other words.
_FRAMEWORK_MAXIMA = {("GetQueryResultsInput", "MaxResults"): 100_000}

_JSON_NAMES = {bool: "{0}_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}


class SerializationError(Exception):
    """A member of the request has the wrong JSON type."""


class UnknownOperationError(Exception):
    """The service has no operation of that name."""


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def parsed(service: str, action: str, body: bytes) -> dict[str, Any]:
    """Return the JSON body of a request if it is one that the service's API model allows.

    Raises
    ------
    AwsError
        `UnknownOperationException`, `SerializationException` or `ValidationException`.
    """
    try:
        request: dict[str, Any] = json.loads(body or b"{}")
        message = violations(service, action, request)
    except UnknownOperationError as error:
        raise AwsError("UnknownOperationException", f"Unknown operation: {action}") from error
    except (ValueError, SerializationError) as error:
        raise AwsError("SerializationException", str(error)) from error
    if message is not None:
        raise AwsError("ValidationException", message)
    return request


def violations(service: str, action: str, request: dict[str, Any]) -> str | None:
    """Return the sentence that names every constraint that `request` violates, None if it has none.

    Parameters
    ----------
    service, action
        botocore's name of the service, and the operation whose input shape is checked against.
    request
        The parsed JSON body.

    Raises
    ------
    SerializationError
        If a member has the wrong JSON type.
    UnknownOperationError
        If the service has no such operation.
    """
    model = _service(service)
    if action not in model.operation_names:
        raise UnknownOperationError(action)
    shape = model.operation_model(action).input_shape
    found: list[str] = []
    if shape is not None:
        _check_structure(shape, request, "", found)
    if not found:
        return None
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found)}"


def _check_structure(shape: StructureShape, value: Any, path: str, found: list[str]) -> None:
    if isinstance(value, list):
        raise SerializationError("Start of list found where not expected")
    if not isinstance(value, dict):
        raise SerializationError("Expected null")
    for name, member in shape.members.items():
        child = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if value.get(name) is None:
            if name in shape.required_members:
                found.append(f"Value null at '{child}' failed to satisfy constraint: Member must not be null")
            continue
        maximum = _FRAMEWORK_MAXIMA.get((shape.name, name))
        _check(member, value[name], child, found, maximum)


def _check(shape: Shape, value: Any, path: str, found: list[str], maximum: int | None = None) -> None:
    if isinstance(shape, StructureShape):
        _check_structure(shape, value, path, found)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise SerializationError("Expected list or null")
        _check_size(shape, len(value), path, found, maximum)
        for number, item in enumerate(value, start=1):
            if item is not None:
                _check(shape.member, item, f"{path}.{number}.member", found)
    elif isinstance(shape, MapShape):
        _check_map(shape, value, path, found)
    elif shape.type_name == "string":
        if not isinstance(value, str):
            raise SerializationError(f"{_json_name(value)} can not be converted to a String")
        _check_string(shape, value, path, found, maximum)
    elif shape.type_name in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            kind = "an Integer" if shape.type_name == "integer" else "a Long"
            raise SerializationError(f"{_json_name(value)} can not be converted to {kind}")
        _check_range(shape, value, path, found, maximum)


def _check_map(shape: MapShape, value: Any, path: str, found: list[str]) -> None:
    if not isinstance(value, dict):
        raise SerializationError("Expected map or null")
    wrong: list[str] = []
    for key in value:
        _check_string(shape.key, key, "", wrong, None)
    if wrong:
        entries = ", ".join(f"{key}={shape.value.name}" for key in value)
        rules = ", ".join(_key_rules(shape.key))
        constraint = f"Map keys must satisfy constraint: [{rules}]"
        found.append(f"Value '{{{entries}}}' at '{path}' failed to satisfy constraint: {constraint}")
    for key, item in value.items():
        if item is not None:
            _check(shape.value, item, f"{path}.{key}.member", found)


def _key_rules(shape: Shape) -> list[str]:
    """Return every rule of a map's keys: the framework names them all, whichever is violated."""
    limits = shape.metadata
    rules = []
    if "max" in limits:
        rules.append(f"Member must have length less than or equal to {limits['max']}")
    if "min" in limits:
        rules.append(f"Member must have length greater than or equal to {limits['min']}")
    if "pattern" in limits:
        rules.append(f"Member must satisfy regular expression pattern: {limits['pattern']}")
    if "enum" in limits:
        rules.append(f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]")
    return rules


def _json_name(value: Any) -> str:
    return _JSON_NAMES.get(type(value), "Start of structure or map found where not expected.").format(
        str(value).upper()
    )


def _check_string(shape: Shape, value: str, path: str, found: list[str], maximum: int | None) -> None:
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        found.append(
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )
        return
    # Service quota: a query string has at most 262144 bytes of UTF-8.
    length = len(value.encode()) if shape.name == "QueryString" else len(value)
    _check_size(shape, length, path, found, maximum)
    pattern = shape.metadata.get("pattern")
    # Patterns of Java's own syntax (\\u, \\p) tell which characters are text at all: nothing to learn there.
    if pattern and not re.search(r"\\[up]", pattern) and not re.fullmatch(pattern, value):
        found.append(
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        )


def _check_size(shape: Shape, size: int, path: str, found: list[str], maximum: int | None) -> None:
    _check_bounds("have length", shape, size, path, found, maximum)


def _check_range(shape: Shape, value: int, path: str, found: list[str], maximum: int | None) -> None:
    _check_bounds("have value", shape, value, path, found, maximum)


def _check_bounds(what: str, shape: Shape, size: int, path: str, found: list[str], maximum: int | None) -> None:
    least, most = shape.metadata.get("min"), maximum or shape.metadata.get("max")
    if least is not None and size < least:
        bound = f"greater than or equal to {least}"
    elif most is not None and size > most:
        bound = f"less than or equal to {most}"
    else:
        return
    found.append(f"Value at '{path}' failed to satisfy constraint: Member must {what} {bound}")


def _lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]
