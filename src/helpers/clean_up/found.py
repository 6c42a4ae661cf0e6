"""What a search through the account gives: things to delete, things left alone, services that did not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Found:
    """One thing that the lab made, and the way to delete it.

    Parameters
    ----------
    service, kind
        What AWS calls them: `Kinesis`, `stream`.
    name, arn
        Name within the service; the ARN is empty where a kind has none.
    delete
        Deletes it and waits until it is gone. Does nothing if it is gone already.
    hourly_usd
        What it costs an hour as it is.
    detail
        What the price is made of: `2 shards`.
    """

    service: str
    kind: str
    name: str
    arn: str
    delete: Callable[[], None] = field(repr=False, compare=False)
    hourly_usd: float = 0.0
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.service} {self.kind} {self.name}"


@dataclass(frozen=True)
class LeftAlone:
    """Something whose name begins as the lab's names do, and that the lab did not make."""

    service: str
    kind: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.service} {self.kind} {self.name} looks similar and is left alone: {self.reason}"


@dataclass(frozen=True)
class Unseen:
    """A service that could not be searched, with AWS's own words."""

    service: str
    reason: str

    def __str__(self) -> str:
        return f"{self.service} could not be searched: {self.reason}"


@dataclass(frozen=True)
class Failure:
    """A deletion that AWS refused, with its words."""

    found: Found
    reason: str

    def __str__(self) -> str:
        return f"{self.found} is still there: {self.reason}"


@dataclass
class Survey:
    """All that a search found, in the order in which it can be deleted."""

    found: list[Found] = field(default_factory=list)
    left_alone: list[LeftAlone] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def hourly_usd(self) -> float:
        """What everything found costs an hour."""
        return sum(each.hourly_usd for each in self.found)

    @property
    def is_clean(self) -> bool:
        """Whether every service answered, and nothing was there."""
        return not self.found and not self.unseen

    def table(self) -> pd.DataFrame:
        """Return what was found.

        Returns
        -------
        DataFrame
            `service`, `kind`, `name`, `detail` (str) and `per hour $` (float64), in order of deletion.
        """
        rows = [(each.service, each.kind, each.name, each.detail, each.hourly_usd) for each in self.found]
        table = pd.DataFrame(rows, columns=["service", "kind", "name", "detail", "per hour $"])
        return table.astype({"per hour $": "float64"})
