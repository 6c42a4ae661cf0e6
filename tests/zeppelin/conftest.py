"""A session on a real Flink, and the lab's streams on a local AWS."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from helpers.flink import FlinkSession
from helpers.flink_rest import RECOVERY_SECONDS, send
from helpers.zeppelin.source import NoteParameters

_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Taken down last, when the services are stopped: every part of every Flink has ended."""
    mark = tmp_path_factory.getbasetemp().as_uri()
    yield
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if any(mark in argument for argument in line)]


@pytest.fixture
def flink(flink_urls: tuple[str, str]) -> Iterator[FlinkSession]:
    """A session of its own; jobs that still run at the end are cancelled, which nobody waits for: it takes 3 s."""
    session = FlinkSession(*flink_urls)
    yield session
    for job in session.jobs():
        if job.state in ("RUNNING", "RESTARTING", "CREATED"):
            send("PATCH", f"{flink_urls[1]}/jobs/{job.job_id}?mode=cancel", patience_seconds=RECOVERY_SECONDS)
    session.close()


@dataclass(frozen=True)
class Streams:
    """Both streams of the lab, under names of one test's own."""

    kinesis: Any
    events: str
    activity: str

    def parameters(self, initial_position: str = "TRIM_HORIZON") -> NoteParameters:
        return NoteParameters("us-east-1", self.events, self.activity, initial_position=initial_position)


@pytest.fixture
def make_streams(client: Callable[[str], Any]) -> Iterator[Callable[[int], Streams]]:
    """Make both streams with a number of shards."""
    kinesis = client("kinesis")
    made: list[str] = []

    def make(shards: int) -> Streams:
        number = next(_numbers)
        names = [f"note-{number}-events", f"note-{number}-activity"]
        for name in names:
            kinesis.create_stream(StreamName=name, ShardCount=shards)
            kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        made.extend(names)
        return Streams(kinesis, *names)

    yield make
    for name in made:
        kinesis.delete_stream(StreamName=name)
