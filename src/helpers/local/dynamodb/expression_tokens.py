"""Tokens of DynamoDB's expressions, and what AWS says of one that does not fit.

Source: "Expressions in DynamoDB"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ministack.services._dynamodb_keywords import AWS_KEYWORDS

from helpers.local.aws_error import AwsError
from helpers.local.dynamodb.answers import invalid

_TOKEN = re.compile(r"\s*([#:]?\w+|<>|<=|>=|\S)")


@dataclass(frozen=True)
class Token:
    """One token, and where it stands in its expression."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.text[:1].isalpha() or self.text[:1] == "_"

    @property
    def is_name(self) -> bool:
        return self.is_word or (self.text[:1] == "#" and len(self.text) > 1)

    @property
    def is_value(self) -> bool:
        return self.text[:1] == ":" and len(self.text) > 1


class Tokens:
    """The tokens of an expression, one after the other; `slot` is the parameter that holds it."""

    def __init__(self, expression: str, slot: str) -> None:
        self._expression, self._slot = expression, slot
        self._tokens = [Token(match[1], match.start(1), match.end(1)) for match in _TOKEN.finditer(expression)]
        self._next = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return a token without taking it; past the end it is `<EOF>`."""
        number = self._next + ahead
        end = len(self._expression)
        return self._tokens[number] if number < len(self._tokens) else Token("<EOF>", end, end)

    def take(self, text: str | None = None) -> Token:
        """Take the next token, which must be `text` if that is given."""
        token = self.peek()
        if self.at_end or (text is not None and token.text != text):
            raise self.syntax_error()
        self._next += 1
        return token

    def take_if(self, *texts: str) -> str:
        """Take the next token if it is one of these, and return it; else return nothing."""
        found = self.peek().text
        return self.take().text if found in texts else ""

    @property
    def at_end(self) -> bool:
        return self._next >= len(self._tokens)

    def syntax_error(self) -> AwsError:
        """Return AWS's error for the next token, which shows its neighbours."""
        near = self._tokens[max(self._next - 1, 0) : self._next + 2]
        text = self._expression[near[0].start : near[-1].end] if near else ""
        return self.error(f'Syntax error; token: "{self.peek().text}", near: "{text}"')

    def error(self, reason: str) -> AwsError:
        """Return an error of this expression."""
        return invalid(f"Invalid {self._slot}: {reason}")


def reserved(name: str, tokens: Tokens) -> AwsError | None:
    """Return the error for a name that needs an alias, None if it needs none."""
    if name.upper() not in AWS_KEYWORDS:
        return None
    return tokens.error(f"Attribute name is a reserved keyword; reserved keyword: {name}")
