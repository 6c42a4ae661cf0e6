"""Data types: Hive's (tables), Trino's (queries) and DuckDB's (the engine below), and how values print.

Hive types: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Trino's name, Hive's and DuckDB's; the first of a Trino name is what it is written back as.
SIMPLE = (
    ("boolean", "boolean", "BOOLEAN"),
    ("tinyint", "tinyint", "TINYINT"),
    ("smallint", "smallint", "SMALLINT"),
    ("integer", "int", "INTEGER"),
    ("integer", "integer", "INTEGER"),
    ("bigint", "bigint", "BIGINT"),
    ("real", "float", "FLOAT"),
    ("double", "double", "DOUBLE"),
    ("date", "date", "DATE"),
    ("timestamp", "timestamp", "TIMESTAMP"),
    ("varchar", "string", "VARCHAR"),
    ("varbinary", "binary", "BLOB"),
)
_TO_HIVE = {trino: hive for trino, hive, _ in reversed(SIMPLE)}
TO_DUCKDB = {trino: duckdb for trino, _, duckdb in SIMPLE} | {
    "timestamp with time zone": "TIMESTAMPTZ",
    "time": "TIME",
    "json": "JSON",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": "INTEGER",
    "uuid": "UUID",
    "ipaddress": "VARCHAR",
}
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class DataType:
    """A type, nested ones included.

    Parameters
    ----------
    name
        Trino's name: `bigint`, `varchar`, `decimal`, `array`, `map`, `row` …
    arguments
        Precision and scale of a decimal, length of a varchar or char, digits of a timestamp's seconds above 3.
    children, fields
        Types of the parts, and the names of a row's fields.
    """

    name: str
    arguments: tuple[int, ...] = ()
    children: tuple[DataType, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def trino(self) -> str:
        """The type as Trino writes it, such as `decimal(10,2)` or `array(row(a integer))`."""
        if self.name == "row":
            parts = ", ".join(f"{_quoted(f)} {c.trino}" for f, c in zip(self.fields, self.children, strict=True))
            return f"row({parts})"
        if self.children:
            return f"{self.name}({', '.join(child.trino for child in self.children)})"
        if self.name.startswith("timestamp") and self.arguments:
            return f"timestamp({self.arguments[0]}){self.name.removeprefix('timestamp')}"
        return self.name + (f"({','.join(map(str, self.arguments))})" if self.arguments else "")

    @property
    def hive(self) -> str:
        """The type as the Data Catalog stores it, such as `decimal(10,2)` or `array<struct<a:int>>`."""
        if self.name == "row":
            parts = ",".join(f"{f}:{c.hive}" for f, c in zip(self.fields, self.children, strict=True))
            return f"struct<{parts}>"
        if self.children:
            return f"{self.name}<{','.join(child.hive for child in self.children)}>"
        if self.name.startswith("timestamp"):
            return "timestamp"
        if self.arguments:
            return f"{self.name}({','.join(map(str, self.arguments))})"
        return _TO_HIVE.get(self.name, self.name)

    @property
    def duckdb(self) -> str:
        """The type as DuckDB writes it."""
        if self.name == "row":
            parts = ", ".join(f'"{f}" {c.duckdb}' for f, c in zip(self.fields, self.children, strict=True))
            return f"STRUCT({parts})"
        if self.name == "array":
            return f"{self.children[0].duckdb}[]"
        if self.name == "map":
            return f"MAP({self.children[0].duckdb}, {self.children[1].duckdb})"
        if self.name == "decimal":
            precision, scale = self.arguments or (38, 0)
            return f"DECIMAL({precision},{scale})"
        if self.name in ("varchar", "char"):
            return "VARCHAR"
        return TO_DUCKDB[self.name]


def _quoted(name: str) -> str:
    return name if _WORD.fullmatch(name) else f'"{name}"'
