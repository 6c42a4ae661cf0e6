"""The Regex and Grok SerDes: the groups of a regular expression are the columns; a line that it does not fit is NULLs.

https://docs.aws.amazon.com/athena/latest/ug/regex-serde.html and
https://docs.aws.amazon.com/athena/latest/ug/grok-serde.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from helpers.local.athena.errors import BadDataError, CursorError
from helpers.local.athena.serde_text import csv_options, scalar
from helpers.local.athena.source import Source, quoted
from helpers.local.athena.storage import CountingFileSystem
from helpers.local.athena.text_files import preparation
from helpers.local.crawler.grok import GrokError, read_grok

# From a line to the values of the columns; None if it does not fit.
_Split = Callable[[str], Sequence[str | None] | None]
_DELIMITER, _NULL = "\x01", "\\N"
# Java writes a named group in another way; `(?<=` and `(?<!` look behind in both.
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z])")


def regex_reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads lines by `input.regex`."""
    pattern = source.parameters.get("input.regex", "")
    flags = re.IGNORECASE if source.parameters.get("input.regex.case.insensitive", "").lower() == "true" else 0
    try:
        expression = re.compile(_NAMED_GROUP.sub("(?P<", pattern), flags)
    except re.error as error:
        raise CursorError(f"{str(error).capitalize()}: {pattern}") from error
    if expression.groups != len(source.table.columns):
        raise CursorError("Number of matching groups doesn't match the number of columns")

    def split(line: str) -> Sequence[str | None] | None:
        found = expression.fullmatch(line)
        return found.groups() if found else None

    return _reader(source, filesystem, split)


def grok_reader(source: Source, filesystem: CountingFileSystem) -> str:
    """Return the SELECT that reads lines by `input.format`, a pattern of Grok."""
    parameters = source.parameters
    try:
        grok = read_grok(parameters.get("input.format", ""), parameters.get("input.grokCustomPatterns") or "")
    except GrokError as error:
        raise BadDataError(f"Invalid grok pattern: {error}") from error
    groups = [grok.groups.get(name) for name in source.table.columns]

    def split(line: str) -> Sequence[str | None] | None:
        found = grok.expression.search(line)
        return [found[group] if group else None for group in groups] if found else None

    return _reader(source, filesystem, split)


def _reader(source: Source, filesystem: CountingFileSystem, split: _Split) -> str:
    nothing = _DELIMITER.join([_NULL] * len(source.table.columns))

    def rewrite(content: memoryview) -> memoryview:
        lines = str(content, "utf-8", "replace").split("\n")
        if lines and not lines[-1]:
            lines.pop()
        written = []
        for line in lines:
            values = split(line.removesuffix("\r"))
            texts = nothing if values is None else _DELIMITER.join(_NULL if v is None else v for v in values)
            written.append(texts + "\n")
        return memoryview("".join(written).encode())

    number = filesystem.add_reader(preparation(rewrite))
    options = csv_options(source, _DELIMITER, quote="", escape="", null=_NULL)
    values = {
        name: quoted(name) if kind.name in ("varchar", "char") else scalar(quoted(name), kind)
        for name, kind in source.columns.items()
    }
    return source.select(values, source.scan("read_csv", number, options))
