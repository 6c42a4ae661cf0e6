"""Play the web shop: the cut in S3 becomes traffic in a Kinesis stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from helpers.events import COLUMNS
from helpers.replay.aggregate_sender import AggregateSender
from helpers.replay.batches import Batch, batches
from helpers.replay.checkpoint import CheckpointStore, Counts, Identity
from helpers.replay.errors import NothingToReplayError, ReplayStoppedError, UnknownPartitionKeyError
from helpers.replay.lease import Lease, Progress
from helpers.replay.objects import SourceObject, find_object
from helpers.replay.pace import Pace
from helpers.replay.put_records import whole_put_records
from helpers.replay.records import Outgoing, event_time
from helpers.replay.report import ReplayReport
from helpers.replay.rows import Rows
from helpers.replay.sender import Backoff, Sender
from helpers.replay.shards import stream_created
from helpers.replay.ticks import Ticker


def replay(
    s3: Any,
    kinesis: Any,
    bucket: str,
    key: str,
    stream: str,
    *,
    speed: float | None = None,
    partition_key: str = "user_id",
    aggregate: bool = False,
    resume: bool = True,
    backoff: Backoff = Backoff(),  # noqa: B008 - immutable
    progress: Callable[[int], None] = lambda sent: None,
) -> ReplayReport:
    """Send every event of a cut to a stream, in the file's order, in constant memory.

    Between them go ticks (`helpers.replay.ticks`), which are no traffic and in none of the report's numbers.

    A replay that was stopped or killed goes on where it was when it is started again, and says how many events may
    be in the stream twice. It is the same replay if object, stream and partition key are the same; its checkpoint
    lies in the bucket, below `helpers.replay.checkpoint.PREFIX`, and is gone once all is sent.

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
    aggregate
        Put up to 600 events into each record, in the format of the Kinesis Producer Library: several times as fast,
        and a fraction of the price. Readers have to take the records apart; the KCL, Flink, Firehose and the lab's
        functions do. The order within each shard holds as well then, whatever is refused.
    resume
        False begins anew, whatever an earlier run has left.
    backoff
        What to do when Kinesis refuses.
    progress
        Called after each batch with the number of records sent; at first with what an earlier run has sent.

    Raises
    ------
    ReplayError
        If object or stream are missing, a parameter is wrong, nothing can be sent, Kinesis goes on refusing, or
        another program is at the same replay.
    """
    if partition_key not in COLUMNS:
        raise UnknownPartitionKeyError(partition_key, COLUMNS)
    source = find_object(s3, bucket, key)
    identity = Identity(source.uri, source.etag, stream, stream_created(kinesis, stream), partition_key)
    sender = AggregateSender(kinesis, stream, backoff) if aggregate else Sender(kinesis, stream, backoff)
    ticker = Ticker(kinesis, stream, backoff, sender)
    pace = None if speed is None else Pace(speed, while_waiting=ticker.keep_time)
    lease = Lease(CheckpointStore(s3, source, identity), identity, resume)
    with lease, whole_put_records(kinesis):
        run = _Run(s3, source, partition_key, sender, lease, pace)
        progress(sender.sent)
        run.send_all(ticker, progress)
        lease.finish()
    return run.report()


class _Run:
    """One run of a replay, from where the lease says."""

    def __init__(
        self, s3: Any, source: SourceObject, key_column: str, sender: Sender, lease: Lease, pace: Pace | None
    ) -> None:
        begin = lease.progress
        sender.go_on(begin.sent, begin.counts)
        self._rows = Rows(s3, source, key_column, begin.place, begin.sent - begin.place.events)
        self._source, self._sender, self._lease, self._pace = source, sender, lease, pace
        self._before, self._began = begin.counts, time.monotonic()
        self._first, self._last = begin.counts.first_event, begin.counts.last_event
        self._seconds = begin.counts.seconds
        self._resumed_at = begin.sent + 1 if lease.resumed else None

    def send_all(self, ticker: Ticker, progress: Callable[[int], None]) -> None:
        records = self._rows.records()
        earliest = next(records, None)
        if earliest is None and not self._sender.sent:
            raise NothingToReplayError(self._source.uri, self._rows.rejected)
        if earliest is not None:
            self._first = self._first or event_time(earliest)
            ticker.open(event_time(earliest))
            self._began = time.monotonic()
            for batch in self._batches(chain([earliest], records)):
                self._send(batch)
                ticker.keep_time(self._last)
                progress(len(batch))
        ticker.close(self._last)

    def report(self) -> ReplayReport:
        counts = self._counts()
        return ReplayReport(
            read=self._sender.sent + self._rows.rejected,
            sent=self._sender.sent,
            rejected=self._rows.rejected,
            retried=counts.retried,
            maybe_doubled=counts.maybe_doubled,
            reordered=counts.reordered,
            requests=counts.requests,
            seconds=counts.seconds,
            lag_seconds=counts.lag_seconds,
            first_event=counts.first_event,
            last_event=counts.last_event,
            resumed_at=self._resumed_at,
            per_shard=dict(sorted(counts.per_shard.items())),
            preview=tuple(self._rows.preview),
        )

    def _batches(self, records: Iterator[Outgoing]) -> Iterator[Batch]:
        return batches(records, self._sender.is_wary, self._pace, self._sender.batch_events)

    def _send(self, batch: Batch) -> None:
        sent, doubled = self._sender.sent, self._sender.maybe_doubled
        self._lease.allow(len(batch))
        try:
            self._sender.send(batch, sent + 1)
        except BaseException as error:
            taken = self._sender.sent - sent if isinstance(error, ReplayStoppedError) else len(batch)
            self._lease.stopped_within(taken + self._sender.maybe_doubled - doubled)
            raise
        self._last = event_time(batch[-1])
        self._seconds = self._before.seconds + time.monotonic() - self._began
        place = self._rows.place_before(self._sender.sent)
        self._lease.done(Progress(self._sender.sent, place, self._counts()))

    def _counts(self) -> Counts:
        sender = self._sender
        return Counts(
            sender.retried,
            sender.maybe_doubled,
            sender.reordered,
            sender.requests,
            self._seconds,
            max(self._before.lag_seconds, self._pace.lag_seconds if self._pace else 0.0),
            self._first,
            self._last,
            dict(sender.per_shard),
        )
