"""One row of the benchmark's table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Bound = Literal["client", "emulator", "Flink", "disk", "memory", "none"]


@dataclass(frozen=True)
class Scale:
    """How large a benchmark is.

    Attributes
    ----------
    folder
        Where it may write; emptied by whoever made it.
    runs
        How often each figure is measured; the median counts.
    share
        Part of the full sizes (1 million events to replay, 7 million rows to cut): 1.0, or less in a test.
    shared
        Where the parts of one benchmark keep what they all need; None for a part alone.
    """

    folder: Path
    runs: int = 3
    share: float = 1.0
    shared: Path | None = None

    def of(self, full: int) -> int:
        """Return the part of a full size, at least 1."""
        return max(1, round(full * self.share))


@dataclass(frozen=True)
class Figure:
    """What was measured, side by side with what it is measured against.

    Attributes
    ----------
    name
        What, in a few words.
    against
        What it is measured against; empty if the figure is held to a bound of its own.
    unit
        Of `ours` and `baseline`, such as `events/s`, `s`, `MB`.
    ours, baseline
        One value a run, in the runs' order; `baseline` is empty if there is none.
    target
        What the median ratio (or the median of `ours`, without a baseline) has to reach.
    more_is_better
        Whether it must be at least `target`, or at most.
    bound
        What stops it from being better, as measured.
    why
        The measurement that shows the bound, in a sentence.
    on_aws
        What the figure would be on AWS, in a sentence with its source.
    details
        Further numbers worth keeping, by name with unit.
    """

    name: str
    against: str
    unit: str
    ours: Sequence[float]
    baseline: Sequence[float]
    target: float
    more_is_better: bool
    bound: Bound
    why: str
    on_aws: str
    details: dict[str, float] = field(default_factory=dict)

    @property
    def result(self) -> float:
        """The median over the runs: of ours / baseline, run by run, or of ours alone."""
        if not self.baseline:
            return statistics.median(self.ours)
        return statistics.median(ours / base for ours, base in zip(self.ours, self.baseline, strict=True))

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.result >= self.target if self.more_is_better else self.result <= self.target
