"""One way of sending events, in a process of its own, to see its pace, processor time and peak memory.

Run as `python -m helpers.bench.replay_once WAY REQUEST`; see `measured`.
"""

from __future__ import annotations

import codecs
import csv
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import boto3

from helpers.bench.memory import own_peak_bytes
from helpers.bench.own_process import run_alone
from helpers.replay import SENDING_CONFIG, replay
from helpers.replay.batches import MAX_RECORDS
from helpers.replay.records import outgoing, stamped

# Ready-made batches take memory; so many events are sent over and over.
_READY_EVENTS = 50_000
_TENTHS = 10


@dataclass(frozen=True)
class Job:
    """What to send: the first `events` of an object (all of it when it is replayed) to a stream."""

    bucket: str
    key: str
    stream: str
    events: int


@dataclass(frozen=True)
class Sending:
    """What it took.

    Attributes
    ----------
    events
        Sent.
    seconds, cpu_seconds
        From the first call to the last answer, ticks and checkpoints included; processor time of the client.
    peak_bytes
        Memory of the process.
    tenths
        Seconds that each tenth of the events took, if it was a replay.
    units
        PUT payload units of 25 KB, if they were counted.
    """

    events: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    tenths: list[float] = field(default_factory=list)
    units: int = 0

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def measured(way: str, job: Job) -> Sending:
    """Run one of the ways below in a new process.

    Parameters
    ----------
    way
        `plain` and `aggregated` replay; `bare`, a loop of PutRecords with ready-made batches; `one_by_one`, the loop
        of PutRecord that everybody writes first; `units`, an aggregated replay whose PUT payload units are counted.

    Raises
    ------
    helpers.bench.own_process.MeasuredProcessError
        If the process fails.
    """
    return Sending(**run_alone("helpers.bench.replay_once", way, asdict(job)))


def put_units(entries: list[dict[str, Any]]) -> int:
    """Return the PUT payload units of a request: each record counts for itself, in steps of 25 KB."""
    # Here, since it brings pandas, whose memory is not the replay's.
    from helpers.costs import PUT_UNIT_BYTES

    return sum(math.ceil(len(entry["Data"]) / PUT_UNIT_BYTES) for entry in entries)


class _Counting:
    """A client that counts the PUT payload units."""

    def __init__(self, kinesis: Any) -> None:
        self._kinesis, self.units = kinesis, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kinesis, name)

    def put_records(self, **request: Any) -> dict[str, Any]:
        self.units += put_units(request["Records"])
        return dict(self._kinesis.put_records(**request))


def _replayed(job: Job, kinesis: Any, *, aggregate: bool) -> Callable[[], list[float]]:
    moments: list[tuple[int, float]] = []
    sent = 0

    def progress(records: int) -> None:
        nonlocal sent
        sent += records
        # The first call comes before the ticks that open the shards.
        if sent:
            moments.append((sent, time.perf_counter()))

    def work() -> list[float]:
        replay(boto3.client("s3"), kinesis, job.bucket, job.key, job.stream, aggregate=aggregate, progress=progress)
        return list(_tenths(moments))

    return work


def _tenths(moments: list[tuple[int, float]]) -> Iterator[float]:
    """Yield the seconds of each tenth, at the pace between the calls that are nearest to its ends."""
    first, last = moments[0], moments[-1]
    step = (last[0] - first[0]) / _TENTHS
    begin = first
    for tenth in range(1, _TENTHS + 1):
        end = next((moment for moment in moments if moment[0] >= first[0] + step * tenth), last)
        events, seconds = end[0] - begin[0], end[1] - begin[1]
        if events:
            yield seconds / events * step
        begin = end


def _plain(job: Job) -> Callable[[], list[float]]:
    return _replayed(job, boto3.client("kinesis", config=SENDING_CONFIG), aggregate=False)


def _aggregated(job: Job) -> Callable[[], list[float]]:
    return _replayed(job, boto3.client("kinesis", config=SENDING_CONFIG), aggregate=True)


def _bare(job: Job) -> Callable[[], list[float]]:
    kinesis = boto3.client("kinesis", config=SENDING_CONFIG)
    body = boto3.client("s3").get_object(Bucket=job.bucket, Key=job.key)["Body"]
    lines = b"".join(islice(body.iter_lines(keepends=True), 1, min(job.events, _READY_EVENTS) + 1))
    entries = stamped(outgoing(lines, "user_id"), datetime.now(UTC))
    ready = [entries[start : start + MAX_RECORDS] for start in range(0, len(entries), MAX_RECORDS)]

    def work() -> list[float]:
        left = job.events
        for batch in cycle(ready):
            kinesis.put_records(StreamName=job.stream, Records=batch[:left])
            left -= len(batch)
            if left <= 0:
                return []
        return []

    return work


def _one_by_one(job: Job) -> Callable[[], list[float]]:
    kinesis = boto3.client("kinesis")
    body = boto3.client("s3").get_object(Bucket=job.bucket, Key=job.key)["Body"]
    rows = list(islice(csv.DictReader(codecs.getreader("utf-8")(body)), job.events))

    def work() -> list[float]:
        for row in rows:
            row["txn_timestamp"] = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
            data = json.dumps(row).encode()
            kinesis.put_record(StreamName=job.stream, Data=data, PartitionKey=row["category_id"])
        return []

    return work


WAYS = {"plain": _plain, "aggregated": _aggregated, "bare": _bare, "one_by_one": _one_by_one}


def main(way: str, words: str) -> None:
    """Do it and print what it took; imports are not counted."""
    job = Job(**json.loads(words))
    counting = _Counting(boto3.client("kinesis", config=SENDING_CONFIG))
    work = _replayed(job, counting, aggregate=True) if way == "units" else WAYS[way](job)
    began, cpu = time.perf_counter(), time.process_time()
    tenths = work()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    sending = Sending(job.events, seconds, cpu_seconds, own_peak_bytes(), tenths, counting.units)
    sys.stdout.write(json.dumps(asdict(sending)))


if __name__ == "__main__":
    main(*sys.argv[1:])
