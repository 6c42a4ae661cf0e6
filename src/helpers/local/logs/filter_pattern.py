"""Filter patterns of CloudWatch Logs: terms, JSON selectors and columns.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from helpers.local.logs import column_pattern, json_pattern
from helpers.local.logs.checking import invalid
from helpers.local.logs.conditions import expression_of

Matcher = Callable[[str], bool]

_TERM = re.compile(
    r'\s*(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|%(?P<expression>[^%]+)%|(?P<word>[^\s"%]+))(?=\s|$)'
)
_WORD = re.compile(r"\w+")


def compiled(pattern: str) -> Matcher:
    """Return what tells whether a message matches `pattern`; upper and lower case differ.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is no pattern.
    """
    text = pattern.strip()
    if text.startswith("{"):
        return json_pattern.compiled(text)
    if text.startswith("["):
        return column_pattern.compiled(text)
    return _terms(text)


def _terms(text: str) -> Matcher:
    found: dict[str, list[Matcher]] = {"": [], "-": [], "?": []}
    end = 0
    while end < len(text):
        term = _TERM.match(text, end)
        if term is None:
            raise invalid("Invalid filter pattern")
        end = term.end()
        found[term["sign"]].append(_term(term))
    every, none, one = found[""], found["-"], found["?"]
    if every or none:
        # Beside others, optional terms do not count.
        return lambda message: all(f(message) for f in every) and not any(f(message) for f in none)
    return lambda message: not one or any(f(message) for f in one)


def _term(term: re.Match[str]) -> Matcher:
    if term["expression"] is not None:
        expression = expression_of(term["expression"])
        return lambda message: expression.search(message) is not None
    wanted = term["word"]
    if wanted is None:
        wanted = re.sub(r"\\(.)", r"\1", term["phrase"])
    elif not _WORD.fullmatch(wanted):
        raise invalid(f"Invalid character(s) in term '{wanted}'")
    return lambda message: wanted in message
