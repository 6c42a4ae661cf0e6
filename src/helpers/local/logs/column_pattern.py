"""Filter patterns over columns: `[ip, user, ..., status = 4*, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable

from helpers.local.logs.checking import invalid
from helpers.local.logs.conditions import comparison

# A column is a word, or what stands between brackets or quotation marks.
_FIELD = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')
_PART = re.compile(r'(?:"[^"]*"|%[^%]+%|[^,"%])+')
_NAME = re.compile(r"[\w\-]+")
_CONDITION = re.compile(r'\s*(?P<name>[\w\-]+)\s*(?P<sign>!=|>=|<=|=|<|>)\s*(?P<value>"[^"]*"|%[^%]+%|[^\s"&|,]+)\s*')
_ELLIPSIS = "..."


def compiled(text: str) -> Callable[[str], bool]:
    """Return what tells whether a message has the columns of the pattern `text`.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is no pattern.
    """
    parts = _parts(text)
    tests = {part: _column(part) for part in parts if part != _ELLIPSIS}

    def matches(message: str) -> bool:
        placed = _placed(parts, message)
        return not parts or (placed is not None and all(tests[part](field) for part, field in placed))

    return matches


def named(text: str, message: str) -> dict[str, str]:
    """Return the columns of a message by the names that the pattern `text` gives them."""
    placed = _placed(_parts(text), message) or []
    return {found[0]: field for part, field in placed if (found := _NAME.match(part))}


def _parts(text: str) -> list[str]:
    text = text.strip()
    parts = [part.strip() for part in _PART.findall(text[1:-1].strip())]
    if not text.endswith("]") or parts.count(_ELLIPSIS) > 1:
        raise invalid("Invalid filter pattern")
    return parts


def _placed(parts: list[str], message: str) -> list[tuple[str, str]] | None:
    """Return each part of a pattern with its column, None if there are too few columns or too many."""
    fields = ["".join(groups) for groups in _FIELD.findall(message)]
    if _ELLIPSIS not in parts:
        return list(zip(parts, fields, strict=True)) if len(parts) == len(fields) else None
    cut = parts.index(_ELLIPSIS)
    before, after = parts[:cut], parts[cut + 1 :]
    if len(fields) < len(before) + len(after):
        return None
    tail = fields[len(fields) - len(after) :]
    return [*zip(before, fields, strict=False), *zip(after, tail, strict=True)]


def _column(part: str) -> Callable[[str], bool]:
    if not re.search(r"[=<>]", part):
        return lambda field: True
    choices = []
    for choice in part.split("||"):
        tests = []
        for condition in choice.split("&&"):
            found = _CONDITION.fullmatch(condition)
            if found is None:
                raise invalid("Invalid filter pattern")
            tests.append(comparison(found["sign"], found["value"]))
        choices.append(tests)
    return lambda field: any(all(test(field) for test in tests) for tests in choices)
