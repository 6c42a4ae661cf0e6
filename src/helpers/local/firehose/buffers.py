"""Records that wait to be delivered together."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.local.firehose.records import Record


@dataclass
class Buffer:
    """Records, their size in bytes, and since when (by the monotonic clock) the oldest of them waits."""

    records: list[Record] = field(default_factory=list)
    size: int = 0
    since: float = 0.0

    def add(self, record: Record, now: float) -> None:
        if not self.records:
            self.since = now
        self.records.append(record)
        self.size += len(record.data)

    def take(self) -> list[Record]:
        """Return the records and leave the buffer empty."""
        records, self.records, self.size = self.records, [], 0
        return records

    def due_at(self, seconds: float) -> float | None:
        """Return when a buffer that may wait `seconds` is to be delivered, None if it is empty."""
        return self.since + seconds if self.records else None
