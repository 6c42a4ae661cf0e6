"""Columns of a result, as GetQueryResults shows them and as the `.metadata` file keeps them.

The file is protobuf without a published schema. Field numbers are those that the athena-jdbc project
(github.com/burtcorp/athena-jdbc, AthenaMetaDataParser) reads: of the file 1 query id, 2 kind of
update, 3 rows updated, 4 column; of a column 1 catalog, 4 name, 5 label, 6 type, 7 precision,
8 scale, 9 nullable, 10 case sensitive. Which of 7, 8 and 10 a column has depends on its type alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from helpers.local.athena.model import Column
from helpers.local.protobuf import fields

# Precision by base type; a varchar without a length has Integer.MAX_VALUE, a varbinary 1 GiB.
_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "float": 17,
    "double": 17,
    "varchar": 2147483647,
    "varbinary": 1073741824,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "time": 3,
    "time with time zone": 3,
}
_WITH_PRECISION = {*_PRECISIONS, "char", "decimal"}
_WITH_CASE_ONLY = {"boolean", "interval day to second", "interval year to month"}
_NULLABLE_UNKNOWN = 3
_TYPE = re.compile(r"(?P<name>[a-z ]+?)\s*(?:\((?P<arguments>.*)\))?(?P<suffix> with time zone)?")


@dataclass(frozen=True)
class ResultColumn:
    """One column of a result: name, base type, and AWS's precision and scale for the type."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0

    def info(self) -> dict[str, Any]:
        """Return the ColumnInfo of GetQueryResults."""
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.type,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.type in ("varchar", "char"),
        }


@dataclass(frozen=True)
class ResultMetadata:
    """What the `.metadata` file of a result holds.

    Parameters
    ----------
    query_id
        Names the query within the engine.
    columns
        Columns in order.
    update_type
        `INSERT`, `CREATE TABLE` … of a statement that writes rows.
    update_count
        Rows written.
    """

    query_id: str
    columns: list[ResultColumn]
    update_type: str | None = None
    update_count: int | None = None


def result_column(column: Column) -> ResultColumn:
    """Return `column` with the base type, precision and scale that Athena reports for its type."""
    match = _TYPE.fullmatch(column.type.strip().lower())
    if match is None:
        return ResultColumn(column.name, column.type)
    base = "float" if match["name"] == "real" else match["name"] + (match["suffix"] or "")
    arguments = match["arguments"]
    if base == "decimal":
        precision, _, scale = (arguments or "38,0").partition(",")
        return ResultColumn(column.name, base, int(precision), int(scale or 0))
    if base in ("varchar", "char") and arguments:
        return ResultColumn(column.name, base, int(arguments))
    if base == "char":
        return ResultColumn(column.name, base, 1)
    return ResultColumn(column.name, base, _PRECISIONS.get(base, 0))


def encode(metadata: ResultMetadata) -> bytes:
    """Return the bytes of the `.metadata` file."""
    parts = [_text(1, metadata.query_id)]
    if metadata.update_type is not None:
        parts.append(_text(2, metadata.update_type))
    if metadata.update_count is not None:
        parts.append(_number(3, metadata.update_count))
    parts += [_bytes(4, _encode_column(column)) for column in metadata.columns]
    return b"".join(parts)


def _encode_column(column: ResultColumn) -> bytes:
    with_precision = column.type in _WITH_PRECISION
    parts = [_text(1, "hive"), _text(4, column.name), _text(5, column.name), _text(6, column.type)]
    if with_precision:
        parts.append(_number(7, column.precision))
    if with_precision or column.type == "date":
        parts.append(_number(8, column.scale))
    parts.append(_number(9, _NULLABLE_UNKNOWN))
    if with_precision or column.type == "date" or column.type in _WITH_CASE_ONLY:
        parts.append(_number(10, int(column.type in ("varchar", "char"))))
    return b"".join(parts)


def decode(content: bytes | memoryview) -> ResultMetadata:
    """Return what a `.metadata` file holds."""
    query_id, update_type, update_count = "", None, None
    columns: list[ResultColumn] = []
    for number, value in fields(bytes(content)):
        if number == 1:
            query_id = bytes(value).decode()
        elif number == 2:
            update_type = bytes(value).decode()
        elif number == 3:
            update_count = int(value)
        elif number == 4:
            held = dict(fields(value))
            columns.append(ResultColumn(held[4].decode(), held[6].decode(), int(held.get(7, 0)), int(held.get(8, 0))))
    return ResultMetadata(query_id, columns, update_type, update_count)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode())
