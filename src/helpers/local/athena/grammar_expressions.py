"""What Athena's grammar takes as an expression; sqlglot takes more, such as `a::int` of other databases.

https://docs.aws.amazon.com/athena/latest/ug/select.html; Trino's grammar of engine version 3.
"""

from __future__ import annotations

from helpers.local.athena.grammar_calls import Calls
from helpers.local.athena.tokens import EXPRESSION, UnfitError

_COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
_QUERY_WORDS = ("SELECT", "WITH", "VALUES", "TABLE")
_JSON = ("JSON_EXISTS", "JSON_VALUE", "JSON_QUERY", "JSON_OBJECT", "JSON_ARRAY")
_NOW = ("CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_CONSTANTS = ("NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA")


class Expressions(Calls):
    """Rules of expressions; each takes what it names, or raises UnfitError."""

    def expression(self) -> None:
        """Take an expression."""
        self.labelled(EXPRESSION, self._boolean)

    def starts_query(self) -> bool:
        """Return whether the first word after any opening brackets begins a query."""
        ahead = 0
        while self.peek(ahead) == "(":
            ahead += 1
        return self.peek(ahead) in _QUERY_WORDS

    # -- Conditions -----------------------------------------------------------------------------------

    def _boolean(self) -> None:
        self._condition()
        while self.accept("AND", "OR"):
            self.labelled(EXPRESSION, self._condition)

    def _condition(self) -> None:
        while self.accept("NOT"):
            pass
        self.value()
        self.labelled("<predicate>", self._predicate)

    def _predicate(self) -> None:
        if self.accept(*_COMPARISONS):
            if self.accept("ALL", "SOME", "ANY"):
                self.bracketed(self.query)
            else:
                self.value()
        elif self.accept("IS"):
            self.accept("NOT")
            if not self.accept("NULL"):
                self.expect("DISTINCT")
                self.expect("FROM")
                self.value()
        elif self.accept("NOT"):
            self._tested(self.expect("BETWEEN", "IN", "LIKE"))
        else:
            self._tested(self.accept("BETWEEN", "IN", "LIKE"))

    def _tested(self, word: str) -> None:
        if word == "BETWEEN":
            self.value()
            self.expect("AND")
            self.value()
        elif word == "IN":
            self.expect("(")
            if not self.takes_query():
                self.expressions()
            self.expect(")")
        elif word == "LIKE":
            self.value()
            if self.accept("ESCAPE"):
                self.value()

    def takes_query(self) -> bool:
        """Return whether a query and a closing bracket come; then the query is taken."""
        if not self.starts_query():
            return False
        start = self.index
        try:
            self.query()
        except UnfitError:
            self.index = start
            return False
        if self.peek() == ")":
            return True
        self.miss(")")
        self.index = start
        return False

    # -- Values ---------------------------------------------------------------------------------------

    def value(self) -> None:
        """Take a value: terms with operators between."""
        self.labelled(EXPRESSION, self._signed)
        while self.accept("*", "/", "%", "+", "-", "||"):
            self.labelled(EXPRESSION, self._signed)

    def _signed(self) -> None:
        while self.accept("+", "-"):
            pass
        self.primary()
        while self.accept("AT"):
            self.expect("TIME")
            self.expect("ZONE")
            self.primary()

    def primary(self) -> None:
        """Take one operand, with its subscripts and fields."""
        self._operand()
        while True:
            if self.peek() == "." and self.peek(1) == "*":
                return
            if self.accept("["):
                self.value()
                self.expect("]")
            elif self.accept("."):
                self.identifier()
            else:
                return

    def _operand(self) -> None:
        word = self.peek()
        if self.kind() in ("number", "string", "binary") or word == "?":
            self.index += 1
        elif word == "(":
            self._in_brackets()
        elif word in _CONSTANTS:
            self.index += 1
        elif word in _NOW:
            self.index += 1
            if self.accept("("):
                self.number()
                self.expect(")")
        elif word == "INTERVAL" and (self.kind(1) == "string" or self.peek(1) in ("+", "-")):
            self.interval()
        elif word in _JSON:
            self.index += 1
            self.balanced()
        elif word == "CASE":
            self.case()
        elif word in ("CAST", "TRY_CAST") and self.peek(1) == "(":
            self.index += 1
            self.bracketed(self.cast)
        elif word == "EXISTS":
            self.index += 1
            self.bracketed(self.query)
        elif word == "ARRAY" and self.peek(1) == "[":
            self.index += 2
            if not self.accept("]"):
                self.expressions()
                self.expect("]")
        elif word in ("EXTRACT", "TRIM", "NORMALIZE", "POSITION", "SUBSTRING") and self.peek(1) == "(":
            self.worded_call(word)
        elif word in ("GROUPING", "LISTAGG"):
            self.index += 1
            self.call()
        else:
            self._named()

    def _in_brackets(self) -> None:
        if self._is_lambda():
            self.index = self._closing() + 2
            self.expression()
            return
        self.expect("(")
        if not self.takes_query():
            self.expressions()
        self.expect(")")

    def _closing(self) -> int:
        depth = 0
        for index in range(self.index, len(self.tokens)):
            depth += (self.tokens[index].word == "(") - (self.tokens[index].word == ")")
            if depth == 0:
                return index
        return len(self.tokens) - 1

    def _is_lambda(self) -> bool:
        """Return whether `(a, b) ->` comes."""
        ahead = 1
        while self.kind(ahead) in ("word", "quoted") or self.peek(ahead) == ",":
            ahead += 1
        return self.peek(ahead) == ")" and self.peek(ahead + 1) == "->"

    def _named(self) -> None:
        """Take what begins with a name: a column, a typed text, a call, a function of one variable."""
        if self.peek() == "DOUBLE" and self.peek(1) == "PRECISION" and self.kind(2) == "string":
            self.index += 3
            return
        self.identifier()
        if self.kind() == "string" and self.kind(-1) == "word":
            self.index += 1
        elif self.peek() == "->":
            self.index += 1
            self.expression()
        else:
            while self.peek() == "." and self.kind(1) in ("word", "quoted"):
                self.index += 1
                self.identifier()
            if self.peek() == "(":
                self.call()
