"""Attributes of messages: their types, and the values that fit them.

Source: "Amazon SNS message attributes" of the SNS developer guide; the words are AWS's answers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from helpers.local.sns.protocol import ApiError

_PREFIX = "MessageAttributes.entry."
_LONGEST_NAME_BYTES = 256
_OUTSIDE_NAME = re.compile(r"[^A-Za-z0-9_.-]")
# A label of one's own may follow: `String.Array`.
_TYPE = re.compile(r"(String|Number|Binary)(?:\..+)?")


def check(parameters: Mapping[str, str]) -> None:
    """Raise `ApiError` for an attribute whose name AWS does not take, or whose value does not fit its type."""
    for name, value in _attributes(parameters):
        _check_name(name)
        data_type = value.get("DataType", "")
        kind = _TYPE.fullmatch(data_type)
        if kind is None:
            raise _refusal(
                f"The message attribute '{name}' has an invalid message attribute type, "
                "the set of supported type prefixes is Binary, Number, and String."
            )
        _check_value(name, kind[1], data_type, value)


def read(parameters: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the attributes of a message: type and value by name."""
    return dict(_attributes(parameters))


def _check_name(name: str) -> None:
    if len(name.encode()) > _LONGEST_NAME_BYTES:
        raise _refusal(f"Length of message attribute name must be less than {_LONGEST_NAME_BYTES} bytes.")
    wrong = _OUTSIDE_NAME.search(name)
    if wrong is not None:
        raise _refusal(
            f"Invalid non-alphanumeric character '#x{ord(wrong[0]):X}' was found in the message attribute name. "
            "Can only include alphanumeric characters, hyphens, underscores, or dots."
        )
    for place, dotted in (("starting", name.startswith(".")), ("ending", name.endswith("."))):
        if dotted:
            raise _refusal(f"Invalid message attribute name {place} with character '.' was found.")
    if ".." in name:
        raise _refusal("Message attribute name can not have successive '.' character.")


def _check_value(name: str, kind: str, data_type: str, value: Mapping[str, str]) -> None:
    field = "Binary" if kind == "Binary" else "String"
    other = value.get("StringValue" if field == "Binary" else "BinaryValue")
    text = value.get(f"{field}Value")
    if other and text is None:
        raise _refusal(f"The message attribute '{name}' with type '{data_type}' must use field '{field}'.")
    if not text:
        raise _refusal(
            f"The message attribute '{name}' must contain non-empty message attribute value "
            f"for message attribute type '{data_type}'."
        )
    if kind == "Number" and not _is_number(text):
        raise _refusal(f"Could not cast message attribute '{name}' value to number.")


def _attributes(parameters: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    number = 1
    while name := parameters.get(f"{_PREFIX}{number}.Name"):
        start = f"{_PREFIX}{number}.Value."
        fields = ("DataType", "StringValue", "BinaryValue")
        yield name, {field: parameters[start + field] for field in fields if start + field in parameters}
        number += 1


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _refusal(message: str) -> ApiError:
    return ApiError("ParameterValueInvalid", message)
