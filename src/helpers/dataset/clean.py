"""Turn blocks of raw bytes into blocks of clean events, setting malformed lines aside.

A row is a line of the file that is not blank, malformed or not: the first N rows are the first N
such lines, and rows read = rows kept + rows rejected. Blank lines are no rows, as in every CSV
reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from helpers.dataset.errors import LineTooLongError
from helpers.dataset.scan import scan
from helpers.events import judge

# A line of events has 134 bytes; one beyond this means a file of another kind.
MAX_LINE_BYTES = 1024 * 1024

_NEWLINE = ord("\n")
_SIMPLE_QUOTES = re.compile(rb'(?<![^,\n])"([^",\r\n]*)"(?=[,\n])')


@dataclass(frozen=True)
class RejectedRow:
    """A malformed line.

    Attributes
    ----------
    line_number
        Where it stands in the file, counted from 1, the header included.
    kind
        Class of the problem, to count by.
    reason
        The problem in words.
    line
        Its bytes, without the line end.
    """

    line_number: int
    kind: str
    reason: str
    line: bytes

    @property
    def text(self) -> str:
        r"""The line as text, bytes that are not UTF-8 shown as `\xff`."""
        return self.line.decode("utf-8", errors="backslashreplace")


@dataclass(frozen=True)
class CleanBlock:
    """Some consecutive rows.

    Attributes
    ----------
    data
        The well-formed rows in the file's order, canonical CSV, each ended by LF.
    rows
        How many.
    rejected
        The malformed ones among them.
    blank_lines, carriage_returns, negative_prices
        Blank lines left out, CRLF line ends made LF, rows kept whose price is below zero.
    unended_line
        The last line of the file has no line end, so it may have been cut.
    """

    data: bytes
    rows: int
    rejected: list[RejectedRow] = field(default_factory=list)
    blank_lines: int = 0
    carriage_returns: int = 0
    negative_prices: int = 0
    unended_line: bool = False


def clean_blocks(
    chunks: Iterable[bytes], name: str, first_line_number: int = 1, rows: int | None = None
) -> Iterator[CleanBlock]:
    """Check rows block by block.

    Parameters
    ----------
    chunks
        The file's bytes from a line's start on, cut anywhere, each at most `MAX_LINE_BYTES`.
    name
        The file, for messages.
    first_line_number
        Number of the first line in `chunks`.
    rows
        Stop after so many rows, rejected ones included; None for all.

    Raises
    ------
    LineTooLongError
        If a line is longer than `MAX_LINE_BYTES`.
    """
    line_number, wanted = first_line_number, rows
    for lines in whole_lines(chunks):
        if lines is None:
            raise LineTooLongError(name, line_number, MAX_LINE_BYTES)
        unended = not lines.endswith(b"\n")
        if unended:
            lines = lines.removesuffix(b"\r") + b"\n"
        while lines and wanted != 0:
            part = lines if wanted is None else _first_lines(lines, wanted)
            lines = lines[len(part) :]
            block = _clean(part, line_number)
            line_number += block.rows + len(block.rejected) + block.blank_lines
            if wanted is not None:
                wanted -= block.rows + len(block.rejected)
            yield replace(block, unended_line=True) if unended else block
        if wanted == 0:
            return


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Cut the chunks anew where lines end; a last line without line end comes alone, None for one too long."""
    rest = b""
    for chunk in chunks:
        first_line = (chunk.find(b"\n") + 1) or len(chunk)
        if len(rest) + first_line > MAX_LINE_BYTES:
            yield None
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
    if rest:
        yield rest


def _first_lines(lines: bytes, count: int) -> bytes:
    # A line has at least its newline, so most blocks need no count.
    if len(lines) <= count or lines.count(b"\n") <= count:
        return lines
    ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == _NEWLINE)
    return lines[: int(ends[count - 1]) + 1]


def _clean(lines: bytes, line_number: int) -> CleanBlock:
    carriage_returns = lines.count(b"\r\n") if b"\r" in lines else 0
    if carriage_returns:
        lines = lines.replace(b"\r\n", b"\n")
    text = _SIMPLE_QUOTES.sub(rb"\1", lines) if b'"' in lines else lines
    ends, sure = scan(text)
    if sure.all():
        return CleanBlock(text, len(ends), carriage_returns=carriage_returns)

    # The quotes' removal moves no line, so line i of `lines` is line i of `text`.
    original_ends = ends if text is lines else np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == _NEWLINE)
    pieces: list[bytes] = []
    rejected: list[RejectedRow] = []
    blank_lines = negative_prices = done = 0
    for i in np.flatnonzero(~sure).tolist():
        pieces.append(text[done : int(ends[i - 1]) + 1 if i else 0])
        done = int(ends[i]) + 1
        line = lines[int(original_ends[i - 1]) + 1 if i else 0 : int(original_ends[i])]
        if not line:
            blank_lines += 1
            continue
        verdict = judge(line)
        if verdict.kind:
            rejected.append(RejectedRow(line_number + i, verdict.kind, verdict.reason, line))
        else:
            negative_prices += verdict.negative_price
            pieces.append(verdict.line + b"\n")
    pieces.append(text[done:])
    rows = len(ends) - len(rejected) - blank_lines
    return CleanBlock(b"".join(pieces), rows, rejected, blank_lines, carriage_returns, negative_prices)
