"""How fast Flink takes a stream, and how long an alert takes from its event to the mailbox."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import pandas as pd

from helpers.bench import alerting
from helpers.bench.figure import Bound, Figure, Scale
from helpers.bench.live_arm import SHARDS, LiveArm
from helpers.bench.processes import CLIENT, EMULATOR, JVMS, Work, groups_of, measured_work
from helpers.bench.services import fresh_lab
from helpers.bench.shop_day import write_shop_day
from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.flink import FlinkSession
from helpers.lab import Lab
from helpers.replay.read_back import read_shard
from helpers.replay.shards import list_shards
from helpers.waiting import until
from helpers.windows import Reconciliation, count_windows, read_windows, reconcile

EVENTS = 1_000_000
# What a GetRecords call may answer at most.
_LIMIT = 10_000
_LONGEST_SECONDS = 900.0
_WARM_UP_EVENTS = 200_000


class OtherWindowsError(LabError):
    """Flink counted other windows than stand in the file, so its speed means nothing."""

    def __init__(self, found: Reconciliation) -> None:
        super().__init__(
            f"Flink's windows are not those of the file ({found.missing} missing, {found.extra} more): "
            "its speed was not measured; see the logs in the folder local/flink of the benchmark."
        )


class Passage(NamedTuple):
    """All events through Flink once: events/s, seconds to start the job, and what it took."""

    events_per_second: float
    start_seconds: float
    work: Work


def measure(scale: Scale) -> list[Figure]:
    """Measure the rows of the table about the live arm.

    Raises
    ------
    helpers.errors.LabError
        If the services do not come up, or the windows are not those of the file.
    """
    with fresh_lab(scale.folder / "services", flink=True) as lab:
        return [_throughput(scale, lab), alerting.measure(scale, lab)]


def _throughput(scale: Scale, lab: Lab) -> Figure:
    rows = scale.of(EVENTS)
    path = scale.folder / "backlog.csv"
    expected = count_windows(write_shop_day(rows, 1, path), BotRule())
    arm, flink = LiveArm(lab, "throughput"), lab.flink()
    sent = arm.play(arm.upload(path)).sent
    # Once before: a Java program that has just begun is still compiling itself.
    if sent > _WARM_UP_EVENTS:
        _through_flink(lab, arm, flink, expected, sent)
    passages, loops = [], []
    for _ in range(scale.runs):
        loops.append(_bare_loop(lab, arm, sent))
        passages.append(_through_flink(lab, arm, flink, expected, sent))
    flink.close()
    return _throughput_figure(rows, passages, loops)


def _bare_loop(lab: Lab, arm: LiveArm, events: int) -> Passage:
    """Read all shards as fast as boto3 does, and do nothing with the records."""
    kinesis, stream = lab.session.client("kinesis"), arm.settings.events_stream
    records = 0
    with measured_work(groups_of(lab)) as work:
        for shard in list_shards(kinesis, stream):
            place = {"StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator = kinesis.get_shard_iterator(**place)["ShardIterator"]
            behind = 1
            while behind:
                answer = kinesis.get_records(ShardIterator=iterator, Limit=_LIMIT)
                records += len(answer["Records"])
                iterator, behind = answer["NextShardIterator"], answer["MillisBehindLatest"]
    assert records >= events, f"{records} records of {events} events"
    return Passage(events / work.seconds, 0.0, work)


def _through_flink(lab: Lab, arm: LiveArm, flink: FlinkSession, expected: pd.DataFrame, events: int) -> Passage:
    """Let a fresh job of note 2 count the whole stream, from its begin to its last window in stream 2."""
    asked = datetime.now(UTC)
    stream = arm.settings.activity_stream
    with measured_work(groups_of(lab)) as work:
        job = arm.deploy(flink)
        arrived = lambda: _windows_arrived(arm, stream, asked) >= len(expected)  # noqa: E731
        until(arrived, "Flink's windows", _LONGEST_SECONDS, pause_seconds=1.0)
    began = flink.began(job)
    flink.cancel(job)
    found = reconcile(read_windows(arm.kinesis, stream, BotRule(), asked), expected)
    if found.missing or found.extra:
        raise OtherWindowsError(found)
    last = max(record["ApproximateArrivalTimestamp"] for record in _records(arm, stream, asked))
    return Passage(events / (last - began).total_seconds(), (began - asked).total_seconds(), work)


def _records(arm: LiveArm, stream: str, since: datetime) -> list[dict[str, datetime]]:
    shards = list_shards(arm.kinesis, stream)
    return [record for shard in shards for record in read_shard(arm.kinesis, stream, shard["ShardId"], since)]


def _windows_arrived(arm: LiveArm, stream: str, since: datetime) -> int:
    return len(_records(arm, stream, since))


def _throughput_figure(rows: int, passages: Sequence[Passage], loops: Sequence[Passage]) -> Figure:
    cores = {
        "Flink": statistics.median(passage.work.cores(*JVMS) for passage in passages),
        "emulator": statistics.median(passage.work.cores(EMULATOR) for passage in passages),
    }
    bound: Bound = "Flink" if cores["Flink"] > cores["emulator"] else "emulator"
    return Figure(
        name=f"{rows:,} events from stream 1 through Flink into stream 2",
        against="get_records alone in a bare loop",
        unit="events/s",
        ours=[passage.events_per_second for passage in passages],
        baseline=[loop.events_per_second for loop in loops],
        target=0.7,
        more_is_better=True,
        bound=bound,
        why=(
            f"Flink keeps {cores['Flink']:.2f} processors busy and the emulator {cores['emulator']:.2f}; "
            "the bare loop has both processors for one client and the emulator."
        ),
        on_aws=(
            "A shard gives 2 MB/s and five reads a second; the note asks for 1,000 records each time, so it takes "
            "5,000 events/s of a shard: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"
        ),
        details={
            "shards": SHARDS,
            "seconds to start the job": statistics.median(passage.start_seconds for passage in passages),
            "Flink, processor µs an event": _micros(passages, rows, *JVMS),
            "emulator, processor µs an event": _micros(passages, rows, EMULATOR),
            "bare loop: client, processor µs an event": _micros(loops, rows, CLIENT),
            "bare loop: emulator, processor µs an event": _micros(loops, rows, EMULATOR),
        },
    )


def _micros(passages: Sequence[Passage], rows: int, *groups: str) -> float:
    return statistics.median(passage.work.cores(*groups) * passage.work.seconds for passage in passages) / rows * 1e6
