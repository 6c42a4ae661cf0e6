"""What the picture of a dashboard cannot show."""

from __future__ import annotations

from helpers.errors import LabError


class NotDrawnError(LabError):
    """A part of a definition has no counterpart in the picture."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The picture cannot show {what}: Quick Sight can, so look at the dashboard there.")
