"""What Athena's grammar takes as a query.

https://docs.aws.amazon.com/athena/latest/ug/select.html; Trino's grammar of engine version 3.
"""

from __future__ import annotations

from helpers.local.athena.grammar_expressions import Expressions

_JOINS = ("CROSS", "INNER", "LEFT", "RIGHT", "FULL", "JOIN", "NATURAL")
_PERIODS = ("SYSTEM_TIME", "SYSTEM_VERSION", "TIMESTAMP", "VERSION")
# Words that may follow a relation, so they are no alias of it, though not reserved.
_AFTER_RELATION = ("TABLESAMPLE", "LIMIT", "OFFSET", "FETCH", "WINDOW", "MATCH_RECOGNIZE")


class Queries(Expressions):
    """Rules of queries; each takes what it names, or raises UnfitError."""

    def __init__(self, sql: str) -> None:
        super().__init__(sql)
        self._ends: dict[int, int] = {}

    def query(self) -> None:
        start = self.index
        # What begins as a query may turn out to be an expression around one, and the query is met again.
        if start in self._ends:
            self.index = self._ends[start]
            return
        self.labelled("<query>", self._query)
        self._ends[start] = self.index

    def _query(self) -> None:
        if self.accept("WITH"):
            self.accept("RECURSIVE")
            self.listed(self._named_query)
        self._query_primary()
        while self.accept("EXCEPT", "INTERSECT", "UNION"):
            self.accept("ALL", "DISTINCT")
            self._query_primary()
        self.sorting()
        if self.accept("OFFSET"):
            self._row_count()
            self.accept("ROW", "ROWS")
        if self.accept("LIMIT"):
            if not self.accept("ALL"):
                self._row_count()
        elif self.accept("FETCH"):
            self.expect("FIRST", "NEXT")
            if self.peek() not in ("ROW", "ROWS"):
                self._row_count()
            self.expect("ROW", "ROWS")
            if not self.accept("ONLY"):
                self.expect("WITH")
                self.expect("TIES")

    def _named_query(self) -> None:
        self.identifier()
        if self.peek() == "(":
            self._columns()
        self.expect("AS")
        self.bracketed(self.query)

    def _columns(self) -> None:
        self.bracketed(lambda: self.listed(self.identifier))

    def _row_count(self) -> None:
        if not self.accept_kind("number", "<integer>"):
            self.expect("?")

    def _query_primary(self) -> None:
        word = self.expect("SELECT", "VALUES", "TABLE", "(")
        if word == "VALUES":
            self.expressions()
        elif word == "TABLE":
            self.name()
        elif word == "(":
            self.query()
            self.expect(")")
        else:
            self._select()

    def _select(self) -> None:
        self.accept("ALL", "DISTINCT")
        self.listed(self._select_item)
        if self.accept("FROM"):
            self.listed(self._relation)
        if self.accept("WHERE"):
            self.expression()
        if self.accept("GROUP"):
            self.expect("BY")
            self.accept("ALL", "DISTINCT")
            self.listed(self._grouping)
        if self.accept("HAVING"):
            self.expression()
        if self.accept("WINDOW"):
            self.listed(self._window)

    def _select_item(self) -> None:
        if self.accept("*"):
            return
        self.expression()
        if self.peek() == "." and self.peek(1) == "*":
            self.index += 2
            if self.accept("AS"):
                self._columns()
            return
        if self.accept("AS"):
            self.identifier()
        elif self.peek() not in _AFTER_RELATION:
            self.accept_identifier()

    def _grouping(self) -> None:
        if self.accept("ROLLUP", "CUBE"):
            self.expect("(")
            if self.peek() != ")":
                self.expressions()
            self.expect(")")
        elif self.peek() == "GROUPING" and self.peek(1) == "SETS":
            self.index += 2
            self.bracketed(lambda: self.listed(self._grouping))
        elif self.peek() == "(" and self.peek(1) == ")":
            self.index += 2
        else:
            self.expression()

    def _window(self) -> None:
        self.identifier()
        self.expect("AS")
        self.bracketed(self.window)

    # -- Relations ------------------------------------------------------------------------------------

    def _relation(self) -> None:
        self.relation()
        while self.peek() in _JOINS:
            self._join()
        self.miss(*_JOINS)

    def _join(self) -> None:
        if self.accept("CROSS"):
            self.expect("JOIN")
            self.relation()
            return
        natural = bool(self.accept("NATURAL"))
        if self.accept("LEFT", "RIGHT", "FULL"):
            self.accept("OUTER")
        else:
            self.accept("INNER")
        self.expect("JOIN")
        self.relation()
        if natural:
            return
        while self.peek() in _JOINS:
            self._join()
        if self.accept("ON"):
            self.expression()
        else:
            self.expect("USING")
            self._columns()

    def relation(self) -> None:
        """Take a table, a subquery or the like, with its alias."""
        self._relation_primary()
        self._alias()
        if self.accept("MATCH_RECOGNIZE"):
            self.balanced()
            self._alias()
        if self.accept("TABLESAMPLE"):
            self.expect("BERNOULLI", "SYSTEM")
            self.bracketed(self.expression)

    def _alias(self) -> None:
        if self.accept("AS"):
            self.identifier()
        elif self.peek() in _AFTER_RELATION or not self.accept_identifier():
            return
        if self.peek() == "(":
            self._columns()
        else:
            self.miss("(")

    def _relation_primary(self) -> None:
        if self.peek() == "LATERAL" and self.peek(1) == "(":
            self.index += 1
            self.bracketed(self.query)
        elif self.accept("UNNEST"):
            self.bracketed(self.expressions)
            if self.accept("WITH"):
                self.expect("ORDINALITY")
        elif self.peek() == "TABLE" and self.peek(1) == "(":
            self.index += 1
            self.balanced()
        elif self.accept("("):
            if not self.takes_query():
                self._relation()
            self.expect(")")
        else:
            self.miss("LATERAL")
            self.name()
            if self.peek() == "FOR" and self.peek(1) in _PERIODS:
                self.index += 2
                self.expect("AS")
                self.expect("OF")
                self.value()
