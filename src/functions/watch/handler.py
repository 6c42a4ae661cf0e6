"""Find bots in stream 1 without Flink, for a fraction of its price.

Lambda has tumbling windows of its own (`TumblingWindowInSeconds` of the event source mapping), and this
function does not use them: they run on the time of **arrival**. At 60 times the shop's speed ten minutes
of the shop arrive within one such window, and every second visitor would be a bot. The windows that matter run
on event time. So each (user, window of event time) is a counter in DynamoDB, raised by what a batch
holds for it, with a guard against counting a redelivered record twice (`functions.watch.counts`).

The same windows pass the same thresholds as with Flink, with three differences. An alert goes out at
the moment the counter passes the threshold, not when the window is over, so it tells the count so far.
Events that come late are counted, however late. And windows below the first threshold are in the table
as well, until they expire: who reads it asks for more than five actions.

Price: nothing while nothing comes. A million events cost at most 0.63 dollars of write units, one for each
user and window in a batch, and some cents of Lambda. Flink costs 0.23 dollars an hour at least, whether
anything comes or not. `watch_hourly_usd` and `flink_hourly_usd` in the lab's `costs` put both side by side.
Where Flink wins: sessions, joins, hopping windows, patterns; here each of them would be a program.

The mapping must give a shard's records to one invocation at a time, `ParallelizationFactor` 1 (its default).

Environment variables: as `functions.alert.handler`.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import KinesisStreamEvent, KinesisStreamRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import clients, moments
from functions.shared.alerts import LEAST_SECONDS, Alerter, AlertInFlightError, OutOfTimeError, Window
from functions.shared.configuration import Configuration
from functions.shared.kpl import BrokenAggregateError, deaggregate
from functions.watch import counts
from functions.watch.counts import Group
from functions.watch.events import PoisonRecordError, WindowKey, window_of

logger = Logger()
metrics = Metrics()

# Counters raised at once; each call waits some milliseconds for its answer.
_AT_ONCE = 8


class Worker:
    """Works on batches with the clients of one environment."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._dynamodb = clients.dynamodb()
        self._alerter = Alerter(self._dynamodb, clients.sns(), configuration)

    def work_on(self, records: list[KinesisStreamRecord], context: LambdaContext) -> tuple[list[int], Counter[str]]:
        """Count the events of a batch; return the sequence numbers that failed, and what was counted."""
        failed: list[int] = []
        groups: dict[WindowKey, Group] = {}
        for record in records:
            try:
                self._sort(record, groups)
            except (PoisonRecordError, BrokenAggregateError) as error:
                number = int(record.kinesis.sequence_number)
                logger.error("poison record", extra={"reason": str(error), "event_id": record.event_id})
                failed.append(number)
        shard = str(records[0].event_id).partition(":")[0] if records else ""
        counted: Counter[str] = Counter()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            done = pool.map(lambda group: self._count(group, shard, context), groups.values())
            for group, (well, measured) in zip(groups.values(), done, strict=True):
                if not well:
                    failed.append(min(group.per_record))
                counted.update(measured)
        return sorted(set(failed)), counted

    def _sort(self, record: KinesisStreamRecord, groups: dict[WindowKey, Group]) -> None:
        arrived_at = moments.milliseconds(moments.of_epoch(float(record.kinesis.approximate_arrival_timestamp)))
        reasons = []
        for payload in deaggregate(record.kinesis.data_as_bytes()):
            try:
                window = window_of(payload, self._configuration.window_seconds)
            except PoisonRecordError as error:
                reasons.append(str(error))
                continue
            if window is not None:
                group = groups.setdefault(window, Group(window))
                group.add(int(record.kinesis.sequence_number), arrived_at)
        if reasons:
            raise PoisonRecordError("; ".join(reasons))

    def _count(self, group: Group, shard: str, context: LambdaContext) -> tuple[bool, Counter[str]]:
        """Raise one counter, and the alarm; return whether that went well, and what was counted."""
        settings, handled_at = self._configuration, moments.milliseconds(moments.now())
        measured: Counter[str] = Counter()
        try:
            if context.get_remaining_time_in_millis() < LEAST_SECONDS * 1000:
                raise OutOfTimeError()
            item, added = counts.add(
                self._dynamodb, settings.table, group, shard, settings.window_seconds, settings.keep_days
            )
            measured["Events"] = added
            actions = int(item["actions"]["N"])
            if actions <= settings.alert_over or "alert_message_id" in item:
                return True, measured
            window = Window(
                group.window.user_id,
                item["window_start"]["S"],
                item["window_end"]["S"],
                actions,
                group.arrived_at,
                handled_at,
            )
            seconds_left = context.get_remaining_time_in_millis() / 1000
            measured["Alerts"] += self._alerter.alert(window, shard, seconds_left)
            return True, measured
        except (ClientError, BotoCoreError, OutOfTimeError, AlertInFlightError) as error:
            extra = {"reason": str(error), "error": type(error).__name__, "user_id": group.window.user_id}
            logger.error("window failed, to be tried again", extra=extra)
            return False, measured


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an invocation by the event source mapping with the records that failed."""
    failed, counted = _worker().work_on(list(KinesisStreamEvent(event).records), context)
    for name in ("Events", "Alerts"):
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=counted[name])
    return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in failed]}


@cache
def _worker() -> Worker:
    return Worker(Configuration.from_environment())
