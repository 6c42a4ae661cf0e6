"""Filter patterns over columns: `[ip, user, ..., status = 4*, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable

from helpers.local.logs.checking import invalid
from helpers.local.logs.conditions import comparison

# A column is a word, or what stands between brackets or quotation marks.
_FIELD = re.compile(r'\[(?P<bracket>[^\]]*)\]|"(?P<quoted>[^"]*)"|(?P<word>\S+)')
_CONDITION = re.compile(r'\s*(?P<name>[\w\-]+)\s*(?P<sign>!=|>=|<=|=|<|>)\s*(?P<value>"[^"]*"|%[^%]+%|[^\s"&|,]+)\s*')
_ELLIPSIS = "..."

Column = Callable[[str], bool]


def compiled(text: str) -> Callable[[str], bool]:
    """Return what tells whether a message has the columns of the pattern `text`.

    Raises
    ------
    AwsError
        `InvalidParameterException` if it is no pattern.
    """
    if not text.endswith("]"):
        raise invalid("Invalid filter pattern")
    inner = text[1:-1].strip()
    parts = [part.strip() for part in re.findall(r'(?:"[^"]*"|%[^%]+%|[^,"%])+', inner)]
    if parts.count(_ELLIPSIS) > 1:
        raise invalid("Invalid filter pattern")
    cut = parts.index(_ELLIPSIS) if _ELLIPSIS in parts else None
    before = [_column(part) for part in parts[:cut]]
    after = [] if cut is None else [_column(part) for part in parts[cut + 1 :]]

    def matches(message: str) -> bool:
        fields = [
            next(group for group in found if group is not None) for found in map(_groups, _FIELD.finditer(message))
        ]
        if not parts:
            return True
        if len(fields) < len(before) + len(after) or (cut is None and len(fields) > len(before)):
            return False
        tail = fields[len(fields) - len(after) :] if after else []
        return all(test(field) for test, field in zip([*before, *after], [*fields[: len(before)], *tail], strict=True))

    return matches


def _groups(found: re.Match[str]) -> tuple[str | None, ...]:
    return found.groups()


def _column(part: str) -> Column:
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
