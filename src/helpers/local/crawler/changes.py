"""What a crawl did to the Data Catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Changes:
    """How many tables a crawl made, changed and took away."""

    created: int = 0
    updated: int = 0
    deleted: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(self.created + other.created, self.updated + other.updated, self.deleted + other.deleted)
