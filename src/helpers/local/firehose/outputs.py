"""What a delivery stream is about to deliver, made objects when size or time say so.

Records wait by partition, failed ones by kind, and the backup apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.local.firehose import failures, prefixes, processing
from helpers.local.firehose.buffers import Buffer
from helpers.local.firehose.destination import is_converted, is_partitioned
from helpers.local.firehose.objects import Delivery, Load, Naming, delivery, naming
from helpers.local.firehose.partitioning import ExtractionError, extracted
from helpers.local.firehose.prefixes import PartitionKeys, PrefixError
from helpers.local.firehose.processing import MIB, Processing
from helpers.local.firehose.records import Record
from helpers.local.firehose.reporting import Reporter
from helpers.local.firehose.transform import Failure

# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
MAX_PARTITIONS = 500


@dataclass
class _Failed:
    """Documents of failed records, the records' bytes, and when the oldest of them arrived."""

    documents: list[bytes] = field(default_factory=list)
    size: int = 0
    arrival: int = 0
    since: float = 0.0

    def add(self, document: bytes, record: Record, now: float) -> None:
        if not self.documents:
            self.arrival, self.since = record.arrival, now
        self.arrival = min(self.arrival, record.arrival)
        self.size += len(record.raw)
        self.documents.append(document)

    def load(self) -> Load:
        return Load(b"".join(self.documents), len(self.documents), self.size, self.arrival)


class Outputs:
    """The buffers before the destination, and the objects on their way; used by one thread.

    Parameters
    ----------
    name
        Name of the delivery stream.
    reporter
        Hears what is delivered.
    configuration
        Its destination, complete.
    version
        Version of the configuration.
    """

    def __init__(self, name: str, reporter: Reporter, configuration: dict[str, Any], version: int) -> None:
        self._name, self._reporter = name, reporter
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

    @property
    def interval_seconds(self) -> int:
        """How long a buffer may wait."""
        return int(self._configuration["BufferingHints"]["IntervalInSeconds"])

    @property
    def undelivered(self) -> int:
        """How many objects could not be put so far."""
        return len(self._outbox)

    def back_up(self, record: Record, now: float) -> None:
        """Keep a record as it came, if the destination wants that."""
        if self._configuration["S3BackupMode"] == "Enabled":
            self._backup.add(record, now)
            self._deliver_backup(now, only_full=True)

    def add(self, record: Record, from_lambda: Mapping[str, str], now: float) -> None:
        """Buffer a record with the others of its partition; a full buffer is made an object."""
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

    def fail(self, kind: str, record: Record, document: bytes, now: float) -> None:
        """Keep a record that failed, as the document that tells of it."""
        self._failed.setdefault(kind, _Failed()).add(document, record, now)

    def work(self, now: float, *, everything: bool) -> None:
        """Deliver what is due, or `everything`."""
        seconds = self.interval_seconds
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
        seconds = self.interval_seconds
        times = [buffer.due_at(seconds) for _, buffer in self._partitions.values()]
        times += [failed.since + seconds for failed in self._failed.values()]
        times += [waiting.next_try for waiting in self._outbox]
        if self._backup.records:
            times.append(self._backup.due_at(self._backup_configuration()["BufferingHints"]["IntervalInSeconds"]))
        return min((time for time in times if time is not None), default=None)

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
        self.fail(failures.PROCESSING, record, failures.of_processing(record, failure), now)

    @property
    def _separator(self) -> bytes:
        # AWS puts the newline between records, not after the last.
        return b"\n" if self._steps.delimited else b""

    def _naming(self, configuration: dict[str, Any], arrival: int) -> Naming:
        return naming(self._name, self._version, configuration, arrival)

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
            body = self._separator.join(record.data for record in records)
            self._outbox.append(delivery(configuration, prefix, name, _load(body, records)))
            return
        # Here, because the libraries of file formats would slow down every start.
        from helpers.local.firehose.conversion import to_file

        conversion = configuration["DataFormatConversionConfiguration"]
        file, misfits = to_file(conversion, records)
        if file is not None:
            gone = {id(misfit.record) for misfit in misfits}
            load = _load(file.body, [record for record in records if id(record) not in gone])
            self._outbox.append(delivery(configuration, prefix, name, load, file.extension))
        schema = conversion["SchemaConfiguration"]
        for misfit in misfits:
            document = failures.of_conversion(misfit.record, misfit.code, misfit.message, schema)
            self.fail(failures.CONVERSION, misfit.record, document, now)

    def _deliver_failed(self, kind: str, failed: _Failed) -> None:
        configuration = self._configuration
        name = self._naming(configuration, failed.arrival)
        prefix = prefixes.for_errors(
            configuration.get("Prefix", ""), configuration.get("ErrorOutputPrefix"), kind, name.moment
        )
        self._outbox.append(delivery(configuration, prefix, name, failed.load()))

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
        load = _load(self._separator.join(record.raw for record in records), records, "BackupToS3")
        self._outbox.append(delivery(configuration, prefix, name, load))

    def _send(self, now: float, *, everything: bool) -> None:
        waiting = self._outbox
        self._outbox = [
            item for item in waiting if not ((everything or now >= item.next_try) and item.attempt(now, self._reporter))
        ]


def _load(body: bytes, records: list[Record], subject: str = "DeliveryToS3") -> Load:
    return Load(
        body, len(records), sum(len(r.raw) for r in records), min(record.arrival for record in records), subject
    )
