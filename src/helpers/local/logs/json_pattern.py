"""Filter patterns over JSON: `{ ($.level = "ERROR") && ($.duration > 100) }`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from helpers.local.logs.checking import invalid
from helpers.local.logs.conditions import comparison

Condition = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.(?:[\w\-@]+|\*)|\[\s*(?:\d+|\*|'[^']*'|"[^"]*")\s*\])+)
      | (?P<logic>&&|\|\||\(|\))
      | (?P<sign>!=|>=|<=|=|<|>)
      | (?P<state>IS\s+(?:TRUE|FALSE|NULL)|NOT\s+EXISTS|EXISTS)
      | (?P<value>"(?:[^"\\]|\\.)*"|%[^%]+%|[^\s"%()&|]+)
    )\s*""",
    re.VERBOSE,
)
_STEP = re.compile(r"""\.([\w\-@]+|\*)|\[\s*(\d+|\*|'[^']*'|"[^"]*")\s*\]""")
_STATES: dict[str, Callable[[list[Any]], bool]] = {
    "IS TRUE": lambda found: any(value is True for value in found),
    "IS FALSE": lambda found: any(value is False for value in found),
    "IS NULL": lambda found: any(value is None for value in found),
    "EXISTS": bool,
    "NOT EXISTS": lambda found: not found,
}


def compiled(text: str) -> Callable[[str], bool]:
    """Return what tells whether a message is a JSON object that matches the pattern `text`.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is no pattern.
    """
    if not text.endswith("}"):
        raise invalid("Invalid filter pattern")
    tokens = _Tokens(text[1:-1])
    try:
        condition = _either(tokens)
    except RecursionError as error:
        raise invalid("Invalid filter pattern") from error
    if tokens.kind() is not None:
        raise invalid("Invalid filter pattern")

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict | list) and condition(document)

    return matches


class _Tokens:
    """The tokens of a pattern that are still to be read."""

    def __init__(self, text: str) -> None:
        self._left: list[tuple[str, str]] = []
        end = 0
        while end < len(text.rstrip()):
            token = _TOKEN.match(text, end)
            if token is None or token.lastgroup is None:
                raise invalid("Invalid filter pattern")
            end = token.end()
            self._left.append((token.lastgroup, token[token.lastgroup]))

    def kind(self) -> str | None:
        return self._left[0][0] if self._left else None

    def take(self, kind: str, *texts: str) -> str | None:
        """Return the next token if it is of this kind, and one of these, else None."""
        if not self._left or self._left[0][0] != kind or (texts and self._left[0][1] not in texts):
            return None
        return self._left.pop(0)[1]


def _either(tokens: _Tokens) -> Condition:
    found = [_both(tokens)]
    while tokens.take("logic", "||"):
        found.append(_both(tokens))
    return lambda document: any(condition(document) for condition in found)


def _both(tokens: _Tokens) -> Condition:
    found = [_one(tokens)]
    while tokens.take("logic", "&&"):
        found.append(_one(tokens))
    return lambda document: all(condition(document) for condition in found)


def _one(tokens: _Tokens) -> Condition:
    if tokens.take("logic", "("):
        inner = _either(tokens)
        if not tokens.take("logic", ")"):
            raise invalid("Invalid filter pattern")
        return inner
    selector = tokens.take("selector")
    if selector is None:
        raise invalid("Invalid filter pattern")
    steps = _steps(selector)
    state = tokens.take("state")
    if state is not None:
        holds = _STATES[" ".join(state.split())]
        return lambda document: holds(_selected(document, steps))
    sign, value = tokens.take("sign"), tokens.take("value")
    if sign is None or value is None:
        raise invalid("Invalid filter pattern")
    test = comparison(sign, value)
    return lambda document: any(map(test, _selected(document, steps)))


def selected(document: Any, selector: str) -> list[Any]:
    """Return what a selector, `$.a.b[0]` for one, finds in a document."""
    return _selected(document, _steps(selector))


def _steps(selector: str) -> list[str]:
    return [name or index.strip("'\"") for name, index in _STEP.findall(selector)]


def _selected(document: Any, steps: list[str]) -> list[Any]:
    found = [document]
    for step in steps:
        found = [inner for value in found for inner in _inside(value, step)]
    return found


def _inside(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    if isinstance(value, list):
        if step == "*":
            return value
        return [value[int(step)]] if step.isdecimal() and int(step) < len(value) else []
    return []
