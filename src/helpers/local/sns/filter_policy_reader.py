"""The rules of a filter policy, read as AWS's parser reads them.

AWS reads a policy, lays it out without spaces and hands it to the parser of its event rules, whose messages end
with the place where that parser stands: a column, counted from 1, after the last character that was read. A text is
entered by its opening quote and read when it is asked for; a key is read together with what begins its value.

Source: "Amazon SNS subscription filter policies"
(https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html) and AWS's own answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from helpers.local.sns.protocol import ApiError, invalid

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]|[^\[\]{}",:]+')
_TEXT_RULES = ("prefix", "suffix", "equals-ignore-case", "wildcard", "cidr")


def is_or(key: str, rules: Any) -> bool:
    """Return whether a key is the operator `$or`: it holds two objects or more, none of them a rule."""
    if key != "$or" or not isinstance(rules, list) or len(rules) < 2:
        return False
    reserved = {*_TEXT_RULES, "anything-but", "numeric", "exists"}
    return all(isinstance(member, dict) and not reserved & member.keys() for member in rules)


@dataclass(frozen=True)
class _Token:
    """One token of a policy: `entered` and `read` are the columns of the parser before and after its text is read."""

    text: str
    is_key: bool
    entered: int
    read: int

    @property
    def is_text(self) -> bool:
        return self.text.startswith('"') and not self.is_key

    @property
    def is_number(self) -> bool:
        return self.text[0] in "-0123456789"

    @property
    def value(self) -> str:
        return str(json.loads(self.text)) if self.text.startswith('"') else self.text


class Reader:
    """Reads a policy as AWS's parser does, and refuses it where that parser would."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where = text, where
        self._tokens = _tokens(text)

    def read(self) -> None:
        """Raise `ApiError` for the first rule that AWS does not take."""
        next(self._tokens)
        self._object()

    def _object(self) -> None:
        while (key := next(self._tokens)).text != "}":
            value = next(self._tokens)
            if value.text == "{":
                self._object()
            elif value.text == "[":
                self._alternatives() if self._begins_or(key) else self._rules()
            else:
                raise self._refusal(f'"{key.value}" must be an object or an array', value)

    def _begins_or(self, key: _Token) -> bool:
        if key.value != "$or":
            return False
        rest = json.JSONDecoder().raw_decode(self._text, key.read - 1 + len(":"))[0]
        return is_or("$or", rest)

    def _alternatives(self) -> None:
        while next(self._tokens).text != "]":
            self._object()

    def _rules(self) -> None:
        empty = True
        while (token := next(self._tokens)).text != "]":
            empty = False
            if token.text == "{":
                self._rule()
            elif token.text == "[":
                raise self._refusal("Match value must be String, number, true, false, or null", token)
        if empty:
            raise self._refusal("Empty arrays are not allowed", token)

    def _rule(self) -> None:
        key = next(self._tokens)
        name = key.value
        if name in _TEXT_RULES:
            self._text_of(name)
        elif name == "numeric":
            self._numeric()
        elif name == "anything-but":
            self._anything_but()
        elif name == "exists":
            self._exists()
        elif key.is_key:
            raise self._refusal(f"Unrecognized match type {name}", key)
        else:
            raise self._refusal("Match expression name not found", key)
        self._end_of_rule()

    def _end_of_rule(self) -> None:
        token = next(self._tokens)
        if token.text != "}":
            raise self._refusal("Only one key allowed in match expression", token)

    def _text_of(self, name: str) -> None:
        token = next(self._tokens)
        if not token.is_text:
            raise self._refusal(f"{name} match pattern must be a string", token)

    def _exists(self) -> None:
        token = next(self._tokens)
        if token.text not in ("true", "false"):
            raise self._refusal("exists match pattern must be either true or false.", token)

    def _anything_but(self) -> None:
        token = next(self._tokens)
        if token.text == "{":
            key = next(self._tokens)
            if key.value != "prefix":
                raise self._refusal(f"Unsupported anything-but pattern: {key.value}", key)
            self._text_of("prefix")
            self._end_of_rule()
        elif token.text == "[":
            while (token := next(self._tokens)).text != "]":
                if not (token.is_text or token.is_number):
                    raise self._refusal("Inside anything but list, start|null|boolean is not supported.", token)
        elif not (token.is_text or token.is_number):
            message = "Value of anything-but must be an array or single string/number value."
            raise self._refusal(message, token)

    def _numeric(self) -> None:
        token = next(self._tokens)
        if token.text != "[":
            raise self._refusal("Value of numeric must be an array.", token)
        token = next(self._tokens)
        if not token.is_text:
            raise self._refusal(f"Invalid member in numeric match: {token.value}", token)
        operator, value = token.value, next(self._tokens)
        if operator not in ("=", "<", "<=", ">", ">="):
            raise self._refusal(f"Unrecognized numeric range operator: {operator}", value)
        if not value.is_number:
            raise self._refusal(f"Value of {'equals' if operator == '=' else operator} must be numeric", value)
        token = next(self._tokens)
        if token.text == "]":
            return
        if operator not in (">", ">="):
            raise self._refusal("Too many elements in numeric expression", token)
        self._upper_bound(value, token)

    def _upper_bound(self, bottom: _Token, operator: _Token) -> None:
        if not operator.is_text:
            raise self._refusal(f"Bad value in numeric range: {operator.value}", operator)
        if operator.value not in ("<", "<="):
            raise self._refusal(f"Bad numeric range operator: {operator.value}", operator, operator.read)
        top = next(self._tokens)
        if not top.is_number:
            raise self._refusal(f"Value of {operator.value} must be numeric", top)
        end = next(self._tokens)
        if end.text != "]":
            raise self._refusal("Too many terms in numeric range expression", end)
        if float(bottom.text) >= float(top.text):
            raise self._refusal("Bottom must be less than top", end)

    def _refusal(self, reason: str, token: _Token, column: int | None = None) -> ApiError:
        place = f'[Source: (String)"{self._text}"; line: 1, column: {column or token.entered}]'
        return invalid(f"{self._where}FilterPolicy: {reason}\n at {place}")


def _tokens(text: str) -> Iterator[_Token]:
    found = list(_TOKEN.finditer(text))
    for number, match in enumerate(found):
        is_key = text[match.end() : match.end() + 1] == ":"
        begun = found[number + 1] if is_key else match
        entered = begun.start() + 1 if begun[0].startswith('"') else begun.end()
        yield _Token(match[0], is_key, entered + 1, match.end() + 1)
