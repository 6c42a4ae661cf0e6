"""Avro's binary encoding of single values, and its schemas as Arrow types.

https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa


class Input:
    """Bytes that are read from the beginning to the end."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data = memoryview(data)
        self._position = 0

    @property
    def at_end(self) -> bool:
        return self._position >= self._data.nbytes

    def take(self, size: int) -> memoryview:
        """Return the next bytes."""
        end = self._position + size
        if size < 0 or end > self._data.nbytes:
            raise ValueError("Unexpected end of file")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def long(self) -> int:
        """Return the next zig-zag number."""
        value = shift = 0
        while True:
            byte = self._data[self._position]
            self._position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            shift += 7


def number(value: int) -> bytes:
    """Return a zig-zag number."""
    value = (value << 1) ^ (value >> 63)
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


Decode = Callable[[Input], Any]
Encode = Callable[[Any, bytearray], None]

# -- Reading ------------------------------------------------------------------------------------------

_PRIMITIVES: Mapping[str, tuple[Decode, pa.DataType]] = {
    "null": (lambda source: None, pa.null()),
    "boolean": (lambda source: source.take(1)[0] != 0, pa.bool_()),
    "int": (Input.long, pa.int32()),
    "long": (Input.long, pa.int64()),
    "float": (lambda source: struct.unpack("<f", source.take(4))[0], pa.float32()),
    "double": (lambda source: struct.unpack("<d", source.take(8))[0], pa.float64()),
    "bytes": (lambda source: bytes(source.take(source.long())), pa.binary()),
    "string": (lambda source: str(source.take(source.long()), "utf-8"), pa.string()),
}
_LOGICAL = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms"),
    "timestamp-micros": pa.timestamp("us"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
}
# From narrow to wide: what a union of numbers is read as.
_NUMBERS = (pa.int32(), pa.int64(), pa.float32(), pa.float64())


def decoder(schema: Any, named: dict[str, Any] | None = None) -> tuple[Decode, pa.DataType]:
    """Return what reads a value of a schema, and its type.

    Raises
    ------
    ValueError
        If Arrow has no type for it, or the schema is none.
    """
    named = {} if named is None else named
    if isinstance(schema, list):
        return _union(schema, named)
    if isinstance(schema, str):
        if schema in _PRIMITIVES:
            return _PRIMITIVES[schema]
        if schema.rpartition(".")[2] not in named:
            raise ValueError(f"Undefined name: {schema}")
        return decoder(named[schema.rpartition(".")[2]], named)
    kind = schema["type"]
    if isinstance(kind, (dict, list)):
        return decoder(kind, named)
    if "name" in schema:
        named[schema["name"].rpartition(".")[2]] = schema
    if schema.get("logicalType") == "decimal" and kind in ("bytes", "fixed"):
        return _decimal(schema)
    if kind in _COMPLEX:
        return _COMPLEX[kind](schema, named)
    read, arrow = decoder(kind, named)
    return read, _LOGICAL.get(schema.get("logicalType"), arrow) if kind in ("int", "long") else arrow


def _union(branches: Sequence[Any], named: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    found = [decoder(branch, named) for branch in branches]
    kinds = {kind for _, kind in found if not pa.types.is_null(kind)}
    if len(kinds) > 1 and not all(kind in _NUMBERS for kind in kinds):
        raise ValueError(f"Union of {len(kinds)} types")
    widest = max(kinds, key=_NUMBERS.index) if len(kinds) > 1 else next(iter(kinds), pa.null())
    reads = [read for read, _ in found]
    return (lambda source: reads[source.long()](source)), widest


def _decimal(schema: Mapping[str, Any]) -> tuple[Decode, pa.DataType]:
    scale = schema.get("scale", 0)
    size = schema.get("size")

    def read(source: Input) -> Decimal:
        unscaled = int.from_bytes(source.take(source.long() if size is None else size), "big", signed=True)
        return Decimal((int(unscaled < 0), tuple(map(int, str(abs(unscaled)))), -scale))

    return read, pa.decimal128(schema["precision"], scale)


def _blocks(source: Input) -> int:
    """Return how many items the next block of an array or a map has."""
    count = source.long()
    if count < 0:
        source.long()
    return abs(count)


def _array(schema: Mapping[str, Any], named: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    item, kind = decoder(schema["items"], named)

    def read(source: Input) -> list[Any]:
        items: list[Any] = []
        while count := _blocks(source):
            items += [item(source) for _ in range(count)]
        return items

    return read, pa.list_(kind)


def _map(schema: Mapping[str, Any], named: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    value, kind = decoder(schema["values"], named)
    key = _PRIMITIVES["string"][0]

    def read(source: Input) -> list[tuple[str, Any]]:
        items: list[tuple[str, Any]] = []
        while count := _blocks(source):
            items += [(key(source), value(source)) for _ in range(count)]
        return items

    return read, pa.map_(pa.string(), kind)


def _record(schema: Mapping[str, Any], named: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    fields = [(field["name"], *decoder(field["type"], named)) for field in schema["fields"]]
    reads = [(name, read) for name, read, _ in fields]
    return (
        lambda source: {name: read(source) for name, read in reads},
        pa.struct([(name, kind) for name, _, kind in fields]),
    )


def _enum(schema: Mapping[str, Any], _: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    symbols = schema["symbols"]
    return (lambda source: symbols[source.long()]), pa.string()


def _fixed(schema: Mapping[str, Any], _: dict[str, Any]) -> tuple[Decode, pa.DataType]:
    size = schema["size"]
    return (lambda source: bytes(source.take(size))), pa.binary()


_COMPLEX: Mapping[str, Callable[[Mapping[str, Any], dict[str, Any]], tuple[Decode, pa.DataType]]] = {
    "array": _array,
    "map": _map,
    "record": _record,
    "enum": _enum,
    "fixed": _fixed,
}

# -- Writing ------------------------------------------------------------------------------------------

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
