"""What happens to a delivery stream's records: unpacked, transformed, buffered, delivered."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from helpers.local.firehose import failures, prefixes, processing
from helpers.local.firehose.buffers import Buffer
from helpers.local.firehose.conversion import to_file
from helpers.local.firehose.destination import is_converted, is_partitioned
from helpers.local.firehose.objects import Delivery, Naming, delivery, naming
from helpers.local.firehose.partitioning import ExtractionError, extracted
from helpers.local.firehose.prefixes import PartitionKeys, PrefixError
from helpers.local.firehose.processing import MIB, LambdaStep, Processing
from helpers.local.firehose.records import Record
from helpers.local.firehose.transform import Failure, Outcome, transformed
from helpers.local.firehose.unpack import UnpackError, unpacked

# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
MAX_PARTITIONS = 500


@dataclass(frozen=True)
class Identity:
    """What names a delivery stream and its events."""

    name: str
    arn: str
    region: str
    source_arn: str | None


@dataclass
class _Failed:
    """Documents of failed records, and when the oldest of them arrived."""

    documents: list[bytes] = field(default_factory=list)
    arrival: int = 0
    since: float = 0.0

    def add(self, document: bytes, arrival: int, now: float) -> None:
        if not self.documents:
            self.arrival, self.since = arrival, now
        self.arrival = min(self.arrival, arrival)
        self.documents.append(document)


class Pipeline:
    """The buffers of one delivery stream; used by one thread.

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
        self._incoming = Buffer()
        self._partitions: dict[Any, tuple[PartitionKeys, Buffer]] = {}
        self._backup = Buffer()
        self._failed: dict[str, _Failed] = {}
        self._outbox: list[Delivery] = []
        self.configure(configuration, version)

    def configure(self, configuration: dict[str, Any], version: int) -> None:
        """Take another configuration, also for what is buffered already."""
        self._configuration = configuration
        self._version = version
        self._steps: Processing = processing.parsed(configuration["ProcessingConfiguration"])

    def take(self, pending: deque[Record], now: float) -> None:
        """Take records in, until none is pending; what fills a buffer is made an object."""
        while pending:
            record = pending.popleft()
            if self._configuration["S3BackupMode"] == "Enabled":
                self._backup.add(record, now)
                self._deliver_backup(now, only_full=True)
            try:
                parts = unpacked(self._steps, record)
            except UnpackError as error:
                failure = Failure(str(error), str(error), 1, failures.now_millis())
                self._fail(failures.DECOMPRESSION, record, failures.of_processing(record, failure), now)
                continue
            for part in parts:
                self._take_part(part, now)

    def work(self, now: float, *, everything: bool = False) -> None:
        """Deliver what is due, or `everything`."""
        step = self._steps.function
        due = self._incoming.due_at(self._function_seconds(step) if step else 0)
        if due is not None and (everything or now >= due):
            self._transform(now)
        seconds = self._configuration["BufferingHints"]["IntervalInSeconds"]
        for group, (keys, buffer) in list(self._partitions.items()):
            due = buffer.due_at(seconds)
            if due is not None and (everything or now >= due):
                self._deliver(keys, buffer.records, now)
                del self._partitions[group]
        for kind, failed in list(self._failed.items()):
            if everything or now >= failed.since + seconds:
                self._deliver_failed(kind, failed)
                del self._failed[kind]
        self._deliver_backup(now, only_full=False, everything=everything)
        self._send(now, everything=everything)

    def next_due(self) -> float | None:
        """Return when there is something to do next, by the monotonic clock; None for never."""
        step = self._steps.function
        seconds = self._configuration["BufferingHints"]["IntervalInSeconds"]
        times = [self._incoming.due_at(self._function_seconds(step) if step else 0)]
        times += [buffer.due_at(seconds) for _, buffer in self._partitions.values()]
        times += [failed.since + seconds for failed in self._failed.values()]
        times += [waiting.next_try for waiting in self._outbox]
        if self._backup.records:
            times.append(self._backup.due_at(self._backup_configuration()["BufferingHints"]["IntervalInSeconds"]))
        return min((time for time in times if time is not None), default=None)

    @property
    def undelivered(self) -> int:
        """How many objects could not be put so far."""
        return len(self._outbox)

    # -- transformation ---------------------------------------------------------------------------

    def _function_seconds(self, step: LambdaStep) -> int:
        # Who asks for small objects soon is not kept waiting by the processor's default of a minute.
        return min(step.buffer_seconds, self._configuration["BufferingHints"]["IntervalInSeconds"])

    def _take_part(self, record: Record, now: float) -> None:
        step = self._steps.function
        if step is None:
            # Records that waited for a function which has been removed since come first.
            for waiting in self._incoming.take():
                self._buffer(waiting, {}, now)
            self._buffer(record, {}, now)
            return
        self._incoming.add(record, now)
        if self._incoming.size >= step.buffer_bytes:
            self._transform(now)

    def _transform(self, now: float) -> None:
        step = self._steps.function
        records = self._incoming.records
        outcomes = (
            [Outcome(record) for record in records] if step is None else transformed(step, self._envelope(), records)
        )
        # Only now: what an unforeseen error interrupts is transformed again.
        self._incoming.take()
        for outcome in outcomes:
            if outcome.failure is not None:
                document = failures.of_processing(outcome.record, outcome.failure, step.arn if step else None)
                self._fail(failures.PROCESSING, outcome.record, document, now)
            elif not outcome.dropped:
                self._buffer(outcome.record, outcome.partition_keys or {}, now)

    def _envelope(self) -> dict[str, Any]:
        envelope = {"deliveryStreamArn": self._identity.arn, "region": self._identity.region}
        if self._identity.source_arn is not None:
            envelope["sourceKinesisStreamArn"] = self._identity.source_arn
        return envelope

    # -- buffers ----------------------------------------------------------------------------------

    def _buffer(self, record: Record, from_lambda: Any, now: float) -> None:
        keys = PartitionKeys()
        if is_partitioned(self._configuration):
            try:
                query = extracted(self._steps.query, record.data) if self._steps.query else {}
                keys = self._used(PartitionKeys(query, from_lambda))
            except ExtractionError as error:
                self._fail_partitioning(record, "DynamicPartitioning.MetadataExtractionFailed", str(error), now)
                return
            if keys.group not in self._partitions and len(self._partitions) >= MAX_PARTITIONS:
                message = "Active partition limit exceeded for the delivery stream."
                self._fail_partitioning(record, "DynamicPartitioning.ActivePartitionLimitExceeded", message, now)
                return
        _, buffer = self._partitions.setdefault(keys.group, (keys, Buffer()))
        buffer.add(record, now)
        if buffer.size >= self._configuration["BufferingHints"]["SizeInMBs"] * MIB:
            self._deliver(keys, buffer.records, now)
            del self._partitions[keys.group]

    def _used(self, keys: PartitionKeys) -> PartitionKeys:
        """Return the keys that the prefix uses: records that differ in others share an object."""
        query, from_lambda = prefixes.partition_keys(self._configuration.get("Prefix", ""))
        found = PartitionKeys(
            {key: value for key, value in keys.query.items() if key in query},
            {key: value for key, value in keys.from_lambda.items() if key in from_lambda},
        )
        values = [*found.query.values(), *found.from_lambda.values()]
        if len(values) < len(query) + len(from_lambda) or not all(values):
            raise ExtractionError("partitionKeys values must not be null or empty")
        return found

    def _fail_partitioning(self, record: Record, code: str, message: str, now: float) -> None:
        failure = Failure(code, message, 1, failures.now_millis())
        self._fail(failures.PROCESSING, record, failures.of_processing(record, failure), now)

    def _fail(self, kind: str, record: Record, document: bytes, now: float) -> None:
        failed = self._failed.setdefault(kind, _Failed())
        failed.add(document, record.arrival, now)

    # -- objects ----------------------------------------------------------------------------------

    def _naming(self, configuration: dict[str, Any], arrival: int) -> Naming:
        return naming(self._identity.name, self._version, configuration, arrival)

    def _deliver(self, keys: PartitionKeys, records: list[Record], now: float) -> None:
        configuration = self._configuration
        name = self._naming(configuration, min(record.arrival for record in records))
        try:
            prefix = prefixes.for_records(configuration.get("Prefix", ""), name.moment, keys)
        except PrefixError as error:
            for record in records:
                self._fail_partitioning(record, "DynamicPartitioning.PrefixEvaluationFailed", str(error), now)
            return
        if not is_converted(configuration):
            separator = b"\n" if self._steps.delimited else b""
            body = separator.join(record.data for record in records)
            self._outbox.append(delivery(configuration, prefix, name, body))
            return
        conversion = configuration["DataFormatConversionConfiguration"]
        file, misfits = to_file(conversion, records)
        if file is not None:
            self._outbox.append(delivery(configuration, prefix, name, file.body, file.extension))
        schema = conversion["SchemaConfiguration"]
        for misfit in misfits:
            document = failures.of_conversion(misfit.record, misfit.code, misfit.message, schema)
            self._fail(failures.CONVERSION, misfit.record, document, now)

    def _deliver_failed(self, kind: str, failed: _Failed) -> None:
        configuration = self._configuration
        name = self._naming(configuration, failed.arrival)
        prefix = prefixes.for_errors(
            configuration.get("Prefix", ""), configuration.get("ErrorOutputPrefix"), kind, name.moment
        )
        self._outbox.append(delivery(configuration, prefix, name, b"".join(failed.documents)))

    def _backup_configuration(self) -> dict[str, Any]:
        backup: dict[str, Any] = self._configuration["S3BackupDescription"]
        return backup

    def _deliver_backup(self, now: float, *, only_full: bool, everything: bool = False) -> None:
        buffer = self._backup
        if not buffer.records:
            return
        configuration = self._backup_configuration()
        hints = configuration["BufferingHints"]
        full = buffer.size >= hints["SizeInMBs"] * MIB
        overdue = not only_full and now >= buffer.since + hints["IntervalInSeconds"]
        if not (full or overdue or everything):
            return
        records = buffer.take()
        name = self._naming(configuration, min(record.arrival for record in records))
        prefix = prefixes.for_records(configuration.get("Prefix", ""), name.moment, PartitionKeys())
        separator = b"\n" if self._steps.delimited else b""
        body = separator.join(record.raw for record in records)
        self._outbox.append(delivery(configuration, prefix, name, body))

    def _send(self, now: float, *, everything: bool) -> None:
        waiting = self._outbox
        self._outbox = [item for item in waiting if not ((everything or now >= item.next_try) and item.attempt(now))]
