"""Joda's patterns of format_datetime and parse_datetime, as DuckDB's strftime patterns."""

from __future__ import annotations

import re

from helpers.local.athena.errors import ExecutionError

# The longest first: `yyyy` before `yy`.
_LETTERS = {
    "yyyy": "%Y", "YYYY": "%Y", "y": "%Y", "yy": "%y", "xxxx": "%G", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "DDD": "%j", "D": "%-j", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "e": "%u",
    "ww": "%V", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSSSSS": "%f", "SSS": "%g", "a": "%p", "Z": "%z", "ZZ": "%z", "ZZZ": "%Z", "z": "%Z", "zzz": "%Z",
}  # fmt: skip
_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+")


def to_strftime(pattern: str) -> str:
    """Return the strftime pattern of a Joda pattern.

    Raises
    ------
    ExecutionError
        If it has a letter that is not known.
    """
    parts = []
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if text.startswith("'"):
            parts.append("'" if text == "''" else text[1:-1].replace("''", "'"))
        elif token[1]:
            if text not in _LETTERS:
                raise ExecutionError("INVALID_FUNCTION_ARGUMENT", f"Illegal pattern component: {text}")
            parts.append(_LETTERS[text])
        else:
            parts.append(text.replace("%", "%%"))
    return "".join(parts)
