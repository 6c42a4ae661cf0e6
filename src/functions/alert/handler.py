"""Keep the windows of stream 2 in DynamoDB, count them, and raise the alarm.

Every record of a batch is worked on, whatever becomes of the others, and users do not wait for each other
(`functions.alert.lanes`). Those that failed are reported to
the event source mapping (`ReportBatchItemFailures`), which tries again from the first of them on. What
had worked is then seen a second time, and changes nothing. A record that no retry can save is a poison
record: the log says why, and the mapping's on-failure destination gets a pointer to it.

Environment variables: `TABLE`, `TOPIC_ARN`, `ALERT_OVER`, `WINDOW_SECONDS`, `KEEP_DAYS`, and those of AWS
Lambda Powertools, `POWERTOOLS_METRICS_NAMESPACE` and `POWERTOOLS_SERVICE_NAME`.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from threading import Lock
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.alert import store
from functions.alert.lanes import LanesProcessor
from functions.alert.store import Kept
from functions.alert.windows import ActivityWindow, PoisonRecordError, parse
from functions.shared import clients, moments
from functions.shared.alerts import LEAST_SECONDS, Alerter, OutOfTimeError, Window, claim_of
from functions.shared.configuration import Configuration
from functions.shared.kpl import BrokenAggregateError, deaggregate

logger = Logger()
metrics = Metrics()
processor = LanesProcessor(event_type=EventType.KinesisDataStreams, raise_on_entire_batch_failure=False)


class Worker:
    """Works on records with the clients of one environment."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._dynamodb = clients.dynamodb()
        self._alerter = Alerter(self._dynamodb, clients.sns(), configuration)
        self._counts: Counter[str] = Counter()
        self._counting = Lock()

    def take_count(self, name: str) -> int:
        """Return how many windows or alerts there were since this was last asked."""
        with self._counting:
            return self._counts.pop(name, 0)

    def _count(self, name: str) -> None:
        with self._counting:
            self._counts[name] += 1

    def work_on(self, record: KinesisStreamRecord, context: LambdaContext) -> None:
        """Keep every window of one Kinesis record.

        Raises
        ------
        PoisonRecordError
            If one of them is none; the others are kept all the same.
        """
        if context.get_remaining_time_in_millis() < LEAST_SECONDS * 1000:
            raise OutOfTimeError()
        shard = str(record.event_id).partition(":")[0]
        lane = f"{shard}:{record.kinesis.partition_key}"
        arrived_at = moments.milliseconds(moments.of_epoch(float(record.kinesis.approximate_arrival_timestamp)))
        reasons = []
        try:
            payloads = deaggregate(record.kinesis.data_as_bytes())
        except BrokenAggregateError as error:
            raise PoisonRecordError(str(error)) from error
        for payload in payloads:
            try:
                self._keep(payload, lane, arrived_at, context)
            except PoisonRecordError as error:
                reasons.append(str(error))
        if reasons:
            raise PoisonRecordError("; ".join(reasons))

    def _keep(self, payload: bytes, lane: str, arrived_at: str, context: LambdaContext) -> None:
        settings, now = self._configuration, moments.now()
        window = parse(payload, settings.window_seconds, now)
        deserves_alert = window.actions > settings.alert_over
        seconds_left = context.get_remaining_time_in_millis() / 1000
        claim = claim_of(lane, now, seconds_left) if deserves_alert else {}
        kept = store.keep(self._dynamodb, settings.table, window, arrived_at, now, settings.keep_days, claim)
        if kept is Kept.NEW:
            self._count("Windows")
        if deserves_alert and kept is not Kept.ALERTED:
            alert = _alert(window, arrived_at, moments.milliseconds(now))
            if self._alerter.alert(alert, lane, seconds_left, claimed=kept is Kept.NEW):
                self._count("Alerts")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an invocation by the event source mapping with the records that failed."""
    worker = _worker()

    def work_on(record: KinesisStreamRecord) -> None:
        try:
            worker.work_on(record, context)
        except PoisonRecordError as error:
            _log_failure("poison record", record, error)
            raise
        except Exception as error:
            # Not swallowed: the record is reported as failed, and comes again.
            _log_failure("record failed, to be tried again", record, error)
            raise

    answer = process_partial_response(event=event, record_handler=work_on, processor=processor, context=context)
    for name in ("Windows", "Alerts"):
        # Zero is a count as well: without it the metric has holes, and an alarm has no data.
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=worker.take_count(name))
    failures = sorted(answer["batchItemFailures"], key=lambda failure: int(str(failure["itemIdentifier"])))
    return {"batchItemFailures": failures}


@cache
def _worker() -> Worker:
    return Worker(Configuration.from_environment())


def _alert(window: ActivityWindow, arrived_at: str, handled_at: str) -> Window:
    return Window(
        window.user_id,
        moments.seconds(window.window_start),
        moments.seconds(window.window_end),
        window.actions,
        arrived_at,
        handled_at,
    )


def _log_failure(what: str, record: KinesisStreamRecord, error: Exception) -> None:
    logger.error(
        what,
        extra={
            "reason": str(error),
            "error": type(error).__name__,
            "event_id": record.event_id,
            "partition_key": record.kinesis.partition_key,
        },
    )
