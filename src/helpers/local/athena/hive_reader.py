"""A reader of Hive's DDL: words, names, quoted texts and brackets, with their positions."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from helpers.local.athena.errors import QuerySyntaxError
from helpers.local.athena.statements import TableName, parse_name
from helpers.local.athena.type_texts import parse_type
from helpers.local.athena.types import DataType

_TOKEN = re.compile(
    r"\s*(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\")|\s*(?P<name>`[^`]+`)|\s*(?P<word>[\w$]+)|\s*(?P<mark>\S)",
    re.DOTALL,
)


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of a CREATE TABLE."""

    name: str
    kind: DataType
    comment: str | None = None


class HiveReader:
    """Reads one statement from left to right.

    Parameters
    ----------
    sql
        The statement, comments blanked out.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = [(found.lastgroup or "", found[found.lastgroup or 0], found) for found in _TOKEN.finditer(sql)]
        self.index = 0

    @property
    def at_end(self) -> bool:
        return self.index >= len(self.tokens)

    def accept(self, *words: str) -> bool:
        """Take the words if they come next, in any case."""
        following = [value.upper() for _, value, _ in self.tokens[self.index : self.index + len(words)]]
        if following != [word.upper() for word in words]:
            return False
        self.index += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Take the words.

        Raises
        ------
        QuerySyntaxError
            If they do not come next.
        """
        if not self.accept(*words):
            raise self.error(f"Expecting: '{' '.join(words)}'")

    def error(self, expecting: str) -> QuerySyntaxError:
        """Return the error that what comes next is not what should."""
        if self.at_end:
            return QuerySyntaxError(f"mismatched input '<EOF>'. {expecting}", self._place(len(self.sql)))
        kind, value, found = self.tokens[self.index]
        return QuerySyntaxError(f"mismatched input '{value}'. {expecting}", self._place(found.start(kind)))

    def name(self) -> str:
        """Take one name, back-quoted or not, in lower case."""
        if self.at_end or self.tokens[self.index][0] not in ("name", "word", "text"):
            raise self.error("Expecting: <identifier>")
        _, value, _ = self.tokens[self.index]
        self.index += 1
        return value.strip('`"').lower()

    def table(self) -> TableName:
        """Take a table's name of one to three parts."""
        parts = [self.name()]
        while self.accept("."):
            parts.append(self.name())
        return parse_name(".".join(f"`{part}`" for part in parts))

    def text(self) -> str:
        """Take a quoted text."""
        if self.at_end or self.tokens[self.index][0] != "text":
            raise self.error("Expecting: <string>")
        _, value, _ = self.tokens[self.index]
        self.index += 1
        return unquoted(value)

    def value(self) -> str:
        """Take a text, a number or a word, as text."""
        if not self.at_end and self.tokens[self.index][0] == "text":
            return self.text()
        sign = "-" if self.accept("-") else ""
        if self.at_end:
            raise self.error("Expecting: <value>")
        value = self.tokens[self.index][1]
        self.index += 1
        while self.accept("."):
            value += "." + self.tokens[self.index][1]
            self.index += 1
        return sign + value

    def properties(self) -> dict[str, str]:
        """Take `('key' = 'value', …)`."""
        self.expect("(")
        found: dict[str, str] = {}
        while not self.accept(")"):
            key = self.value()
            if not self.accept("="):
                self.expect(":")
            found[key] = self.value()
            if not self.accept(","):
                self.expect(")")
                break
        return found

    def columns(self) -> list[ColumnDefinition]:
        """Take `(name type [COMMENT 'text'], …)`."""
        self.expect("(")
        found = []
        while True:
            name = self.name()
            self.accept(":")
            kind = self.type()
            comment = self.text() if self.accept("COMMENT") else None
            found.append(ColumnDefinition(name, kind, comment))
            if not self.accept(","):
                self.expect(")")
                return found

    def type(self) -> DataType:
        """Take a type, nested ones included."""
        start = self.index
        depth = 0
        while not self.at_end:
            value = self.tokens[self.index][1]
            if value in "<(":
                depth += 1
            elif value in ">)":
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and (value == "," or self.index > start):
                break
            self.index += 1
        if self.index == start:
            raise self.error("Expecting: <type>")
        return parse_type(" ".join(value.strip("`") for _, value, _ in self.tokens[start : self.index]))

    def names(self) -> list[str]:
        """Take `(name, …)`."""
        self.expect("(")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        self.expect(")")
        return found

    def texts(self) -> list[str]:
        """Take `('text', …)`."""
        self.expect("(")
        found = [self.text()]
        while self.accept(","):
            found.append(self.text())
        self.expect(")")
        return found

    def expressions(self) -> list[str]:
        """Take `(expression, …)`, each as it is written."""
        self.expect("(")
        found, depth, start = [], 0, self.index
        while not self.at_end:
            value = self.tokens[self.index][1]
            if depth == 0 and value in ",)":
                found.append(" ".join(value for _, value, _ in self.tokens[start : self.index]))
                start = self.index + 1
                if value == ")":
                    break
            depth += {"(": 1, ")": -1}.get(value, 0)
            self.index += 1
        self.expect(")")
        return found

    def partition(self) -> dict[str, str | None]:
        """Take `(key = value, …)` or `(key, …)` of a PARTITION."""
        self.expect("(")
        found: dict[str, str | None] = {}
        while True:
            key = self.name()
            found[key] = self.value() if self.accept("=") else None
            if not self.accept(","):
                self.expect(")")
                return found

    def rest(self) -> str:
        """Take everything that is left, as it is written."""
        if self.at_end:
            return ""
        kind, _, found = self.tokens[self.index]
        self.index = len(self.tokens)
        return self.sql[found.start(kind) :].strip()

    def done(self) -> None:
        """Refuse what is left over."""
        if not self.at_end:
            raise self.error("Expecting: <EOF>")

    def _place(self, offset: int) -> tuple[int, int]:
        before = self.sql[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def unquoted(text: str) -> str:
    """Return what a quoted text means, escapes resolved."""
    inner = text[1:-1].replace("''", "'") if text.startswith("'") else text[1:-1]
    if "\\" not in inner:
        return inner
    octal = re.sub(r"\\([0-3][0-7]{2})", lambda found: chr(int(found[1], 8)), inner)
    return codecs.decode(octal.encode("latin-1", "backslashreplace"), "unicode_escape")
