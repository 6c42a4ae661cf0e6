"""A straight line through what was measured at several sizes, and how far each is from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Line:
    """`fixed` plus `each` for every event."""

    fixed: float
    each: float

    def at(self, events: int) -> float:
        """Return the line's value."""
        return self.fixed + self.each * events

    def furthest(self, points: Mapping[int, float]) -> float:
        """Return how far the furthest point is from the line, as a part of the line's value there."""
        return max(abs(value / self.at(events) - 1) for events, value in points.items())


def straight_line(points: Mapping[int, float]) -> Line:
    """Fit a line that is as near as can be to the points in proportion, so that the small sizes count as well.

    Least squares of the relative distances; through two points it goes exactly.

    Parameters
    ----------
    points
        Two or more values above zero, by number of events.
    """
    events, values = np.array(list(points), dtype=float), np.array(list(points.values()))
    each, fixed = np.polyfit(events, values, 1, w=1 / values)
    return Line(float(fixed), float(each))
