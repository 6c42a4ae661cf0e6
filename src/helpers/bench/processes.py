"""The processes of a local AWS and its Flink by what they are, and the processor time that they take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from helpers.bench.services import aws_process
from helpers.lab import Lab
from helpers.target import local_services

CLIENT, EMULATOR, FUNCTIONS = "client", "emulator", "functions"
# By the end of the main class.
_FLINK = {
    ".StandaloneSessionClusterEntrypoint": "job manager",
    ".TaskManagerRunner": "task manager",
    ".SqlGateway": "SQL gateway",
    ".ZooKeeperServerMain": "ZooKeeper",
}
JVMS = tuple(_FLINK.values())

Groups = Mapping[str, list[psutil.Process]]


@dataclass
class Work:
    """What a stretch of time took: its length, and processor seconds by group."""

    seconds: float = 0.0
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    def cores(self, *groups: str) -> float:
        """Return how many processors groups kept busy."""
        return sum(self.cpu_seconds[group] for group in groups if group in self.cpu_seconds) / self.seconds


def groups_of(lab: Lab) -> dict[str, list[psutil.Process]]:
    """Find this process, the emulator, its functions' environments, and Flink's JVMs if it is up."""
    emulator = aws_process(lab)
    found = {CLIENT: [psutil.Process()], EMULATOR: [emulator], FUNCTIONS: emulator.children(recursive=True)}
    process = local_services()
    flink = process.FLINK.find(process.folder(lab.settings.build_dir))
    for child in psutil.Process(flink.pid).children() if flink else []:
        try:
            words = child.cmdline()
        except psutil.NoSuchProcess:
            continue
        for ending, name in _FLINK.items():
            if any(word.endswith(ending) for word in words):
                found[name] = [child]
    return found


@contextmanager
def measured_work(groups: Groups) -> Iterator[Work]:
    """Measure the time that the context takes, and the processor time of each group in it."""
    work, before, began = Work(), _cpu_seconds(groups), time.monotonic()
    yield work
    work.seconds = time.monotonic() - began
    after = _cpu_seconds(groups)
    work.cpu_seconds = {name: after[name] - before[name] for name in before}


def _cpu_seconds(groups: Groups) -> dict[str, float]:
    return {name: sum(map(_of_one, processes)) for name, processes in groups.items()}


def _of_one(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
