"""Play the web shop: the cut in S3 becomes traffic in a Kinesis stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from helpers.dataset.clean import RejectedRow, clean_blocks
from helpers.dataset.prefetch import prefetched
from helpers.events import COLUMNS, HEADER
from helpers.replay.batches import MAX_RECORD_BYTES, batches
from helpers.replay.errors import NothingToReplayError, UnknownPartitionKeyError
from helpers.replay.objects import object_chunks
from helpers.replay.pace import Pace
from helpers.replay.records import Outgoing, event_time, outgoing
from helpers.replay.sender import Backoff, Sender
from helpers.replay.ticks import Ticker

PREVIEW_ROWS = 20


@dataclass(frozen=True)
class ReplayReport:
    """What a replay did: `read` = `sent` + `rejected`.

    Attributes
    ----------
    read
        Rows of the object, malformed ones included.
    sent
        Records that Kinesis accepted.
    rejected
        Rows set aside: malformed, or larger than Kinesis takes.
    retried
        Records sent again.
    maybe_doubled
        Records that may be in the stream twice: their request failed without saying whether they were stored.
    reordered
        Records stored before an earlier one of the same key; see `helpers.replay.sender.Sender`.
    requests
        PutRecords calls.
    seconds
        From the first request to the last answer, the ticks that open and close the shards left out.
    lag_seconds
        The longest that an event waited beyond its time; 0 without a pace.
    first_event, last_event
        event_time of the first and last event sent, as in the file.
    per_shard
        Records accepted, by shard id.
    preview
        The first `PREVIEW_ROWS` rows set aside.
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


def replay(
    s3: Any,
    kinesis: Any,
    bucket: str,
    key: str,
    stream: str,
    *,
    speed: float | None = None,
    partition_key: str = "user_id",
    backoff: Backoff = Backoff(),  # noqa: B008 - immutable
    progress: Callable[[int], None] = lambda sent: None,
) -> ReplayReport:
    """Send every event of a cut to a stream, in the file's order, in constant memory.

    Between them go ticks (`helpers.replay.ticks`), which are no traffic and in none of the report's numbers.

    Parameters
    ----------
    s3, kinesis
        boto3 clients; `kinesis` best made with `helpers.replay.SENDING_CONFIG`, so that no retry is hidden.
    bucket, key
        The cut: CSV with the header of the Kaggle file.
    stream
        Name of the Kinesis stream.
    speed
        Seconds of event time in a second (60 plays a minute of the shop in a second); None is as fast as possible.
    partition_key
        Column that decides the shard. With `user_id` the events of a user stay in order.
    backoff
        What to do when Kinesis refuses.
    progress
        Called after each batch with the number of records sent.

    Raises
    ------
    ReplayError
        If object or stream are missing, a parameter is wrong, nothing can be sent, or Kinesis goes on refusing.
    """
    if partition_key not in COLUMNS:
        raise UnknownPartitionKeyError(partition_key, COLUMNS)
    sender = Sender(kinesis, stream, backoff)
    ticker = Ticker(kinesis, stream, backoff, sender)
    pace = None if speed is None else Pace(speed, while_waiting=ticker.keep_time)
    rows = _Rows(s3, bucket, key, partition_key)
    records = rows.records()
    earliest = next(records, None)
    if earliest is None:
        raise NothingToReplayError(f"s3://{bucket}/{key}", rows.rejected)
    first = last = event_time(earliest)
    ticker.open(first)
    began = time.monotonic()
    for batch in batches(chain([earliest], records), sender.is_wary, pace):
        sender.send(batch, sender.sent + 1)
        last = event_time(batch[-1])
        ticker.keep_time(last)
        progress(len(batch))
    seconds = time.monotonic() - began
    ticker.close(last)
    return ReplayReport(
        read=sender.sent + rows.rejected,
        sent=sender.sent,
        rejected=rows.rejected,
        retried=sender.retried,
        maybe_doubled=sender.maybe_doubled,
        reordered=sender.reordered,
        requests=sender.requests,
        seconds=seconds,
        lag_seconds=pace.lag_seconds if pace else 0.0,
        first_event=first,
        last_event=last,
        per_shard=dict(sorted(sender.per_shard.items())),
        preview=tuple(rows.preview),
    )


class _Rows:
    """The object's rows as records, and what had to be set aside."""

    def __init__(self, s3: Any, bucket: str, key: str, key_column: str) -> None:
        self.rejected = 0
        self.preview: list[RejectedRow] = []
        self._s3, self._bucket, self._key, self._key_column = s3, bucket, key, key_column

    def records(self) -> Iterator[Outgoing]:
        chunks = object_chunks(self._s3, self._bucket, self._key)
        first = next(chunks, b"")
        first_line_number = 1 + first.startswith(HEADER)

        def rows() -> Iterator[bytes]:
            yield first.removeprefix(HEADER)
            yield from chunks

        name = f"s3://{self._bucket}/{self._key}"
        with prefetched(clean_blocks(rows(), name, first_line_number)) as blocks:
            for block in blocks:
                for row in block.rejected:
                    self._set_aside(row)
                for record in outgoing(block.data, self._key_column):
                    if record[2] > MAX_RECORD_BYTES:
                        self._set_aside(_oversize(record))
                    else:
                        yield record

    def _set_aside(self, row: RejectedRow) -> None:
        self.rejected += 1
        if len(self.preview) < PREVIEW_ROWS:
            self.preview.append(row)


def _oversize(record: Outgoing) -> RejectedRow:
    _, head, size_bytes = record
    reason = f"a record of {size_bytes:,} bytes with its key; Kinesis takes {MAX_RECORD_BYTES:,}"
    return RejectedRow(0, "record size", reason, head)
