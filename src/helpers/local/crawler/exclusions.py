"""Exclusion patterns of an S3 target.

https://docs.aws.amazon.com/glue/latest/dg/define-crawler.html#crawler-data-stores-exclude
"""

from __future__ import annotations

import re
from functools import cache


@cache
def exclusion(pattern: str) -> re.Pattern[str]:
    r"""Return a glob as a regular expression over the key below the include path.

    `*` and `?` stay within one folder, `**` does not; `[a-c]`, `[!a-c]` and `{x,y}` are sets and
    alternatives; a backslash takes the next character as it is.
    """
    text = pattern.strip().removeprefix("/")
    parts: list[str] = []
    position, in_braces = 0, False
    while position < len(text):
        character = text[position]
        end = text.find("]", position + 2) if character == "[" else -1
        if end > 0:
            negated = text[position + 1] == "!"
            inner = text[position + 1 + negated : end].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
            parts.append(f"(?!/)[{'^' if negated else ''}{inner}]")
            position = end
        elif text.startswith("**", position):
            parts.append(".*")
            position += 1
        elif character == "\\" and position + 1 < len(text):
            position += 1
            parts.append(re.escape(text[position]))
        elif character == "{" and "}" in text[position:]:
            parts.append("(?:")
            in_braces = True
        elif in_braces and character in ",}":
            parts.append("|" if character == "," else ")")
            in_braces = character == ","
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
        position += 1
    return re.compile("".join(parts), re.DOTALL)
