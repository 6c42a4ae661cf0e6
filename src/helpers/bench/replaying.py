"""How fast the replay sends, how flat its pace and memory are, and what aggregates save."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from helpers.bench.figure import Bound, Figure, Scale
from helpers.bench.memory import MB
from helpers.bench.replay_once import Job, Sending, measured
from helpers.bench.services import aws_process, cpu_seconds, fresh_lab
from helpers.costs import price_usd
from helpers.generator import generate
from helpers.lab import Lab

EVENTS = 1_000_000
# One at a time a million would take half an hour.
_ONE_BY_ONE = 1000
# As the lab's streams have
_SHARDS = 2
_LIMITS = "https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"
_SHARD_RECORDS, _SHARD_BYTES = 1000, 2**20


@dataclass(frozen=True)
class _Measured:
    """A way of sending, and the emulator's processor seconds meanwhile."""

    sending: Sending
    emulator: float


@dataclass(frozen=True)
class _Round:
    """All ways, one after the other."""

    one_by_one: _Measured
    bare: _Measured
    plain: _Measured
    aggregated: _Measured
    tenth: _Measured


class _Bench:
    """A local AWS with the whole data set and a tenth of it; each way gets a stream of its own."""

    def __init__(self, lab: Lab, events: int, tenth: int) -> None:
        self._lab, self._events, self._tenth = lab, events, tenth
        self._kinesis, self._emulator = lab.client("kinesis"), aws_process(lab)
        self._numbers = count()

    def round(self) -> _Round:
        return _Round(
            one_by_one=self.send("one_by_one", "whole.csv", min(_ONE_BY_ONE, self._events // 10)),
            bare=self.send("bare", "whole.csv", self._events),
            plain=self.send("plain", "whole.csv", self._events),
            aggregated=self.send("aggregated", "whole.csv", self._events),
            tenth=self.send("plain", "tenth.csv", self._tenth),
        )

    def units(self) -> int:
        """Return the PUT payload units of a tenth of the events in aggregates."""
        return self.send("units", "tenth.csv", self._tenth).sending.units

    def send(self, way: str, key: str, events: int) -> _Measured:
        stream = f"bench-{next(self._numbers)}"
        self._kinesis.create_stream(StreamName=stream, ShardCount=_SHARDS)
        self._kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        before = cpu_seconds(self._emulator)
        sending = measured(way, Job(self._lab.settings.bucket, key, stream, events))
        found = _Measured(sending, cpu_seconds(self._emulator) - before)
        # What it holds would be in the memory of the next.
        self._kinesis.delete_stream(StreamName=stream)
        self._kinesis.get_waiter("stream_not_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        return found


def measure(scale: Scale) -> list[Figure]:
    """Measure the rows of the table about the replay.

    Raises
    ------
    helpers.errors.LabError
        If the local AWS does not come up, or a way of sending fails.
    """
    events, tenth = scale.of(EVENTS), scale.of(EVENTS // 10)
    with fresh_lab(scale.folder / "aws") as lab:
        s3, bucket = lab.client("s3"), lab.settings.bucket
        s3.create_bucket(Bucket=bucket)
        for key, rows in (("whole.csv", events), ("tenth.csv", tenth)):
            path = scale.folder / key
            generate(rows, 1, path)
            s3.upload_file(str(path), bucket, key)
        size_bytes = (scale.folder / "whole.csv").stat().st_size / events
        bench = _Bench(lab, events, tenth)
        rounds = [bench.round() for _ in range(scale.runs)]
        units = bench.units()
    return [
        _against_one_by_one(rounds, size_bytes),
        _against_bare(rounds),
        _flatness(rounds),
        _memory(rounds, tenth),
        _saved_time(rounds),
        _saved_units(units, tenth),
    ]


def _against_one_by_one(rounds: Sequence[_Round], size_bytes: float) -> Figure:
    # The JSON repeats the names of the columns, and the time of sending.
    event_bytes = size_bytes + 190
    on_aws = _SHARDS * _SHARD_BYTES / event_bytes
    bound, why = _bound([each.aggregated for each in rounds])
    return Figure(
        name=f"replay of {rounds[0].aggregated.sending.events:,} events, as fast as possible, in aggregates",
        against="the walkthrough's loop of put_record",
        unit="events/s",
        ours=[each.aggregated.sending.rate for each in rounds],
        baseline=[each.one_by_one.sending.rate for each in rounds],
        target=100,
        more_is_better=True,
        bound=bound,
        why=why,
        on_aws=f"{_SHARDS} shards take 2 MiB/s, so {on_aws:,.0f} events/s in aggregates; one put_record after the "
        f"other, at 5 to 10 ms each, 100 to 200 ({_LIMITS}).",
        details={"plain replay, events/s": statistics.median(each.plain.sending.rate for each in rounds)},
    )


def _against_bare(rounds: Sequence[_Round]) -> Figure:
    bound, why = _bound([each.plain for each in rounds])
    return Figure(
        name=f"replay of {rounds[0].plain.sending.events:,} events, as fast as possible",
        against="a bare loop of ready-made put_records batches",
        unit="events/s",
        ours=[each.plain.sending.rate for each in rounds],
        baseline=[each.bare.sending.rate for each in rounds],
        target=0.85,
        more_is_better=True,
        bound=bound,
        why=f"{why} The half second in which the opening ticks are waited for is in it.",
        on_aws=f"{_SHARDS} shards take {_SHARDS * _SHARD_RECORDS:,} records/s, whatever sends them ({_LIMITS}).",
        details={
            "bare loop, processor seconds": statistics.median(each.bare.sending.cpu_seconds for each in rounds),
            "emulator under the bare loop, processor seconds": statistics.median(each.bare.emulator for each in rounds),
        },
    )


def _flatness(rounds: Sequence[_Round]) -> Figure:
    bound, why = _bound([each.plain for each in rounds])
    events = rounds[0].plain.sending.events / 10
    tenths = [each.plain.sending.tenths for each in rounds]
    return Figure(
        name=f"last tenth of {rounds[0].plain.sending.events:,} events",
        against="the first tenth",
        unit="events/s",
        ours=[events / each[-1] for each in tenths],
        baseline=[events / each[0] for each in tenths],
        target=0.95,
        more_is_better=True,
        bound=bound,
        why=f"{why} The first tenth is the slower one, since the first 2,000 events go with care for their order.",
        on_aws=f"Flat as well: a shard's limits do not depend on what it holds ({_LIMITS}).",
        details=_aggregated_flatness(rounds),
    )


def _aggregated_flatness(rounds: Sequence[_Round]) -> dict[str, float]:
    """Return the same for aggregates, if there were batches enough to tell."""
    tenths = [each.aggregated.sending.tenths for each in rounds]
    if not all(tenths):
        return {}
    return {"aggregated, last tenth against the first": statistics.median(each[0] / each[-1] for each in tenths)}


def _memory(rounds: Sequence[_Round], tenth: int) -> Figure:
    peaks = [each.plain.sending.peak_bytes / MB for each in rounds]
    return Figure(
        name=f"the replay's own peak memory, {rounds[0].plain.sending.events:,} events",
        against=f"{tenth:,} events",
        unit="MB",
        ours=peaks,
        baseline=[each.tenth.sending.peak_bytes / MB for each in rounds],
        target=1.05,
        more_is_better=False,
        bound="none",
        why=f"At most {max(peaks):.0f} MB (150 are allowed): Python, boto3, and some blocks of 2,000 events.",
        on_aws="The same: it runs on the learner's machine.",
        details={
            "largest, MB": max(peaks),
            "aggregated, largest, MB": max(each.aggregated.sending.peak_bytes for each in rounds) / MB,
        },
    )


def _saved_time(rounds: Sequence[_Round]) -> Figure:
    bound, why = _bound([each.aggregated for each in rounds])
    return Figure(
        name="replay in KPL aggregates",
        against="the plain replay",
        unit="events/s",
        ours=[each.aggregated.sending.rate for each in rounds],
        baseline=[each.plain.sending.rate for each in rounds],
        # Aggregates pay by their units; they may not be slower.
        target=1.0,
        more_is_better=True,
        bound=bound,
        why=why,
        on_aws="A shard's 1,000 records/s are no limit any more, its MiB/s is: some 2,800 of the shop's events "
        f"({_LIMITS}).",
    )


def _saved_units(units: int, events: int) -> Figure:
    price = price_usd("kinesis_put_units_million")
    return Figure(
        name=f"PUT payload units of {events:,} events in KPL aggregates",
        against="one for each event",
        unit="units",
        ours=[units],
        baseline=[events],
        target=0.02,
        more_is_better=False,
        bound="none",
        why="A unit is 25 KB, an event 370 bytes: 70 fit, less the frame around each and what is not full at the end "
        "of a batch.",
        on_aws=f"A million events cost ${price * units / events:.5f} to put instead of ${price:.3f} (`prices.json`).",
        details={"USD for a million events": price * units / events, "USD for a million, plain": price},
    )


def _bound(ways: Sequence[_Measured]) -> tuple[Bound, str]:
    """Return what the sending waits for most, and the measurement that shows it."""
    seconds = statistics.median(way.sending.seconds for way in ways)
    client = statistics.median(way.sending.cpu_seconds for way in ways)
    emulator = statistics.median(way.emulator for way in ways)
    bound: Bound = "client" if client > emulator else "emulator"
    return bound, (
        f"In {seconds:.1f} s the client worked for {client:.1f} processor seconds and the emulator for {emulator:.1f}: "
        "one waits for the other."
    )
