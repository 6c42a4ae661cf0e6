"""One million events end to end, and how time and memory grow with their number."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import awswrangler as wr
import pandas as pd
import psutil

from helpers.bench.figure import Bound, Figure, Scale
from helpers.bench.growth import straight_line
from helpers.bench.memory import MB
from helpers.bench.processes import CLIENT, EMULATOR, JVMS
from helpers.bench.services import fresh_lab
from helpers.bench.shop_events import ROWS as LARGEST
from helpers.bench.shop_events import shop_events
from helpers.bench.through import Passage, run_through
from helpers.bot_rule import BotRule
from helpers.dataset import cut_to_file, inspect
from helpers.sizing import size
from helpers.windows import count_windows

SIZES = (250_000, 500_000, 1_000_000)
_TOLERANCE = 0.15
# Of what is free: something must be left for the rest of the machine, and for its file cache.
_MOST_OF_FREE_MEMORY = 0.8
_LONGEST_SECONDS = 1_500
_EVENT_BYTES = 400

Passages = Mapping[int, Sequence[Passage]]


def measure(scale: Scale) -> list[Figure]:
    """Measure the rows of the table about the whole way.

    The million is run as often as asked for, the other sizes once; the largest only if the smaller ones say that
    memory and 25 minutes are enough.

    Raises
    ------
    helpers.errors.LabError
        If a part does not come up, or something does not arrive.
    """
    wr.config.athena_query_wait_polling_delay = 0.1
    source = shop_events(scale)
    middle = scale.of(max(SIZES))
    passages: dict[int, list[Passage]] = {}
    for events in map(scale.of, SIZES):
        repeats = scale.runs if events == middle else 1
        passages[events] = [_pass(scale.folder, source, events, number) for number in range(repeats)]
    largest = scale.of(LARGEST)
    memory = straight_line(_medians(passages, _memory))
    seconds = straight_line(_medians(passages, _seconds))
    predicted = (memory.at(largest), seconds.at(largest))
    free_mb = psutil.virtual_memory().available / MB * _MOST_OF_FREE_MEMORY
    if predicted[0] <= free_mb and predicted[1] <= _LONGEST_SECONDS:
        passages[largest] = [_pass(scale.folder, source, largest, 0)]
    return figures(passages, middle, largest, predicted)


def _pass(folder: Path, source: Path, events: int, number: int) -> Passage:
    cut, place = folder / "cut.csv", folder / f"services-{events}-{number}"
    cut_to_file(inspect(source), events, cut, folder / "rejected.csv")
    # In a process of its own, so that its memory is not taken for the replay's.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        truth = pool.submit(_windows, cut).result()
    with fresh_lab(place, flink=True) as lab:
        return run_through(lab, "end-to-end", cut, truth)


def _windows(path: Path) -> pd.DataFrame:
    return count_windows(pd.read_csv(path, usecols=["event_time", "user_id"]), BotRule())


def figures(passages: Passages, middle: int, largest: int, predicted: tuple[float, float]) -> list[Figure]:
    """Return the rows of the table.

    Parameters
    ----------
    passages
        By number of events.
    middle
        The number of events that the table names, of those in `passages`.
    largest
        The number that is run if it can be.
    predicted
        Memory in MB and seconds of the largest, as the smaller ones let expect.
    """
    left_out = (
        ""
        if largest in passages
        else (f" {largest:,} events were not run: {predicted[0]:,.0f} MB and {predicted[1]:,.0f} s were expected.")
    )
    return [
        _exact(passages),
        _throughput(passages[middle], middle),
        _growth("time", "s", _seconds, passages, _why_time(passages) + left_out, _expected(largest, predicted[1], "s")),
        _growth(
            "memory", "MB", _memory, passages, _why_memory(passages) + left_out, _expected(largest, predicted[0], "MB")
        ),
    ]


def _expected(largest: int, value: float, unit: str) -> dict[str, float]:
    return {f"expected for {largest:,} from the smaller sizes, {unit}": value}


def _exact(passages: Passages) -> Figure:
    every = [passage for several in passages.values() for passage in several]
    return Figure(
        name=f"windows missing or extra, up to {max(passages):,} events",
        against="",
        unit="windows",
        # All runs together: the median would hide a run that went wrong.
        ours=[float(sum(passage.wrong for passage in every))],
        baseline=[],
        target=0,
        more_is_better=False,
        bound="none",
        why=f"DynamoDB, the lake and the file have the same {max(passage.windows for passage in every):,} windows.",
        on_aws="The same, as long as no shard is over its limits: Kinesis, Lambda and Firehose deliver at least once, "
        "and table and job take each window and object once.",
        details={f"windows of {events:,} events": float(several[0].windows) for events, several in passages.items()},
    )


def _throughput(several: Sequence[Passage], events: int) -> Figure:
    seconds = statistics.median(map(_seconds, several))
    stages = {name: statistics.median(each.stages[name] for each in several) for name in several[0].stages}
    cpu = {
        name: statistics.median(each.cpu_seconds.get(name, 0.0) for each in several) for name in several[0].cpu_seconds
    }
    flink = sum(cpu.get(name, 0.0) for name in JVMS)
    busy: dict[Bound, float] = {"emulator": cpu[EMULATOR], "Flink": flink, "client": cpu[CLIENT]}
    bound = max(busy, key=lambda name: busy[name])
    needed = size(events / seconds, _EVENT_BYTES)
    return Figure(
        name=f"{events:,} events end to end, from replay to reconciled",
        against="",
        unit="events/s",
        ours=[events / passage.seconds for passage in several],
        baseline=[],
        # The table asks for growth in a line, not for a speed; this is that of the shop in October, a hundredfold.
        target=1_585,
        more_is_better=True,
        bound=bound,
        why=f"{seconds:.0f} s, in which the emulator takes {busy['emulator']:.0f} processor seconds, Flink {flink:.0f} "
        f"and the replay with its checks {busy['client']:.0f}.",
        on_aws=f"At this pace {needed.shards} shards, {needed.kpus} KPUs and {needed.lambda_concurrency} environment "
        f"of the function: ${needed.usd_per_hour_in_all:.2f} an hour (python -m helpers size).",
        details={
            **{f"seconds until {name}": value for name, value in stages.items()},
            **{f"{name}, processor seconds": value for name, value in cpu.items()},
        },
    )


def _growth(
    name: str,
    unit: str,
    of: Callable[[Passage], float],
    passages: Passages,
    why: str,
    expected: Mapping[str, float],
) -> Figure:
    points = _medians(passages, of)
    line = straight_line(points)
    smallest, largest = min(points), max(points)
    return Figure(
        name=f"{name} from {smallest:,} to {largest:,} events, distance from a straight line",
        against="",
        unit="of the line",
        ours=[line.furthest(points)],
        baseline=[],
        target=_TOLERANCE,
        more_is_better=False,
        bound="memory" if unit == "MB" else "none",
        why=why,
        on_aws="Time grows with the events for each shard, and shards with the traffic (python -m helpers size); "
        "nothing is kept in memory but Flink's open windows.",
        details={
            **{f"{events:,} events, {unit}": value for events, value in points.items()},
            f"fixed part, {unit}": line.fixed,
            f"for a million events, {unit}": line.each * 1_000_000,
            **expected,
        },
    )


def _why_time(passages: Passages) -> str:
    line = straight_line(_medians(passages, _seconds))
    return (
        f"{line.fixed:.0f} s are fixed (Firehose waits 5 s, Glue and Athena start, watermarks end), and each event "
        f"adds {line.each * 1e6:.0f} µs at every size."
    )


def _why_memory(passages: Passages) -> str:
    emulator = straight_line(_medians(passages, lambda passage: passage.peak_bytes[EMULATOR] / MB))
    jvms = _jvms(passages)
    return (
        f"The emulator keeps streams and objects in memory, {emulator.each * 1000:.2f} KB for each event; Flink's "
        f"{jvms:.0f} MB and the replay's do not grow with the events."
    )


def _jvms(passages: Passages) -> float:
    last = passages[max(passages)][-1]
    return sum(last.peak_bytes.get(name, 0) for name in JVMS) / MB


def _medians(passages: Passages, of: Callable[[Passage], float]) -> dict[int, float]:
    return {events: statistics.median(map(of, several)) for events, several in passages.items() if several}


def _seconds(passage: Passage) -> float:
    return passage.seconds


def _memory(passage: Passage) -> float:
    return passage.most_in_all_bytes / MB
