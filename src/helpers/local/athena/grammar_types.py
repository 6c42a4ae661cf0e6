"""What Athena's grammar takes as a type, as in CAST.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

from helpers.local.athena.tokens import IDENTIFIER, Cursor, UnfitError

UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


class Types(Cursor):
    """Rules of types; each takes what it names, or raises UnfitError."""

    def type(self) -> None:
        """Take a type; whether it is known is seen later."""
        self.labelled("<type>", self._type)
        while self.accept("ARRAY"):
            pass

    def _type(self) -> None:
        if self.peek() == "ROW" and self.peek(1) == "(":
            self.index += 1
            self.bracketed(lambda: self.listed(self._field))
            return
        if self.peek() == "INTERVAL":
            self.index += 1
            self.expect(*UNITS)
            self.expect("TO")
            self.expect(*UNITS)
            return
        if self.peek() == "DOUBLE" and self.peek(1) == "PRECISION":
            self.index += 2
            return
        is_time = self.peek() in ("TIME", "TIMESTAMP")
        if self.kind() not in ("word", "quoted"):
            self.miss(IDENTIFIER)
            raise UnfitError
        self.index += 1
        if self.accept("("):
            self.listed(self._type_argument)
            self.expect(")")
        elif self.peek() == "<":
            self.index += 1
            self.listed(self.type)
            self.expect(">")
        if is_time and self.accept("WITH", "WITHOUT"):
            self.expect("TIME")
            self.expect("ZONE")

    def _type_argument(self) -> None:
        if not self.accept_kind("number", "<integer>"):
            self.type()

    def _field(self) -> None:
        # A field has a name and a type, or a type alone.
        is_word, follows = self.kind() in ("word", "quoted"), self.kind(1) in ("word", "quoted")
        if is_word and follows and not self._is_worded_type():
            self.index += 1
        self.type()

    def _is_worded_type(self) -> bool:
        pair = (self.peek(), self.peek(1))
        return pair in (("DOUBLE", "PRECISION"), ("TIMESTAMP", "WITH"), ("TIME", "WITH")) or pair[0] == "INTERVAL"
