"""Requests checked against the service model that botocore carries: the API's own constraints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from helpers.local.kinesis.api_errors import ApiError

# AWS stops counting there.
_MOST_ERRORS = 10
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float),
    "blob": (str, bytes),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def check(action: str, request: dict[str, Any], skip: frozenset[str] = frozenset(), service: str = "kinesis") -> None:
    """Check a request to a service, but for the members in `skip`.

    Raises
    ------
    ApiError
        `ValidationException` with every broken constraint, in AWS's words, or
        `SerializationException` for a member of the wrong type.
    """
    shape = input_shape(action, service)
    members = {name: member for name, member in shape.members.items() if name not in skip}
    required = [name for name in shape.required_members if name not in skip]
    broken = [error for _, error in zip(range(_MOST_ERRORS), _structure(members, required, request, ""), strict=False)]
    if broken:
        errors = "validation error" if len(broken) == 1 else "validation errors"
        raise ApiError("ValidationException", f"{len(broken)} {errors} detected: {'; '.join(broken)}")


def input_shape(action: str, service: str) -> StructureShape:
    """Return the shape of an action's request."""
    shape = _model(service).operation_model(action).input_shape
    return shape if shape is not None else StructureShape("None", {"type": "structure", "members": {}})


def is_operation(action: str, service: str) -> bool:
    """Return whether a service has an action of that name."""
    return action in _model(service).operation_names


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _structure(members: dict[str, Shape], required: list[str], value: dict[str, Any], path: str) -> Iterator[str]:
    for name, shape in members.items():
        where = f"{path}{name[0].lower()}{name[1:]}"
        member = value.get(name)
        if member is not None:
            yield from _member(shape, member, where)
        elif name in required:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _member(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if not _is_of_type(shape, value):
        raise ApiError("SerializationException", f"{type(value).__name__} can not be converted to {shape.type_name}")
    for constraint in _broken(shape, value):
        shown = f"'{value}' " if isinstance(value, str | int) and shape.type_name != "blob" else ""
        yield f"Value {shown}at '{where}' failed to satisfy constraint: {constraint}"
    if isinstance(shape, StructureShape):
        yield from _structure(shape.members, shape.required_members, value, f"{where}.")
    elif isinstance(shape, ListShape):
        for i, item in enumerate(value, 1):
            yield from _member(shape.member, item, f"{where}.{i}.member")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _member(shape.key, key, f"{where}.key")
            yield from _member(shape.value, item, f"{where}.{key}.member")


def _is_of_type(shape: Shape, value: Any) -> bool:
    expected = _PYTHON_TYPES[shape.type_name]
    return isinstance(value, expected) and (bool in expected or not isinstance(value, bool))


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    if isinstance(shape, StringShape):
        pattern = _pattern(shape)
        if pattern and not re.fullmatch(pattern, value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    what, size = ("value", value) if shape.type_name in ("integer", "long") else ("length", _length(value))
    if size is None or shape.type_name == "blob":
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"Member must have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"Member must have {what} less than or equal to {most}"


def _length(value: Any) -> int | None:
    return len(value) if isinstance(value, str | list | dict) else None


def _pattern(shape: Shape) -> str | None:
    pattern: str | None = shape.metadata.get("pattern")
    # Patterns with Java's own classes tell which characters are text at all.
    if pattern is None or r"\p" in pattern:
        return None
    # AWS's messages show the pattern without the anchors that the model has.
    unanchored = re.fullmatch(r"\^\((.*)\)\$", pattern)
    return unanchored.group(1) if unanchored else pattern
