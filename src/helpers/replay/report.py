"""What a replay did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from helpers.dataset.clean import RejectedRow


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did, all its runs together if it was resumed: `read` = `sent` + `rejected`.

    Attributes
    ----------
    read
        Rows of the object, malformed ones included.
    sent
        Events that are in the stream.
    rejected
        Rows set aside: malformed, or larger than Kinesis takes.
    retried
        Events sent again because Kinesis had refused them.
    maybe_doubled
        Events that may be in the stream twice, at most: their request failed without saying whether they were
        stored, or a run was killed after it had sent them and before it had noted that.
    reordered
        Events stored before an earlier one of the same key; see `helpers.replay.sender.Sender`.
    requests
        PutRecords calls.
    seconds
        From the first request to the last answer, the ticks that open and close the shards left out.
    lag_seconds
        The longest that an event waited beyond its time; 0 without a pace.
    first_event, last_event
        event_time of the first and last event sent, as in the file.
    resumed_at
        Number of the event, from 1, with which the last run went on; None if it began at the beginning.
    per_shard
        Events by shard id.
    preview
        The first `helpers.replay.rows.PREVIEW_ROWS` rows that the last run set aside.
    """

    read: int
    sent: int
    rejected: int
    retried: int
    maybe_doubled: int
    reordered: int
    requests: int
    seconds: float
    lag_seconds: float
    first_event: str
    last_event: str
    resumed_at: int | None = None
    per_shard: dict[str, int] = field(default_factory=dict)
    preview: tuple[RejectedRow, ...] = ()

    @property
    def records_per_second(self) -> float:
        return self.sent / self.seconds

    def as_record(self) -> dict[str, Any]:
        """Return the replay as `run.json` has it; a replay that ends leaves no record failed."""
        return {
            "records": self.sent,
            "rejected": self.rejected,
            "retried": self.retried,
            "failed": 0,
            "seconds": round(self.seconds, 3),
            "records_per_second": round(self.records_per_second, 1),
        }
