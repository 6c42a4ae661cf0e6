"""A session on a real Flink, and the lab's streams on a local AWS."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from helpers.flink import FlinkSession
from helpers.zeppelin.source import NoteParameters

_numbers = itertools.count()


@pytest.fixture
def flink(flink_urls: tuple[str, str]) -> Iterator[FlinkSession]:
    """A session of its own; jobs that still run at the end are cancelled."""
    session = FlinkSession(*flink_urls)
    yield session
    for job in session.jobs():
        if job.state in ("RUNNING", "RESTARTING", "CREATED"):
            session.cancel(job.job_id)
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
