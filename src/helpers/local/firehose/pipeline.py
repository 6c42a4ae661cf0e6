"""What happens to a delivery stream's records before they are buffered for delivery: unpacked, and transformed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from helpers.local.firehose import failures, processing
from helpers.local.firehose.buffers import Buffer
from helpers.local.firehose.outputs import Outputs
from helpers.local.firehose.processing import LambdaStep, Processing
from helpers.local.firehose.records import Record
from helpers.local.firehose.reporting import Reporter
from helpers.local.firehose.transform import Failure, Outcome, transformed
from helpers.local.firehose.unpack import UnpackError, unpacked


@dataclass(frozen=True)
class Identity:
    """What names a delivery stream and its events."""

    name: str
    arn: str
    region: str
    source_arn: str | None


class Pipeline:
    """The way of one delivery stream's records; used by one thread.

    Parameters
    ----------
    identity
        Names of the delivery stream.
    configuration
        Its destination, complete.
    version
        Version of the configuration.
    """

    def __init__(self, identity: Identity, configuration: dict[str, Any], version: int) -> None:
        self._identity = identity
        self._reporter = Reporter(identity.name, identity.arn)
        self._incoming = Buffer()
        self._outcomes: deque[Outcome] = deque()
        self._outputs = Outputs(identity.name, self._reporter, configuration, version)
        self.configure(configuration, version)

    def configure(self, configuration: dict[str, Any], version: int) -> None:
        """Take another configuration, also for what is buffered already."""
        self._configuration, self._version = configuration, version
        self._steps: Processing = processing.parsed(configuration["ProcessingConfiguration"])
        self._outputs.configure(configuration, version)

    @property
    def undelivered(self) -> int:
        """How many objects could not be put so far."""
        return self._outputs.undelivered

    def take(self, pending: deque[Record], now: float) -> None:
        """Take records in, until none is pending; what fills a buffer is transformed, or made an object."""
        while pending:
            record = pending.popleft()
            self._outputs.back_up(record, now)
            try:
                parts = unpacked(self._steps, record)
            except UnpackError as error:
                failure = Failure(str(error), str(error), 1, failures.now_millis())
                self._outputs.fail(failures.DECOMPRESSION, record, failures.of_processing(record, failure), now)
                continue
            for part in parts:
                self._take_part(part, now)

    def work(self, now: float, *, everything: bool = False) -> None:
        """Transform and deliver what is due, or `everything`."""
        due = self._due()
        if due is not None and (everything or now >= due):
            self._transform(now)
        self._settle(now)
        self._outputs.work(now, everything=everything)

    def next_due(self) -> float | None:
        """Return when there is something to do next, by the monotonic clock; None for never."""
        times = [time for time in (self._due(), self._outputs.next_due()) if time is not None]
        return min(times, default=None)

    def _due(self) -> float | None:
        step = self._steps.function
        # Who asks for small objects soon is not kept waiting by the processor's default of a minute.
        return self._incoming.due_at(min(step.buffer_seconds, self._outputs.interval_seconds) if step else 0)

    def _take_part(self, record: Record, now: float) -> None:
        step = self._steps.function
        if step is None:
            # Records that waited for a function which has been removed since come first.
            for waiting in self._incoming.take():
                self._outputs.add(waiting, {}, now)
            self._outputs.add(record, {}, now)
            return
        self._incoming.add(record, now)
        if self._incoming.size >= step.buffer_bytes:
            self._transform(now)

    def _transform(self, now: float) -> None:
        step, records = self._steps.function, self._incoming.records
        if step is None:
            self._outcomes += [Outcome(record) for record in records]
        else:
            outcomes = transformed(step, self._envelope(), records)
            self._report(outcomes)
            self._outcomes += outcomes
        # Only now: what an unforeseen error interrupts is transformed again.
        self._incoming.take()
        self._settle(now)

    def _settle(self, now: float) -> None:
        """Pass on what was transformed."""
        while self._outcomes:
            outcome = self._outcomes.popleft()
            if outcome.failure is not None:
                document = failures.of_processing(outcome.record, outcome.failure, self._function_arn())
                self._outputs.fail(failures.PROCESSING, outcome.record, document, now)
            elif not outcome.dropped:
                self._outputs.add(outcome.record, outcome.partition_keys or {}, now)

    def _function_arn(self) -> str | None:
        step: LambdaStep | None = self._steps.function
        return step.arn if step else None

    def _report(self, outcomes: list[Outcome]) -> None:
        kept = [outcome.record for outcome in outcomes if outcome.failure is None and not outcome.dropped]
        self._reporter.counts("SucceedProcessing", len(kept), sum(len(record.raw) for record in kept))
        self._reporter.count("ExecuteProcessing.Success", int(any(o.failure is None for o in outcomes)))
        reasons = {(o.failure.code, o.failure.message) for o in outcomes if o.failure is not None}
        for code, message in sorted(reasons):
            self._reporter.error(self._configuration, self._version, code, message)

    def _envelope(self) -> dict[str, Any]:
        envelope = {"deliveryStreamArn": self._identity.arn, "region": self._identity.region}
        if self._identity.source_arn is not None:
            envelope["sourceKinesisStreamArn"] = self._identity.source_arn
        return envelope
