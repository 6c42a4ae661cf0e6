"""Types of JSON values, merged across records and written as Hive's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

_NUMBERS = ("int", "bigint", "double")


@dataclass(frozen=True)
class JsonType:
    """What the values in one place are.

    Parameters
    ----------
    name
        `null`, `boolean`, `int`, `bigint`, `double`, `string`, `array` or `struct`.
    items
        Of an array.
    fields
        Of a struct, in the order in which they were first seen.
    """

    name: str
    items: JsonType | None = None
    fields: Mapping[str, JsonType] = field(default_factory=dict)

    @property
    def hive(self) -> str:
        """The type in Hive's words; what was never but null is a string."""
        if self.items is not None:
            return f"array<{self.items.hive}>"
        if self.name == "struct" and self.fields:
            return "struct<" + ",".join(f"{name}:{kind.hive}" for name, kind in self.fields.items()) + ">"
        return "string" if self.name in ("null", "struct") else self.name


NULL = JsonType("null")


def type_of(value: Any) -> JsonType:
    """Return the type of a parsed JSON value."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return JsonType("boolean")
    if isinstance(value, int):
        return JsonType("int" if -(2**31) <= value < 2**31 else "bigint" if -(2**63) <= value < 2**63 else "double")
    if isinstance(value, float):
        return JsonType("double")
    if isinstance(value, list):
        return JsonType("array", reduce(merge, map(type_of, value), NULL))
    if isinstance(value, dict):
        fields: dict[str, JsonType] = {}
        for key, inner in value.items():
            fields[key.lower()] = merge(fields.get(key.lower(), NULL), type_of(inner))
        return JsonType("struct", fields=fields)
    return JsonType("string")


def merge(one: JsonType, other: JsonType) -> JsonType:
    """Return the type that holds the values of both; a string if nothing narrower does."""
    if "null" in (one.name, other.name):
        return other if one.name == "null" else one
    if one.name in _NUMBERS and other.name in _NUMBERS:
        return max(one, other, key=lambda kind: _NUMBERS.index(kind.name))
    if one.name != other.name:
        return JsonType("string")
    if one.items is not None and other.items is not None:
        return JsonType("array", merge(one.items, other.items))
    fields = dict(one.fields)
    for name, kind in other.fields.items():
        fields[name] = merge(fields.get(name, NULL), kind)
    return JsonType(one.name, fields=fields)
