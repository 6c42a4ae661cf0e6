"""Request validation against Athena's API model, the one that boto3 carries.

Messages are those of AWS's service framework: all violations of a request in one sentence.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from helpers.local.athena.api_errors import RequestError, UnknownOperationError

# The framework lets larger pages through; GetQueryResults itself refuses them, in other words.
_FRAMEWORK_MAXIMA = {("GetQueryResultsInput", "MaxResults"): 100_000}

_JSON_NAMES = {bool: "{0}_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}


class SerializationError(RequestError):
    """A member of the request has the wrong JSON type."""

    def __init__(self, message: str) -> None:
        super().__init__(message, None, "SerializationException")


@cache
def _service() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("athena", "service-2"), "athena")


def validate(action: str, request: dict[str, Any]) -> None:
    """Check `request` against the input shape of `action`.

    Raises
    ------
    RequestError
        `InvalidRequestException` naming every violated constraint, `SerializationException` for a
        wrong JSON type, `UnknownOperationException` for an action that Athena does not have.
    """
    model = _service()
    if action not in model.operation_names:
        raise UnknownOperationError()
    shape = model.operation_model(action).input_shape
    violations: list[str] = []
    if shape is not None:
        _check_structure(shape, request, "", violations)
    if violations:
        count = len(violations)
        noun = "error" if count == 1 else "errors"
        raise RequestError(f"{count} validation {noun} detected: {'; '.join(violations)}")


def _check_structure(shape: StructureShape, value: Any, path: str, violations: list[str]) -> None:
    if isinstance(value, list):
        raise SerializationError("Start of list found where not expected")
    if not isinstance(value, dict):
        raise SerializationError("Expected null")
    for name, member in shape.members.items():
        child = f"{path}.{_lower_camel(name)}" if path else _lower_camel(name)
        if value.get(name) is None:
            if name in shape.required_members:
                violations.append(f"Value null at '{child}' failed to satisfy constraint: Member must not be null")
            continue
        maximum = _FRAMEWORK_MAXIMA.get((shape.name, name))
        _check(member, value[name], child, violations, maximum)


def _check(shape: Shape, value: Any, path: str, violations: list[str], maximum: int | None = None) -> None:
    if isinstance(shape, StructureShape):
        _check_structure(shape, value, path, violations)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise SerializationError("Expected list or null")
        _check_size(shape, len(value), path, violations, maximum)
        for number, item in enumerate(value, start=1):
            if item is not None:
                _check(shape.member, item, f"{path}.{number}.member", violations)
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            raise SerializationError("Expected map or null")
    elif shape.type_name == "string":
        if not isinstance(value, str):
            raise SerializationError(f"{_json_name(value)} can not be converted to a String")
        _check_string(shape, value, path, violations, maximum)
    elif shape.type_name in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            kind = "an Integer" if shape.type_name == "integer" else "a Long"
            raise SerializationError(f"{_json_name(value)} can not be converted to {kind}")
        _check_range(shape, value, path, violations, maximum)


def _json_name(value: Any) -> str:
    return _JSON_NAMES.get(type(value), "Start of structure or map found where not expected.").format(
        str(value).upper()
    )


def _check_string(shape: Shape, value: str, path: str, violations: list[str], maximum: int | None) -> None:
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        violations.append(
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )
        return
    # Service quota: a query string has at most 262144 bytes of UTF-8.
    length = len(value.encode()) if shape.name == "QueryString" else len(value)
    _check_size(shape, length, path, violations, maximum)
    pattern = shape.metadata.get("pattern")
    if pattern and "\\u" not in pattern and not re.fullmatch(pattern, value):
        violations.append(
            f"Value '{value}' at '{path}' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {pattern}"
        )


def _check_size(shape: Shape, size: int, path: str, violations: list[str], maximum: int | None) -> None:
    _check_bounds("have length", shape, size, path, violations, maximum)


def _check_range(shape: Shape, value: int, path: str, violations: list[str], maximum: int | None) -> None:
    _check_bounds("have value", shape, value, path, violations, maximum)


def _check_bounds(what: str, shape: Shape, size: int, path: str, violations: list[str], maximum: int | None) -> None:
    least, most = shape.metadata.get("min"), maximum or shape.metadata.get("max")
    if least is not None and size < least:
        bound = f"greater than or equal to {least}"
    elif most is not None and size > most:
        bound = f"less than or equal to {most}"
    else:
        return
    violations.append(f"Value at '{path}' failed to satisfy constraint: Member must {what} {bound}")


def _lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]
