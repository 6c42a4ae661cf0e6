"""A mapping's life: its state, and the workers of its stream's shards."""

from __future__ import annotations

import threading
import time

from ministack.core.responses import get_account_id, get_region
from ministack.services import kinesis
from ministack.services import lambda_svc as emulator

from helpers.local import in_process
from helpers.local.event_sources import mapping, progress
from helpers.local.event_sources.mapping import Record, settings_of
from helpers.local.event_sources.progress import ShardProgress
from helpers.local.event_sources.shard_worker import ShardWorker
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.kinesis.stored import Shard, Stream, is_open, stream_called, stream_name_of

# A change of state takes AWS up to a minute; here it is just long enough to be seen.
TRANSITION_SECONDS = 0.05
_LOOK_AGAIN_SECONDS = 1.0

_runners: dict[str, Runner] = {}


class Runner:
    """Runs one mapping in a thread of its own, from its creation to its end."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._account, self._region = get_account_id(), get_region()
        self._progress: dict[str, ShardProgress] = {}
        self._workers: dict[tuple[str, int], ShardWorker] = {}
        self._changed = threading.Event()
        self._stream: Stream | None = None
        self._since = time.monotonic()
        self._take_position(stream_called(stream_name_of(record["EventSourceArn"])))
        self._thread = threading.Thread(target=self._run, name=f"event-source-{record['UUID'][:8]}", daemon=True)
        self._thread.start()

    def change(self, state: str) -> None:
        """Begin a change of state; the thread completes it."""
        mapping.touch(self._record, state)
        self._since = time.monotonic()
        self._changed.set()

    def _run(self) -> None:
        with in_process.scope(self._account, self._region):
            while emulator._esms.get(self._record["UUID"]) is self._record:
                self._changed.clear()
                if self._record["State"] in mapping.TRANSIENT:
                    self._complete_change()
                elif self._record["Enabled"]:
                    self._supervise()
                elif self._workers:
                    self._stop_workers()
                self._changed.wait(_LOOK_AGAIN_SECONDS)
            self._stop_workers()
        _runners.pop(self._record["UUID"], None)

    def _complete_change(self) -> None:
        state = self._record["State"]
        self._stop_workers()
        time.sleep(max(0.0, self._since + TRANSITION_SECONDS - time.monotonic()))
        if self._record["State"] != state:
            self._changed.set()
        elif state == "Deleting":
            emulator._esms.pop(self._record["UUID"], None)
        else:
            enabled = self._record["Enabled"]
            mapping.touch(self._record, "Enabled" if enabled else "Disabled")
            if enabled:
                self._supervise()

    def _supervise(self) -> None:
        """See to it that every shard whose parents are done has its workers."""
        stream = self._find_stream()
        if stream is None:
            self._stop_workers()
            return
        if stream is not self._stream:
            # A stream of the same name in place of a deleted one.
            self._stop_workers()
            self._take_position(stream)
        for key, worker in list(self._workers.items()):
            if not worker.is_alive:
                del self._workers[key]
        slots = settings_of(self._record).slots
        if any(len(known.places) != slots for known in self._progress.values()):
            self._stop_workers()
            for known in self._progress.values():
                known.share_out(slots)
        for shard_id, shard in stream["shards"].items():
            known = self._progress.setdefault(shard_id, progress.start_at(shard["records"].start, slots))
            if self._parents_are_done(shard):
                self._start_workers(stream, shard_id, shard, known)

    def _start_workers(self, stream: Stream, shard_id: str, shard: Shard, known: ShardProgress) -> None:
        for slot, ended in enumerate(known.ended):
            if ended or (shard_id, slot) in self._workers:
                continue
            worker = ShardWorker(
                self._record, stream, shard_id, shard, known, slot, self._account, self._region, self._changed.set
            )
            self._workers[shard_id, slot] = worker
            worker.start()

    def _parents_are_done(self, shard: Shard) -> bool:
        parents = (shard["parent_shard_id"], shard["adjacent_parent_shard_id"])
        found = [self._progress[parent] for parent in parents if parent in self._progress]
        return all(parent.is_finished for parent in found)

    def _stop_workers(self) -> None:
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            worker.join()
        self._workers.clear()

    def _find_stream(self) -> Stream | None:
        arn = self._record["EventSourceArn"]
        try:
            stream = stream_called(stream_name_of(arn))
        except ApiError:
            self._record["LastProcessingResult"] = f"PROBLEM: Stream not found: {arn}"
            return None
        if "/consumer/" in arn and arn not in kinesis._consumers:
            self._record["LastProcessingResult"] = f"PROBLEM: Stream consumer not found: {arn}"
            return None
        return stream

    def _take_position(self, stream: Stream) -> None:
        """Note where each shard of the stream is to be read from."""
        self._stream = stream
        slots = settings_of(self._record).slots
        self._progress = {
            shard_id: self._starting_point(shard, slots) for shard_id, shard in list(stream["shards"].items())
        }

    def _starting_point(self, shard: Shard, slots: int) -> ShardProgress:
        log = shard["records"]
        if self._record["StartingPosition"] == "TRIM_HORIZON":
            return progress.start_at(log.start, slots)
        place = log.end
        if self._record["StartingPosition"] == "AT_TIMESTAMP":
            place = log.place_at(int(float(self._record["StartingPositionTimestamp"]) * 1000))
        if place >= log.end and not is_open(shard):
            return progress.finished(slots)
        return progress.start_at(place, slots)


def start(record: Record) -> None:
    """Let a mapping run that is in the store."""
    _runners[record["UUID"]] = Runner(record)


def change(record: Record, state: str) -> None:
    """Begin a change of a running mapping's state."""
    _runners[record["UUID"]].change(state)
