"""How GetQueryResults and the CSV result print a value of each type."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np

from helpers.local.athena.type_texts import parse_type
from helpers.local.athena.types import DataType


def to_text(value: Any, trino_type: str | DataType) -> str | None:
    """Return the text of one value, None for NULL.

    Parameters
    ----------
    value
        As `QueryResult.rows` holds it.
    trino_type
        Its type, such as `decimal(10,2)`.
    """
    kind = parse_type(trino_type) if isinstance(trino_type, str) else trino_type
    return None if value is None else _text(value, kind)


def _text(value: Any, kind: DataType) -> str:
    if value is None:
        return "null"
    if kind.name == "array":
        return "[" + ", ".join(_text(item, kind.children[0]) for item in value) + "]"
    if kind.name == "map":
        items = value.items() if isinstance(value, Mapping) else value
        key_type, value_type = kind.children
        return "{" + ", ".join(f"{_text(k, key_type)}={_text(v, value_type)}" for k, v in items) + "}"
    if kind.name == "row":
        items = value.values() if isinstance(value, Mapping) else value
        parts = zip(kind.fields, items, kind.children, strict=True)
        return "{" + ", ".join(f"{field}={_text(item, child)}" for field, item, child in parts) + "}"
    return _simple_text(value, kind)


def _simple_text(value: Any, kind: DataType) -> str:
    if kind.name == "boolean":
        return "true" if value else "false"
    if kind.name == "double":
        return java_double(float(value))
    if kind.name == "real":
        return java_float(float(value))
    if kind.name == "decimal":
        scale = kind.arguments[1] if len(kind.arguments) > 1 else 0
        return f"{Decimal(value):.{scale}f}"
    if kind.name == "varbinary":
        return bytes(value).hex(" ")
    if isinstance(value, datetime):
        return _timestamp_text(value, kind.arguments[0] if kind.arguments else 3)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        # TIME '13:24:11' is a time(0): its fraction is not printed.
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    if kind.name.startswith("interval"):
        return _interval_text(value)
    return str(value)


def _timestamp_text(value: datetime, digits: int) -> str:
    whole, _, fraction = value.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds").partition(".")
    text = f"{whole}.{fraction[:digits]}"
    if value.tzinfo is None:
        return text
    zone = getattr(value.tzinfo, "key", None) or str(value.tzinfo)
    return f"{text} {'UTC' if zone in ('UTC', 'UTC+00:00', 'Etc/UTC') else zone.removeprefix('UTC')}"


def _interval_text(value: Any) -> str:
    """Return the text of an interval, which Arrow gives as months, days and nanoseconds."""
    months, days, nanoseconds = value
    if months:
        years, rest = divmod(abs(months), 12)
        return f"{'-' if months < 0 else ''}{years}-{rest}"
    milliseconds = days * 86_400_000 + int(nanoseconds / 1_000_000)
    seconds, fraction = divmod(abs(milliseconds), 1000)
    hours, rest = divmod(seconds, 3600)
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{hours // 24} {hours % 24:02d}:{rest // 60:02d}:{rest % 60:02d}.{fraction:03d}"


def java_double(value: float) -> str:
    """Return a double as Java's `Double.toString` writes it: `1.0`, `1.0E10`, `NaN`."""
    return _java(value, repr(value))


def java_float(value: float) -> str:
    """Return a 32-bit float as Java's `Float.toString` writes it."""
    return _java(value, str(np.float32(value)))


def _java(value: float, shortest: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = f"{Decimal(shortest):f}"
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = Decimal(shortest).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    scale = int(exponent) + len(mantissa) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{scale}"
