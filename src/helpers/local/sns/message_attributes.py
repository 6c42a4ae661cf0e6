"""Attributes of messages: their types, and the values that fit them.

Source: "Amazon SNS message attributes" of the SNS developer guide; the words are AWS's answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from helpers.local.sns.protocol import ApiError

_PREFIX = "MessageAttributes.entry."
_KINDS = ("String", "Number", "Binary")


def check(parameters: Mapping[str, str]) -> None:
    """Raise `ApiError` for an attribute whose value does not fit its type."""
    for name, data_type, value in _attributes(parameters):
        kind = data_type.partition(".")[0]
        if kind not in _KINDS:
            raise _refusal(
                f"The message attribute '{name}' has an invalid message attribute type, "
                "the set of supported type prefixes is Binary, Number, and String."
            )
        if not value:
            raise _refusal(
                f"The message attribute '{name}' must contain non-empty message attribute value "
                f"for message attribute type '{data_type}'."
            )
        if kind == "Number" and not _is_number(value):
            raise _refusal(f"Could not cast message attribute '{name}' value to number.")


def _attributes(parameters: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    number = 1
    while name := parameters.get(f"{_PREFIX}{number}.Name"):
        value = f"{_PREFIX}{number}.Value."
        given = parameters.get(value + "StringValue") or parameters.get(value + "BinaryValue") or ""
        yield name, parameters.get(value + "DataType", ""), given
        number += 1


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _refusal(message: str) -> ApiError:
    return ApiError("ParameterValueInvalid", message)
