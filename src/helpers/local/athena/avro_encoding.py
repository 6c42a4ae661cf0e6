"""Values and Arrow types as Avro's binary encoding and schemas.

https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

Encode = Callable[[Any, bytearray], None]


def number(value: int) -> bytes:
    """Return a zig-zag number."""
    value = (value << 1) ^ (value >> 63)
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = _EPOCH.toordinal()


def encoder(kind: pa.DataType, name: str = "row") -> tuple[Any, Encode]:
    """Return the schema of a type, a union with null but for a record at the top, and what writes its values.

    Raises
    ------
    ValueError
        If Avro has no type for it.
    """
    if pa.types.is_struct(kind):
        parts = [(field.name, _nullable(field.type, f"{name}_{field.name}")) for field in kind]
        fields = [{"name": field, "type": part[0], "default": None} for field, part in parts]

        def write_record(value: Mapping[str, Any], out: bytearray) -> None:
            for field, (_, write) in parts:
                write(value[field], out)

        return {"type": "record", "name": name, "fields": fields}, write_record
    if pa.types.is_map(kind):
        if not pa.types.is_string(kind.key_type):
            raise ValueError(f"Map keys of type {kind.key_type}")
        values, write_value = _nullable(kind.item_type, f"{name}_value")

        def write_entry(entry: tuple[str, Any], out: bytearray) -> None:
            _write_bytes(entry[0].encode(), out)
            write_value(entry[1], out)

        return {"type": "map", "values": values}, _items(write_entry)
    if pa.types.is_list(kind):
        items, write_item = _nullable(kind.value_type, f"{name}_item")
        return {"type": "array", "items": items}, _items(write_item)
    return _simple_encoder(kind)


def _nullable(kind: pa.DataType, name: str) -> tuple[Any, Encode]:
    schema, write = encoder(kind, name)

    def write_either(value: Any, out: bytearray) -> None:
        if value is None:
            out.append(0)
        else:
            out.append(2)
            write(value, out)

    return ["null", schema], write_either


def _items(write: Encode) -> Encode:
    def write_items(value: Sequence[Any], out: bytearray) -> None:
        if value:
            out.extend(number(len(value)))
            for item in value:
                write(item, out)
        out.append(0)

    return write_items


def _write_bytes(value: bytes, out: bytearray) -> None:
    out.extend(number(len(value)))
    out.extend(value)


def _simple_encoder(kind: pa.DataType) -> tuple[Any, Encode]:
    if pa.types.is_boolean(kind):
        return "boolean", lambda value, out: out.append(int(value))
    if pa.types.is_integer(kind):
        return "long" if kind.bit_width == 64 else "int", lambda value, out: out.extend(number(value))
    if pa.types.is_floating(kind):
        name, form = ("double", "<d") if kind.bit_width == 64 else ("float", "<f")
        return name, lambda value, out: out.extend(struct.pack(form, value))
    if pa.types.is_decimal(kind):
        schema = {"type": "bytes", "logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}

        def write_decimal(value: Decimal, out: bytearray) -> None:
            sign, digits, _ = value.as_tuple()
            unscaled = int("".join(map(str, digits))) * (-1 if sign else 1)
            _write_bytes(unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True), out)

        return schema, write_decimal
    if pa.types.is_date(kind):
        schema = {"type": "int", "logicalType": "date"}
        return schema, lambda value, out: out.extend(number(value.toordinal() - _EPOCH_DAY))
    if pa.types.is_timestamp(kind):
        return {"type": "long", "logicalType": "timestamp-millis"}, _write_timestamp
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "string", lambda value, out: _write_bytes(value.encode(), out)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes", _write_bytes
    raise ValueError(f"Type {kind}")


def _write_timestamp(value: datetime, out: bytearray) -> None:
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    out.extend(number((plain - _EPOCH) // timedelta(milliseconds=1)))
