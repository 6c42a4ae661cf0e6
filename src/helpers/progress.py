"""A progress bar that updates one output of a notebook in place, and leaves one line behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from IPython.core.display_functions import display

_WIDTH = 30
_UPDATE_SECONDS = 0.2


class Bar:
    """Counts up to `total`, or without an end if that is None; `add` is what to call."""

    def __init__(self, total: int | None, unit: str) -> None:
        self.total = total
        self.unit = unit
        self.done = 0
        self._began = self._shown = time.monotonic()
        self._handle = display(_Line(self._text()), display_id=True)

    def add(self, count: int, *_: int) -> None:
        """Add to the count; further arguments, such as bytes, are ignored."""
        self.done += count
        now = time.monotonic()
        if now - self._shown >= _UPDATE_SECONDS:
            self._shown = now
            self._handle.update(_Line(self._text()))

    def close(self) -> None:
        """Show the last state."""
        self._handle.update(_Line(self._text()))

    def _text(self) -> str:
        seconds = max(time.monotonic() - self._began, 1e-9)
        rate = f"{self.done:,} {self.unit} · {self.done / seconds:,.0f} {self.unit}/s · {seconds:.1f} s"
        if not self.total:
            return rate
        filled = min(_WIDTH, round(_WIDTH * self.done / self.total))
        return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {rate}"


class _Line:
    """A text shown without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@contextmanager
def bar(total: int | None, unit: str) -> Iterator[Bar]:
    """Show a progress bar for as long as the block runs."""
    shown = Bar(total, unit)
    try:
        yield shown
    finally:
        shown.close()
