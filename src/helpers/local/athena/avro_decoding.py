"""Values out of Avro's binary encoding, and its schemas as Arrow types.

https://avro.apache.org/docs/1.12.0/specification/#binary-encoding
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
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


Decode = Callable[[Input], Any]


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
