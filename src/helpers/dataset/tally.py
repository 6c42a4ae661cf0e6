"""What there is to say about a cut once all its blocks have gone by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from helpers.dataset.clean import CleanBlock, RejectedRow
from helpers.dataset.source import Source
from helpers.dataset.times import time_span

PREVIEW_ROWS = 20


class Tally:
    """Sums over the blocks of a cut."""

    def __init__(self) -> None:
        self.rows = self.rejected = self.size_bytes = 0
        self.blank_lines = self.carriage_returns = self.negative_prices = self.out_of_order = 0
        self.unended_line = False
        self.first_event = self.last_event = self._closing = ""
        self.reasons: Counter[str] = Counter()
        self.preview: list[RejectedRow] = []

    def add(self, block: CleanBlock) -> None:
        """Count a block; blocks come in the file's order."""
        self.rows += block.rows
        self.rejected += len(block.rejected)
        self.size_bytes += len(block.data)
        self.blank_lines += block.blank_lines
        self.carriage_returns += block.carriage_returns
        self.negative_prices += block.negative_prices
        self.unended_line |= block.unended_line
        self.reasons.update(row.kind for row in block.rejected)
        self.preview += block.rejected[: PREVIEW_ROWS - len(self.preview)]
        if block.rows:
            span = time_span(block.data)
            self.out_of_order += span.out_of_order + (span.opening < self._closing)
            self._closing = span.closing
            self.first_event = min(self.first_event or span.earliest, span.earliest)
            self.last_event = max(self.last_event, span.latest)

    def notes(self, source: Source) -> Iterator[str]:
        """Yield what else was mended or deserves a look, one sentence each."""
        if not source.has_header:
            yield "The file has no header; the cut has one."
        if source.has_bom:
            yield "The byte order mark at the start was left out."
        if self.carriage_returns:
            yield f"Lines that ended with CRLF and now end with LF: {self.carriage_returns:,}."
        if self.blank_lines:
            yield f"Blank lines left out, as they are no rows: {self.blank_lines:,}."
        if self.negative_prices:
            yield f"Rows with a negative price, kept as they are: {self.negative_prices:,}."
        if self.out_of_order:
            yield f"Rows earlier than the row before them, kept in the file's order: {self.out_of_order:,}."
        if self.unended_line:
            yield "The last line has no line end, so it may be cut off; it counts like any other row."
