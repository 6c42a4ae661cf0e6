"""The statements of a SQL paragraph, split as Zeppelin's Flink interpreter splits them."""

from __future__ import annotations

import re

# A quoted text, a quoted name, a comment, or the end of a statement.
_TOKEN = re.compile(r"'(?:[^']|'')*'|`[^`]*`|--[^\n]*|/\*.*?\*/|;", re.DOTALL)


def split_statements(text: str) -> list[str]:
    """Return the statements of `text` without comments, empty ones left out."""
    statements, current, position = [], "", 0
    for token in _TOKEN.finditer(text):
        current += text[position : token.start()]
        position = token.end()
        if token[0] == ";":
            statements.append(current.strip())
            current = ""
        elif not token[0].startswith(("--", "/*")):
            current += token[0]
    statements.append((current + text[position:]).strip())
    return [statement for statement in statements if statement]
