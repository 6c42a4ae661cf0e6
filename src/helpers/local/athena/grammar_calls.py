"""What Athena's grammar takes as a call: arguments, order, filter, window; and the calls with words between.

https://trino.io/docs/current/functions.html
"""

from __future__ import annotations

from helpers.local.athena.grammar_types import UNITS, Types
from helpers.local.athena.tokens import STRING, UnfitError


class Calls(Types):
    """Rules of calls; each takes what it names, or raises UnfitError."""

    def query(self) -> None:
        """Take a query."""
        raise NotImplementedError

    def expression(self) -> None:
        """Take an expression."""
        raise NotImplementedError

    def value(self) -> None:
        """Take a value: terms with operators between."""
        raise NotImplementedError

    def expressions(self) -> None:
        """Take expressions with commas between."""
        self.listed(self.expression)

    def sort_item(self) -> None:
        """Take an item of ORDER BY."""
        self.expression()
        self.accept("ASC", "DESC")
        if self.accept("NULLS"):
            self.expect("FIRST", "LAST")

    def sorting(self) -> None:
        """Take ORDER BY, if it is there."""
        if self.accept("ORDER"):
            self.expect("BY")
            self.listed(self.sort_item)

    def call(self) -> None:
        """Take the brackets of a call and what may follow them."""
        self.expect("(")
        if not self.accept("*"):
            self.accept("ALL", "DISTINCT")
            if self.peek() not in (")", "ORDER"):
                self.expressions()
            if self.accept("ON"):
                self._overflow()
            self.sorting()
        self.expect(")")
        if self.accept("WITHIN"):
            self.expect("GROUP")
            self.bracketed(self.sorting)
        if self.peek() == "FILTER" and self.peek(1) == "(":
            self.index += 1
            self.bracketed(self._filter)
        if self.peek() in ("IGNORE", "RESPECT") and self.peek(1) == "NULLS":
            self.index += 2
        if self.accept("OVER") and not self.accept_identifier():
            self.bracketed(self.window)

    def _overflow(self) -> None:
        self.expect("OVERFLOW")
        if self.expect("ERROR", "TRUNCATE") == "TRUNCATE":
            self.accept_kind("string", STRING)
            self.expect("WITH", "WITHOUT")
            self.expect("COUNT")

    def _filter(self) -> None:
        self.expect("WHERE")
        self.expression()

    def window(self) -> None:
        """Take what is in the brackets of OVER."""
        if self.kind() == "word" and self.peek() not in ("PARTITION", "ORDER", "ROWS", "RANGE", "GROUPS"):
            self.accept_identifier()
        if self.accept("PARTITION"):
            self.expect("BY")
            self.expressions()
        self.sorting()
        if self.accept("ROWS", "RANGE", "GROUPS"):
            if self.accept("BETWEEN"):
                self._bound()
                self.expect("AND")
            self._bound()

    def _bound(self) -> None:
        if self.accept("CURRENT"):
            self.expect("ROW")
            return
        if not self.accept("UNBOUNDED"):
            self.expression()
        self.expect("PRECEDING", "FOLLOWING")

    def case(self) -> None:
        """Take CASE … END."""
        self.expect("CASE")
        if self.peek() != "WHEN":
            self.expression()
        self.expect("WHEN")
        while True:
            self.expression()
            self.expect("THEN")
            self.expression()
            if not self.accept("WHEN"):
                break
        if self.accept("ELSE"):
            self.expression()
        self.expect("END")

    def cast(self) -> None:
        """Take `value AS type`."""
        self.expression()
        self.expect("AS")
        self.type()

    def worded_call(self, word: str) -> None:
        """Take a call whose arguments have words between, such as `EXTRACT(day FROM x)`."""
        self.index += 1
        self.expect("(")
        if word == "EXTRACT":
            self.identifier()
            self.expect("FROM")
            self.value()
        elif word == "TRIM":
            self.accept("BOTH", "LEADING", "TRAILING")
            if self.peek() != "FROM":
                self.value()
            if self.accept("FROM", ","):
                self.value()
        elif word == "POSITION":
            self.value()
            self.expect("IN")
            self.value()
        else:
            self.expression()
            while self.accept("FROM", "FOR", ","):
                self.expression()
        self.expect(")")

    def interval(self) -> None:
        """Take an interval."""
        self.expect("INTERVAL")
        self.accept("+", "-")
        self.string()
        self.expect(*UNITS)
        if self.accept("TO"):
            self.expect(*UNITS)

    def number(self) -> None:
        """Take an integer."""
        if not self.accept_kind("number", "<integer>"):
            raise UnfitError
