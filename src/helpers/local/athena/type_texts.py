"""Types read from what Hive, Trino and DuckDB write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.types import SIMPLE, TO_DUCKDB, DataType

_FROM_HIVE = {hive: trino for trino, hive, _ in SIMPLE}
_FROM_DUCKDB = {duckdb: trino for trino, _, duckdb in reversed(SIMPLE)} | {
    "HUGEINT": "bigint",
    "UHUGEINT": "bigint",
    "UBIGINT": "bigint",
    "UINTEGER": "bigint",
    "USMALLINT": "integer",
    "UTINYINT": "smallint",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIME": "time",
    "INTERVAL": "interval day to second",
    "JSON": "json",
    "UUID": "uuid",
    '"NULL"': "unknown",
    "NULL": "unknown",
    "BIT": "varchar",
}
_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|[A-Za-z_][\w$-]*|\d+|[<>(),:\[\]])')
# Digits of the seconds of a timestamp that says nothing of them.
_MILLISECONDS = 3


class UnknownTypeError(AthenaQueryError):
    """A type that Athena does not have."""

    def __init__(self, text: str) -> None:
        super().__init__(f"FAILED: ParseException cannot recognize input near '{text}' in column type", 2, 1301)


def parse_type(text: str) -> DataType:
    """Parse a type as Hive or Trino writes it.

    Raises
    ------
    UnknownTypeError
        If it is no type.
    """
    tokens = [match[1] for match in _TOKEN.finditer(text)]
    if "".join(tokens).replace(" ", "") != re.sub(r"\s", "", text) or not tokens:
        raise UnknownTypeError(text)
    reader = _Reader(text, tokens)
    found = reader.type()
    if reader.position != len(tokens):
        raise UnknownTypeError(text)
    return found


def from_duckdb(text: str) -> DataType:
    """Parse a type as DuckDB describes a column's."""
    text = text.strip()
    if text.endswith("]"):
        return DataType("array", children=(from_duckdb(text[: text.rindex("[")]),))
    name, _, inside = text.partition("(")
    inside = inside[:-1]
    if name == "STRUCT":
        # A row without field names has _0, _1 … in DuckDB and field0, field1 … in Athena.
        pairs = [(re.sub(r"^_(\d+)$", r"field\1", f), t) for f, t in map(_named_part, _split(inside))]
        return DataType("row", children=tuple(from_duckdb(t) for _, t in pairs), fields=tuple(f for f, _ in pairs))
    if name == "TUPLE":
        children = tuple(from_duckdb(part) for part in _split(inside))
        return DataType("row", children=children, fields=tuple(f"field{n}" for n in range(len(children))))
    if name == "MAP":
        return DataType("map", children=tuple(from_duckdb(part) for part in _split(inside)))
    if name == "DECIMAL":
        return DataType("decimal", tuple(int(number) for number in inside.split(",")))
    return DataType(_FROM_DUCKDB.get(name, "varchar"))


class _Reader:
    """Recursive descent over the tokens of one type."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    def type(self) -> DataType:
        name = self.take().lower()
        if name in ("array", "map", "struct", "row", "uniontype"):
            return self._nested(name)
        if name == "timestamp":
            return self._timestamp()
        if name == "interval":
            words = " ".join(self.take().lower() for _ in range(3))
            return DataType(f"interval {words}")
        if name in ("decimal", "numeric", "varchar", "char"):
            return DataType("decimal" if name == "numeric" else name, self._arguments(name))
        if name == "double" and self.peek() == "precision":
            self.take()
        found = _FROM_HIVE.get(name) or (name if name in TO_DUCKDB else None)
        if found is None:
            raise UnknownTypeError(self.text)
        return DataType(found)

    def _nested(self, name: str) -> DataType:
        opening = self.take()
        closing = {"<": ">", "(": ")"}.get(opening)
        if closing is None:
            raise UnknownTypeError(self.text)
        children, fields = [], []
        while True:
            if name in ("struct", "row"):
                fields.append(self.take().strip('"').lower())
                if self.peek() == ":":
                    self.take()
            children.append(self.type())
            following = self.take()
            if following == closing:
                break
            if following != ",":
                raise UnknownTypeError(self.text)
        return DataType("row" if name == "struct" else name, children=tuple(children), fields=tuple(fields))

    def _arguments(self, name: str) -> tuple[int, ...]:
        numbers: list[int] = []
        if self.peek() == "(":
            while self.take() != ")":
                if self.peek().isdigit():
                    numbers.append(int(self.take()))
        if name in ("decimal", "numeric"):
            # Hive's default is decimal(10,0), and a decimal with one number has no places.
            return (10, 0) if not numbers else (numbers[0], numbers[1] if len(numbers) > 1 else 0)
        return tuple(numbers)

    def _timestamp(self) -> DataType:
        digits = tuple(number for number in self._arguments("timestamp") if number > _MILLISECONDS)
        words = [word.lower() for word in self.tokens[self.position : self.position + 3]]
        if words == ["with", "time", "zone"]:
            self.position += 3
            return DataType("timestamp with time zone", digits)
        return DataType("timestamp", digits)

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        if self.position >= len(self.tokens):
            raise UnknownTypeError(self.text)
        self.position += 1
        return self.tokens[self.position - 1]


def _split(text: str) -> Iterator[str]:
    """Yield the parts between commas that are in no bracket and no quote."""
    depth, quoted, start = 0, False, 0
    for position, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "([":
            depth += 1
        elif not quoted and character in ")]":
            depth -= 1
        elif character == "," and depth == 0 and not quoted:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()


def _named_part(text: str) -> tuple[str, str]:
    if text.startswith('"'):
        end = text.index('"', 1)
        return text[1:end], text[end + 1 :].strip()
    name, _, rest = text.partition(" ")
    return name, rest.strip()
