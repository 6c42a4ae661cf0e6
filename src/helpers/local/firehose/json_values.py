"""Values of JSON in the types of a table's columns, as the JSON SerDes of format conversion read them.

https://docs.aws.amazon.com/firehose/latest/dev/deserializer.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from helpers.local.athena.types import DataType

_EPOCH = datetime(1970, 1, 1)
# Whole numbers from here on are milliseconds since the epoch, below it seconds.
_LEAST_MILLIS = 10**12


class ValueMismatchError(ValueError):
    """A value does not fit the type of its column."""


def arrow_type(kind: DataType) -> pa.DataType:
    """Return the type of Arrow in which values of a column's type are kept."""
    if kind.name == "array":
        return pa.list_(arrow_type(kind.children[0]))
    if kind.name == "map":
        return pa.map_(arrow_type(kind.children[0]), arrow_type(kind.children[1]))
    if kind.name == "row":
        return pa.struct([pa.field(n, arrow_type(c)) for n, c in zip(kind.fields, kind.children, strict=True)])
    if kind.name == "decimal":
        return pa.decimal128(*(kind.arguments or (10, 0)))
    return _ARROW.get(kind.name, pa.string())


def converted(value: Any, kind: DataType) -> Any:
    """Return a JSON value as a value of a column's type, None for null.

    Raises
    ------
    ValueMismatchError
        If it does not fit.
    """
    if value is None:
        return None
    try:
        if kind.name == "array":
            return [converted(item, kind.children[0]) for item in _of(list, value)]
        if kind.name == "map":
            keys, values = kind.children
            return [(converted(key, keys), converted(item, values)) for key, item in _of(dict, value).items()]
        if kind.name == "row":
            fields = {key.lower(): item for key, item in _of(dict, value).items()}
            return {
                name: converted(fields.get(name.lower()), child)
                for name, child in zip(kind.fields, kind.children, strict=True)
            }
        if kind.name == "decimal":
            scale = kind.arguments[1] if kind.arguments else 0
            return Decimal(_scalar(value)).quantize(Decimal(1).scaleb(-scale))
        return _CONVERTERS.get(kind.name, _text)(value)
    except (ValueError, ArithmeticError, InvalidOperation, binascii.Error) as error:
        raise ValueMismatchError(str(error)) from error


def _of(expected: type[Any], value: Any) -> Any:
    if not isinstance(value, expected):
        raise ValueMismatchError(f"{value!r} is no {expected.__name__}")
    return value


def _scalar(value: Any) -> str:
    if isinstance(value, bool | list | dict):
        raise ValueMismatchError(f"{value!r} is no number")
    return str(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _integer(bits: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = Decimal(_scalar(value))
        if number != number.to_integral_value() or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueMismatchError(f"{value!r} is no integer of {bits} bits")
        return int(number)

    return read


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValueMismatchError(f"{value!r} is no boolean")


def _timestamp(value: Any) -> datetime:
    text = _scalar(value)
    if not isinstance(value, str) or text.isdigit():
        number = Decimal(text)
        return _EPOCH + timedelta(microseconds=int(number * (1000 if number >= _LEAST_MILLIS else 1_000_000)))
    moment = datetime.fromisoformat(text.replace(" UTC", "Z"))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_ARROW = {
    "boolean": pa.bool_(),
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "varbinary": pa.binary(),
}
_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "tinyint": _integer(8),
    "smallint": _integer(16),
    "integer": _integer(32),
    "bigint": _integer(64),
    "real": lambda value: float(_scalar(value)),
    "double": lambda value: float(_scalar(value)),
    "date": lambda value: date.fromisoformat(_scalar(value)),
    "timestamp": _timestamp,
    "varbinary": lambda value: base64.b64decode(_scalar(value), validate=True),
}
