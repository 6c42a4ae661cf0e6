"""Tokens of Athena's SQL, and a cursor over them that knows what would have fitted where it stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from helpers.local.athena.errors import Position, QuerySyntaxError

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<binary>[xX]'[^']*')
    |(?P<string>(?:[uU]&)?'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<backquoted>`(?:[^`]|``)*`)
    |(?P<number>\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+(?![\w]))
    |(?P<digits>\d\w+)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<operator><>|!=|<=|>=|->|=>|\|\||.)""",
    re.DOTALL | re.VERBOSE,
)
# https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html, those of SELECT statements
_RESERVED = {
    "ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE",
    "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_PATH", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT", "DROP", "ELSE", "END", "ESCAPE", "EXCEPT",
    "EXECUTE", "EXISTS", "EXTRACT", "FALSE", "FOR", "FROM", "FULL", "GROUP", "GROUPING", "HAVING", "IN",
    "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT",
    "JSON_QUERY", "JSON_VALUE", "LEFT", "LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL",
    "NORMALIZE", "NOT", "NULL", "ON", "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE", "RIGHT", "ROLLUP",
    "SELECT", "TABLE", "THEN", "TRIM", "TRUE", "UESCAPE", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE",
    "WITH",
}  # fmt: skip
NOT_SUPPORTED = "Queries of this type are not supported"
IDENTIFIER, STRING, EXPRESSION = "<identifier>", "<string>", "<expression>"
_END = "<EOF>"


@dataclass(frozen=True)
class Token:
    """A token, where it begins, and what it is: a word, quoted, a string, a number …"""

    kind: str
    text: str
    offset: int

    @property
    def word(self) -> str:
        """The token as a keyword or operator is compared, empty for anything else."""
        return self.text.upper() if self.kind in ("word", "operator") else ""


class UnfitError(Exception):
    """The next token does not fit the rule that is tried; another rule may take it."""


class Cursor:
    """A place between the tokens of a text.

    It keeps the furthest token that did not fit, and what would have: the error of a text that fits no rule.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = [
            Token(str(found.lastgroup), found[0], found.start())
            for found in _TOKEN.finditer(sql)
            if found.lastgroup != "space"
        ]
        self.tokens.append(Token("end", _END, len(sql)))
        self.index = 0
        self._furthest = 0
        self._expected: set[str] = set()
        self._hidden = -1

    def peek(self, ahead: int = 0) -> str:
        """Return a coming token as a keyword or operator is compared."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)].word

    def kind(self, ahead: int = 0) -> str:
        """Return what kind a coming token is of."""
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)].kind

    def accept(self, *words: str) -> str:
        """Take the next token if it is one of these, and return it; else return nothing."""
        if self.peek() in words:
            self.index += 1
            return self.tokens[self.index - 1].word
        self.miss(*words)
        return ""

    def expect(self, *words: str) -> str:
        """Take the next token, which must be one of these."""
        found = self.accept(*words)
        if not found:
            raise UnfitError
        return found

    def accept_kind(self, kind: str, label: str) -> bool:
        """Take the next token if it is of a kind."""
        if self.kind() == kind:
            self.index += 1
            return True
        self.miss(label)
        return False

    def accept_identifier(self) -> bool:
        """Take an identifier: quoted, or a word that is not reserved."""
        token = self.tokens[self.index]
        if (token.kind == "quoted" and token.text != '""') or (token.kind == "word" and token.word not in _RESERVED):
            self.index += 1
            return True
        self.miss(IDENTIFIER)
        return False

    def identifier(self) -> None:
        """Take an identifier."""
        if not self.accept_identifier():
            raise UnfitError

    def name(self) -> None:
        """Take a name with dots."""
        self.identifier()
        while self.accept("."):
            self.identifier()

    def string(self) -> None:
        """Take a text in quotes."""
        if not self.accept_kind("string", STRING):
            raise UnfitError

    def listed(self, rule: Callable[[], None]) -> None:
        """Take what a rule takes, once or more, with commas between."""
        rule()
        while self.accept(","):
            rule()

    def bracketed(self, rule: Callable[[], None]) -> None:
        """Take what a rule takes, in brackets."""
        self.expect("(")
        rule()
        self.expect(")")

    def labelled(self, label: str, rule: Callable[[], None]) -> None:
        """Take what a rule takes; if not even its first token fits, the label is what was expected."""
        if self._hidden == self.index:
            rule()
            return
        self.miss(label)
        outer, self._hidden = self._hidden, self.index
        try:
            rule()
        finally:
            self._hidden = outer

    def balanced(self) -> None:
        """Take everything in brackets, whatever it is."""
        self.expect("(")
        depth = 1
        while depth:
            if self.kind() == "end":
                self.expect(")")
            depth += (self.peek() == "(") - (self.peek() == ")")
            self.index += 1

    def end(self) -> None:
        """Take a last semicolon; the text must be at its end."""
        while self.peek() == ";":
            self.index += 1
        if self.kind() != "end":
            self.miss(_END)
            raise UnfitError

    def miss(self, *expected: str) -> None:
        """Note what the next token is not."""
        if self.index == self._hidden or self.index < self._furthest:
            return
        if self.index > self._furthest:
            self._furthest, self._expected = self.index, set()
        self._expected.update(expected)

    def error(self) -> QuerySyntaxError:
        """Return the error of the furthest token that did not fit."""
        token = self.tokens[self._furthest]
        place = self.position(token.offset)
        if token.kind == "end":
            # Athena does not say what an unfinished statement lacks.
            return QuerySyntaxError(NOT_SUPPORTED)
        if token.kind == "backquoted":
            text = "backquoted identifiers are not supported; use double quotes to quote identifiers"
            return QuerySyntaxError(text, place)
        if token.kind == "digits":
            text = "identifiers must not start with a digit; surround the identifier with double quotes"
            return QuerySyntaxError(text, place)
        if token.text == '""':
            return QuerySyntaxError("Zero-length delimited identifier not allowed", place)
        # As Trino sorts them: words in quotes first, then the names in angle brackets.
        names = {label for label in self._expected if label.startswith("<") and len(label) > 2}
        expected = [*(f"'{word}'" for word in sorted(self._expected - names)), *sorted(names)]
        return QuerySyntaxError(f"mismatched input '{token.text}'. Expecting: {', '.join(expected)}", place)

    def position(self, offset: int) -> Position:
        """Return line and column, both from 1, of a place in the text."""
        before = self.sql[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
