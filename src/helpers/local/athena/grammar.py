"""What Athena's grammar takes as a query or as a statement around one, and the error of what it does not take.

sqlglot, which reads the query then, takes more than Athena does. https://docs.aws.amazon.com/athena/latest/ug/select.html
"""

from __future__ import annotations

from helpers.local.athena.grammar_queries import Queries
from helpers.local.athena.tokens import IDENTIFIER, UnfitError


class Statements(Queries):
    """Rules of statements around a query; each takes what it names, or raises UnfitError."""

    def statement(self) -> None:
        """Take a query, or a statement around one: CREATE TABLE AS, INSERT INTO, MERGE INTO, UNLOAD, EXPLAIN …"""
        word = self.peek()
        if word == "INSERT":
            self.index += 1
            self.expect("INTO")
            self._target()
            if self.peek() == "(" and not self.starts_query():
                self.bracketed(lambda: self.listed(self._part))
            self.query()
        elif word == "UNLOAD":
            self.index += 1
            self.bracketed(self.query)
            self.expect("TO")
            self.string()
            self._properties()
        elif word == "CREATE":
            self._create()
        elif word in ("UPDATE", "DELETE", "MERGE"):
            self.index += 1
            {"UPDATE": self._update, "DELETE": self._delete, "MERGE": self._merge}[word]()
        elif word == "EXPLAIN":
            self.index += 1
            self.accept("ANALYZE")
            self.accept("VERBOSE")
            if self.peek() == "(" and not self.starts_query():
                self.balanced()
            self.statement()
        else:
            self.query()

    def _update(self) -> None:
        self._target()
        self.expect("SET")
        self.listed(self._assignment)
        self._where()

    def _delete(self) -> None:
        self.expect("FROM")
        self._target()
        self._where()

    def _merge(self) -> None:
        self.expect("INTO")
        self._target()
        if self.peek() != "USING":
            self.accept("AS")
            self.identifier()
        self.expect("USING")
        self.relation()
        self.expect("ON")
        self.expression()
        self.expect("WHEN")
        self._merge_case()
        while self.accept("WHEN"):
            self._merge_case()

    def _merge_case(self) -> None:
        matched = not self.accept("NOT")
        self.expect("MATCHED")
        if self.accept("AND"):
            self.expression()
        self.expect("THEN")
        if not matched:
            self.expect("INSERT")
            if self.peek() == "(":
                self.bracketed(lambda: self.listed(self._part))
            self.expect("VALUES")
            self.bracketed(self.expressions)
        elif self.accept("UPDATE"):
            self.expect("SET")
            self.listed(self._assignment)
        else:
            self.expect("DELETE")

    def _assignment(self) -> None:
        self._part()
        self.expect("=")
        self.expression()

    def _where(self) -> None:
        if self.accept("WHERE"):
            self.expression()

    def _create(self) -> None:
        while self.peek() not in ("AS", "WITH", "COMMENT", "SECURITY"):
            # The name and the words before it are read where the statement runs.
            if self.kind() == "end":
                self.expect("AS")
            self.index += 1
        if self.accept("COMMENT"):
            self.string()
        if self.accept("SECURITY"):
            self.expect("DEFINER", "INVOKER")
        self._properties()
        self.expect("AS")
        self.query()
        if self.accept("WITH"):
            self.accept("NO")
            self.expect("DATA")

    def _properties(self) -> None:
        if self.accept("WITH"):
            self.bracketed(lambda: self.listed(self._property))

    def _property(self) -> None:
        self._part()
        self.expect("=")
        self.expression()

    def _target(self) -> None:
        self._part()
        while self.accept("."):
            self._part()

    def _part(self) -> None:
        # INSERT INTO takes a name in backquotes too.
        if self.kind() in ("word", "quoted", "backquoted", "string"):
            self.index += 1
            return
        self.miss(IDENTIFIER)
        raise UnfitError


def check_grammar(sql: str) -> None:
    """Refuse what Athena's grammar does not take as a query or as a statement around one.

    Raises
    ------
    QuerySyntaxError
        At the first token that does not fit, with what would have: `line 1:10: mismatched input 'FORM'. Expecting: …`.
    """
    grammar = Statements(sql)
    try:
        grammar.statement()
        grammar.end()
    except UnfitError:
        raise grammar.error() from None
