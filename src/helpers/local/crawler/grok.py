"""Grok classifiers: named regular expressions over one line at a time.

https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-grok
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from helpers.local.crawler.grok_patterns import BUILT_IN
from helpers.local.crawler.schema import FoundSchema

if TYPE_CHECKING:
    from helpers.local.crawler.heads import Head

GROK_SERDE = "com.amazonaws.glue.serde.GrokSerDe"
_REFERENCE = re.compile(r"%\{(?P<name>\w+)(?::(?P<column>[^:;}]+)(?:[:;](?P<type>\w+)[^}]*)?)?\}")
_TYPES = {
    "byte": "tinyint", "boolean": "boolean", "double": "double", "short": "smallint", "int": "int", "long": "bigint",
    "float": "float", "string": "string",
}  # fmt: skip
_LINES_READ = 1000
_DEEPEST = 50


class GrokError(ValueError):
    """A pattern cannot be read; its text says which and why."""


@dataclass(frozen=True)
class Grok:
    """A pattern as a regular expression, and the types of its columns and their groups in it, by name."""

    expression: re.Pattern[str]
    columns: Mapping[str, str]
    groups: Mapping[str, str]


@cache
def read_grok(pattern: str, custom_patterns: str = "") -> Grok:
    """Return a pattern ready to match lines.

    Parameters
    ----------
    pattern
        With references such as `%{NUMBER:num:int}`.
    custom_patterns
        More named patterns, a name and an expression a line.

    Raises
    ------
    GrokError
        If it refers to a pattern that does not exist or to a type that is none, or is no regular expression.
    """
    named = _named(BUILT_IN) | _named(custom_patterns)
    columns: dict[str, str] = {}
    groups: dict[str, str] = {}

    def expand(text: str, depth: int) -> str:
        if depth > _DEEPEST:
            raise GrokError("the patterns refer to each other without end")

        def replaced(found: re.Match[str]) -> str:
            if found["name"] not in named:
                raise GrokError(f"there is no pattern {found['name']}")
            column, kind = found["column"], found["type"] or "string"
            if column is not None and column != "UNWANTED":
                if kind not in _TYPES:
                    raise GrokError(f"{kind} is no data type of a grok pattern")
                if column.lower() not in columns:
                    columns[column.lower()], group = _TYPES[kind], f"column{len(columns)}"
                    groups[column.lower()] = group
                    return f"(?P<{group}>{expand(named[found['name']], depth + 1)})"
            return f"(?:{expand(named[found['name']], depth + 1)})"

        return _REFERENCE.sub(replaced, text)

    try:
        return Grok(re.compile(expand(pattern, 0)), columns, groups)
    except re.error as error:
        raise GrokError(f"it is no regular expression: {error}") from error


def custom(head: Head, classifier: Mapping[str, Any]) -> FoundSchema | None:
    """Classify a file by a grok classifier; None if one of its lines does not fit, or it has none."""
    pattern, custom_patterns = classifier["GrokPattern"], classifier.get("CustomPatterns") or ""
    grok = read_grok(pattern, custom_patterns)
    lines = head.lines()[:_LINES_READ]
    if not lines or not all(grok.expression.search(line) for line in lines):
        return None
    return FoundSchema(
        classifier["Classification"],
        grok.columns,
        head.compression,
        GROK_SERDE,
        record_bytes=sum(len(line.encode()) + 1 for line in lines) / len(lines),
        grok=(pattern, custom_patterns),
    )


def _named(text: str) -> dict[str, str]:
    lines = [line.strip().partition(" ") for line in text.splitlines() if line.strip()]
    return {name: expression.strip() for name, _, expression in lines}
