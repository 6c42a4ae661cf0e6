"""Send batches to Kinesis: only failed records again, the order of a key kept, nothing lost in silence."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from helpers.replay.batches import MAX_RECORDS, Batch
from helpers.replay.checkpoint import Counts
from helpers.replay.errors import ReplayStoppedError
from helpers.replay.failures import why_again
from helpers.replay.records import stamped

# Retries are counted here and not hidden in botocore; checking the parameters of each record
# against the service model, which `batches` makes right anyway, would cost a fifth of the speed.
SENDING_CONFIG = Config(
    parameter_validation=False,
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=10,
    read_timeout=30,
)

# Two seconds of the 1,000 records/s that a shard takes: a stream that is too small refuses within that.
CALM_RECORDS = 2000

_logger = logging.getLogger(__name__)

Entry = dict[str, Any]


@dataclass(frozen=True)
class Backoff:
    """How long to wait before the next try, and how often to try.

    The wait is a random time up to `base_seconds` doubled with each try, at most `cap_seconds`:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter").

    Attributes
    ----------
    max_tries
        Tries in a row without a single record accepted, before the replay stops.
    """

    base_seconds: float = 0.1
    cap_seconds: float = 5.0
    max_tries: int = 12

    def seconds(self, failures: int) -> float:
        """Return the wait after so many failures in a row, in seconds."""
        return random.uniform(0, min(self.cap_seconds, self.base_seconds * 2 ** (failures - 1)))


class Sender:
    """Sends batches one after the other; none goes out before all records of the last one are in.

    PutRecords may store a record and refuse an earlier one of the same key, which is how order gets
    lost. So a request has each partition key once while records fail, and until `CALM_RECORDS` in a
    row went through; only then it may have a key several times. What a first failure after such a
    calm puts out of order is counted in `reordered`.

    Attributes
    ----------
    sent
        Records accepted.
    retried
        Records sent again.
    maybe_doubled
        Records of requests that failed without saying whether they were stored, and were sent again.
    reordered
        Records stored before an earlier one of the same key.
    requests
        PutRecords calls.
    per_shard
        Accepted records by shard id.
    """

    def __init__(
        self, kinesis: Any, stream: str, backoff: Backoff, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.sent = self.retried = self.maybe_doubled = self.reordered = self.requests = 0
        self.per_shard: Counter[str] = Counter()
        self._kinesis, self._stream, self._backoff, self._sleep = kinesis, stream, backoff, sleep
        self._calm = 0

    def go_on(self, sent: int, counts: Counts) -> None:
        """Count from what an earlier run has done."""
        self.sent, self.retried, self.maybe_doubled = sent, counts.retried, counts.maybe_doubled
        self.reordered, self.requests = counts.reordered, counts.requests
        self.per_shard.update(counts.per_shard)

    @property
    def batch_events(self) -> int:
        """How many events are worth a batch."""
        return MAX_RECORDS

    def is_wary(self) -> bool:
        """Say whether the next request may have each partition key only once."""
        return self._calm < CALM_RECORDS

    def send(self, batch: Batch, first_event: int) -> None:
        """Send a batch until every record is accepted.

        Parameters
        ----------
        batch
            Within the limits of `helpers.replay.batches`.
        first_event
            Number of the batch's first event, from 1, for the message if it cannot be sent.

        Raises
        ------
        ReplayStoppedError
            If Kinesis accepts nothing for `Backoff.max_tries` tries.
        NoSuchStreamError
            If there is no such stream.
        botocore.exceptions.ClientError
            If Kinesis refuses for a reason that trying again does not cure, like missing rights.
        """
        self.send_entries(stamped(batch, datetime.now(UTC)), first_event)

    def send_entries(self, entries: list[Entry], first_event: int) -> None:
        """Send ready-made entries of one PutRecords request, as `send` does."""
        waiting = deque([entries])
        failures = 0
        while waiting:
            entries = waiting[0]
            failed, reason = self._put(entries)
            if not failed:
                waiting.popleft()
                failures = 0
                continue
            failures = failures + 1 if len(failed) == len(entries) else 0
            if failures >= self._backoff.max_tries:
                left = sum(map(self._events, waiting)) - self._events(entries) + self._events(failed)
                raise ReplayStoppedError(self._stream, self.sent, left, first_event, failures, reason)
            waiting.popleft()
            waiting.extendleft(reversed(_with_distinct_keys(failed)))
            self.retried += self._events(failed)
            self._sleep(self._backoff.seconds(max(failures, 1)))

    def _put(self, entries: list[Entry]) -> tuple[list[Entry], str]:
        """Make one request; return what failed and why."""
        self.requests += 1
        try:
            answer = self._kinesis.put_records(StreamName=self._stream, Records=entries)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            self._calm = 0
            reason, maybe_stored = why_again(error, self._stream)
            if maybe_stored:
                self.maybe_doubled += self._events(entries)
            _logger.warning("PutRecords to %s failed (%s); trying again", self._stream, reason)
            return entries, reason
        if answer.get("ResponseMetadata", {}).get("RetryAttempts"):
            # A client with retries of its own does not say what became of the earlier requests.
            self.maybe_doubled += self._events(entries)
        results = answer.get("Records", [])
        if len(results) != len(entries):
            # botocore gives an answer whose body breaks off as one without members.
            self._calm = 0
            self.maybe_doubled += self._events(entries)
            _logger.warning("The answer of %s to PutRecords is not whole; trying again", self._stream)
            return entries, "an answer that is not whole"
        if not any(result.get("ErrorCode") for result in results):
            self._accept(entries, results)
            self._calm += len(entries)
            return [], ""
        return self._sort_out(entries, results)

    def _events(self, entries: list[Entry]) -> int:
        """Return how many events the entries hold."""
        return len(entries)

    def _accept(self, entries: list[Entry], results: list[dict[str, Any]]) -> None:
        """Count what Kinesis has taken."""
        self.per_shard.update([result["ShardId"] for result in results])
        self.sent += len(entries)

    def _sort_out(self, entries: list[Entry], results: list[dict[str, Any]]) -> tuple[list[Entry], str]:
        failed: list[Entry] = []
        taken: list[Entry] = []
        overtaken: set[object] = set()
        reasons: Counter[str] = Counter()
        for entry, result in zip(entries, results, strict=True):
            if result.get("ErrorCode"):
                failed.append(entry)
                overtaken.add(_order_key(entry))
                reasons[result["ErrorCode"]] += 1
            else:
                taken.append(entry)
                self.reordered += _order_key(entry) in overtaken
        self._accept(taken, [result for result in results if not result.get("ErrorCode")])
        self._calm = 0
        reason = ", ".join(f"{code} {count}" for code, count in reasons.most_common())
        _logger.info("%d of %d records refused by %s (%s)", len(failed), len(entries), self._stream, reason)
        return failed, reason


def _with_distinct_keys(entries: list[Entry]) -> list[list[Entry]]:
    """Cut entries into runs that have no key twice, keeping their order."""
    runs: list[list[Entry]] = []
    keys: set[object] = set()
    for entry in entries:
        key = _order_key(entry)
        if not runs or key in keys:
            runs.append([])
            keys = set()
        runs[-1].append(entry)
        keys.add(key)
    return runs


def _order_key(entry: Entry) -> object:
    """Return what entries have in common whose order counts."""
    return entry.get("ExplicitHashKey", entry["PartitionKey"])
