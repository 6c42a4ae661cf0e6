"""The thread that reads one slot of a shard and sends its batches."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ministack.services import cloudwatch

from helpers.local import in_process
from helpers.local.event_sources import destinations
from helpers.local.event_sources.batches import Batches, Means
from helpers.local.event_sources.destinations import Discarded
from helpers.local.event_sources.events import Event, Source
from helpers.local.event_sources.invocation import Answer, function_role, invoke
from helpers.local.event_sources.mapping import Record, Settings, settings_of
from helpers.local.event_sources.progress import ShardProgress
from helpers.local.event_sources.reader import Gathered, Reader
from helpers.local.kinesis.stored import Shard, Stream, now_millis

logger = logging.getLogger(__name__)


class ShardWorker:
    """Reads one slot of one shard for a mapping, in a thread of its own.

    Parameters
    ----------
    record
        The mapping.
    stream, shard_id, shard
        What to read.
    progress, slot
        Where the reading stands.
    account, region
        Whose the mapping is.
    ended
        Called once the shard has ended and everything of it is done.
    """

    def __init__(
        self,
        record: Record,
        stream: Stream,
        shard_id: str,
        shard: Shard,
        progress: ShardProgress,
        slot: int,
        account: str,
        region: str,
        ended: Callable[[], None],
    ) -> None:
        self._record = record
        self._stream = stream
        self._shard_id = shard_id
        self._shard = shard
        self._progress = progress
        self._slot = slot
        self._scope = (account, region)
        self._ended = ended
        self._stopping = threading.Event()
        name = f"event-source-{record['UUID'][:8]}-{shard_id}-{slot}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let the worker end after the call that it may be making."""
        self._stopping.set()
        self._shard["records"].wake()

    def join(self) -> None:
        self._thread.join()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        with in_process.scope(*self._scope):
            reader = Reader(self._shard, self._progress, self._slot, self._stopping.is_set)
            source = self._source()
            batches = Batches(self._means(), source, self._progress, self._slot)
            while not self._stopping.is_set():
                gathered = reader.gather(self._settings(), source)
                if not self._take(gathered, batches):
                    return
                if gathered.shard_ended:
                    self._progress.ended[self._slot] = True
                    self._ended()
                    return

    def _take(self, gathered: Gathered, batches: Batches) -> bool:
        if gathered.items:
            self._count("PolledEventCount", gathered.seen)
            self._count("FilteredOutEventCount", gathered.seen - len(gathered.items))
            if not batches.process(gathered.items, gathered.after):
                return False
            age = now_millis() - gathered.items[-1].record.arrival
            dimensions = {"FunctionName": self._record["FunctionName"]}
            cloudwatch.record_metric("AWS/Lambda", "IteratorAge", max(age, 0), "Milliseconds", dimensions)
        elif gathered.after > self._progress.places[self._slot]:
            self._count("PolledEventCount", gathered.seen)
            self._count("FilteredOutEventCount", gathered.seen)
            self._progress.places[self._slot] = gathered.after
        return batches.close_window() if gathered.window_ended else True

    def _source(self) -> Source:
        settings = self._settings()
        return Source(settings.source_arn, self._scope[1], self._shard_id, function_role(settings))

    def _settings(self) -> Settings:
        return settings_of(self._record)

    def _means(self) -> Means:
        return Means(
            settings=self._settings,
            invoke=self._invoke,
            discard=self._discard,
            report=self._report,
            pause=self._stopping.wait,
            oldest_millis=lambda: now_millis() - self._stream["RetentionPeriodHours"] * 3_600_000,
        )

    def _invoke(self, settings: Settings, event: Event) -> Answer:
        answer = invoke(settings, event)
        if answer.reached:
            outcome = "FailedInvokeEventCount" if answer.error else "InvokedEventCount"
            self._count(outcome, len(event["Records"]))
        return answer

    def _discard(self, settings: Settings, batch: Discarded, event: Event) -> None:
        delivered = destinations.send(self._record["UUID"], self._shard_id, settings, batch, event)
        self._count("OnFailureDestinationDeliveredEventCount" if delivered else "DroppedEventCount", batch.size)
        if settings.destination is not None and not delivered:
            dimensions = {"FunctionName": settings.function_name}
            cloudwatch.record_metric("AWS/Lambda", "DestinationDeliveryFailures", 1, "Count", dimensions)

    def _report(self, result: str) -> None:
        if self._record["LastProcessingResult"] != result:
            self._record["LastProcessingResult"] = result
            if result.startswith("PROBLEM"):
                logger.info("Event source mapping %s: %s", self._record["UUID"], result)

    def _count(self, metric: str, events: int) -> None:
        """Publish a metric of the mapping, if it asks for them.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
        """
        wanted = (self._record.get("MetricsConfig") or {}).get("Metrics") or []
        if "EventCount" in wanted:
            dimensions = {"EventSourceMappingUUID": self._record["UUID"]}
            cloudwatch.record_metric("AWS/Lambda", metric, events, "Count", dimensions)
