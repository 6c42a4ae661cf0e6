"""Ten minutes of the whole live arm at a steady rate: does the memory of any process grow?

The local Kinesis keeps its records in memory for the stream's retention period, a day. That is what the
learner asked for, and no leak: it is measured as bytes a record, and the emulator is held to it.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import psutil

from helpers.bench.figure import Figure, Scale
from helpers.bench.live_arm import LiveArm
from helpers.bench.memory import MB
from helpers.bench.processes import EMULATOR, JVMS, groups_of
from helpers.bench.services import fresh_lab
from helpers.bench.shop_day import EVENTS_PER_SECOND, write_shop_day
from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.lab import Lab
from helpers.waiting import until
from helpers.windows import count_windows

SECONDS = 600
RATE = 1000.0
_LOOKS = 300
_MAIL_SECONDS = 120.0
# Until then programs load, compile and fill their caches.
_WARM_UP = 0.5
# Of the mean, over the second half: what allocators move to and fro in a flat process.
_MOST_GROWTH = 0.02
# A Java program lets its heap grow up to its bound before it tidies up, so it is held to that bound: heap,
# off-heap, metaspace and overhead as `helpers.local.flink.configuration` gives them.
_JVM_BOUND_MB = {"job manager": 896, "task manager": 1280, "SQL gateway": 556, "ZooKeeper": 148}
# A record of the sample is about 330 bytes of JSON; compressed, with its places, less than a third of it is kept.
_MOST_KEPT_BYTES = 110.0
_ON_AWS = "Not the learner's matter: each service looks after its own processes."


class Look(NamedTuple):
    """Seconds since the begin, events sent until then, and resident bytes by group."""

    seconds: float
    sent: int
    held_bytes: dict[str, int]


class LostWindowsError(LabError):
    """The live arm did not keep up, or lost something."""

    def __init__(self, kept: int, expected: int) -> None:
        super().__init__(f"The soak kept {kept} windows instead of {expected}: its memory says nothing; see the logs.")


def measure(scale: Scale) -> list[Figure]:
    """Measure the growth of every process, once: a soak of ten minutes is not repeated.

    Raises
    ------
    helpers.errors.LabError
        If a part does not come up, or not every window arrives.
    """
    with fresh_lab(scale.folder / "services", flink=True) as lab:
        looks = _soak(scale, lab)
    second_half = [look for look in looks if look.seconds >= looks[-1].seconds * _WARM_UP]
    names = [name for name in second_half[-1].held_bytes if all(name in look.held_bytes for look in second_half)]
    seconds = looks[-1].seconds
    flat = [_growth(name, second_half, seconds) for name in names if name != EMULATOR and name not in JVMS]
    return [*flat, *(_bounded(name, looks, seconds) for name in JVMS), _kept(second_half, seconds)]


def _soak(scale: Scale, lab: Lab) -> list[Look]:
    rule, path = BotRule(), scale.folder / "shop.csv"
    seconds = scale.of(SECONDS)
    expected = len(count_windows(write_shop_day(round(seconds * RATE), 1, path), rule))
    arm, flink = LiveArm(lab, "soak"), lab.flink()
    arm.make_alerts(rule)
    before = len(arm.kept())
    job = arm.deploy(flink)
    until(lambda: flink.checkpoint(job), "the job's first checkpoint", _MAIL_SECONDS)
    key, sent = arm.upload(path), _Count()
    with ThreadPoolExecutor(max_workers=1) as pool:
        playing = pool.submit(arm.play, key, RATE / EVENTS_PER_SECOND, sent.add)
        looks = _looks(lab, sent, seconds / _LOOKS, playing.done)
        playing.result()
    kept = lambda: len(arm.kept()) - before  # noqa: E731
    until(lambda: kept() >= expected, f"{expected} windows in DynamoDB", _MAIL_SECONDS)
    if kept() != expected:
        raise LostWindowsError(kept(), expected)
    flink.cancel(job)
    flink.close()
    return looks


class _Count:
    """How many events have been sent."""

    def __init__(self) -> None:
        self.sent, self._lock = 0, threading.Lock()

    def add(self, records: int) -> None:
        with self._lock:
            self.sent += records


def _looks(lab: Lab, count: _Count, pause_seconds: float, is_over: Callable[[], bool]) -> list[Look]:
    """Look at every process until the replay is over."""
    began, looks = time.monotonic(), []
    while not is_over():
        groups = groups_of(lab)
        held = {name: size for name, found in groups.items() if (size := sum(map(_resident_bytes, found)))}
        looks.append(Look(time.monotonic() - began, count.sent, held))
        time.sleep(pause_seconds)
    return looks


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _growth(name: str, looks: Sequence[Look], seconds: float) -> Figure:
    """Return how much a group has grown over the second half, as a part of its mean."""
    times, held = [look.seconds for look in looks], [look.held_bytes[name] for look in looks]
    slope, _ = statistics.linear_regression(times, held)
    mean = statistics.fmean(held)
    growth = slope * (times[-1] - times[0]) / mean
    return Figure(
        name=f"growth of the {name} in the second half of {seconds:.0f} s at {RATE:,.0f} events/s",
        against="",
        unit="of its memory",
        ours=[growth],
        baseline=[],
        target=_MOST_GROWTH,
        more_is_better=False,
        bound="none" if growth <= _MOST_GROWTH else "memory",
        why=f"A line through {len(looks)} looks rises by {slope * 60 / MB:.2f} MB a minute at {mean / MB:.0f} MB.",
        on_aws=_ON_AWS,
        details={"MB": mean / MB, "MB at most": max(held) / MB, "MB a minute": slope * 60 / MB},
    )


def _bounded(name: str, looks: Sequence[Look], seconds: float) -> Figure:
    """Return the most that a Java program held, as a part of what it was given."""
    held = [look.held_bytes[name] / MB for look in looks]
    slope, _ = statistics.linear_regression([look.seconds for look in looks], held)
    return Figure(
        name=f"memory of the {name} in {seconds:.0f} s at {RATE:,.0f} events/s",
        against="",
        unit=f"of its {_JVM_BOUND_MB[name]} MB",
        ours=[max(held) / _JVM_BOUND_MB[name]],
        baseline=[],
        target=1.0,
        more_is_better=False,
        bound="none",
        why=f"It rises by {slope * 60:.2f} MB a minute to {max(held):.0f} MB; a Java heap grows to -Xmx, no further.",
        on_aws=_ON_AWS,
        details={"MB": statistics.fmean(held), "MB at most": max(held), "MB a minute": slope * 60},
    )


def _kept(looks: Sequence[Look], seconds: float) -> Figure:
    """Return how many bytes the emulator grows by with each event: what it keeps of it, for a day."""
    sent, held = [look.sent for look in looks], [look.held_bytes[EMULATOR] for look in looks]
    slope, _ = statistics.linear_regression(sent, held)
    return Figure(
        name=f"growth of the emulator with each event in the second half of {seconds:.0f} s",
        against="",
        unit="bytes an event",
        ours=[slope],
        baseline=[],
        target=_MOST_KEPT_BYTES,
        more_is_better=False,
        bound="memory",
        why=(
            "The stream keeps each event for its retention period, a day, compressed in memory; windows, logs and "
            f"mails are in this number as well. At {RATE:,.0f} events/s: {slope * RATE * 3600 / MB:,.0f} MB an hour."
        ),
        on_aws=(
            "Kinesis keeps records for 24 hours at no charge beyond the shard: "
            "https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html"
        ),
        details={"MB": statistics.fmean(held) / MB, "events": looks[-1].sent},
    )
