"""Both notes on both Flinks, Studio's 1.15.4 and the lab's 1.20: every statement runs, every query gives rows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import boto3
import flink_115
import pytest
from shop_stream import as_csv, shop_events, windows_in, windows_of

from helpers.events import COLUMNS
from helpers.flink import FlinkSession
from helpers.replay import SENDING_CONFIG, replay
from helpers.shard_tasks import parallelism_for
from helpers.zeppelin.note import read_note, write_notes
from helpers.zeppelin.run import at_endpoint, is_query
from helpers.zeppelin.statements import split_statements

from .conftest import Streams

BUCKET = "note-events-115"
EVENTS = shop_events(2000)
EXPECTED = windows_of(EVENTS)
# Rows wanted of each query of note 1; of the cure every one.
ROWS = {
    "Events as they come": 100,
    "Events per user and type": 10,
    "Events per minute, user and type": 10,
    "Trap: bots by sending time": 10,
    "Cure: bots by event time": len(EXPECTED),
    "Hopping windows": 10,
    "Session windows": 3,
    "Late events": 3,
}


@pytest.fixture(scope="module")
def flink_115_session(
    local_aws: str, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[flink_115.Session]:
    cache = pytestconfig.cache
    assert cache is not None, "the jars of Flink 1.15 are kept in pytest's cache"
    with flink_115.session(cache.mkdir("flink-1.15.4"), tmp_path_factory.mktemp("flink_115")) as session:
        session.execute("SET 'execution.checkpointing.interval' = '200 ms'")
        # A job that fails says why, instead of being started again for ever.
        session.execute("SET 'restart-strategy' = 'none'")
        yield session


class Engine(Protocol):
    """What a test wants of a session, of whichever Flink."""

    def execute(self, statement: str) -> object: ...

    def query(self, statement: str, *, rows: int) -> list[flink_115.Row]: ...


class LabsOwn:
    """The lab's own Flink, with every value as text."""

    def __init__(self, session: FlinkSession) -> None:
        self.execute, self._session = session.execute, session

    def query(self, statement: str, *, rows: int) -> list[flink_115.Row]:
        found = self._session.query(statement, rows=rows, seconds=60)
        return [tuple(map(str, row)) for row in found.itertuples(index=False, name=None)]


@pytest.fixture(params=["1.15.4", "1.20"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == flink_115.VERSION:
        found: Engine = request.getfixturevalue("flink_115_session")
        return found
    return LabsOwn(request.getfixturevalue("flink"))


@pytest.fixture
def streams(make_streams: Callable[[int], Streams], engine: Engine) -> Streams:
    made = make_streams(2)
    shards = [shard["ShardId"] for shard in made.kinesis.list_shards(StreamName=made.events)["Shards"]]
    engine.execute(f"SET 'parallelism.default' = '{parallelism_for(made.events, shards)}'")
    return made


@pytest.fixture(scope="module")
def send(client: Callable[[str], Any], local_aws: str) -> Callable[[Streams], None]:
    """Send all events into stream 1."""
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="events.csv", Body=as_csv(EVENTS))
    sending = boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)

    def to(streams: Streams) -> None:
        replay(s3, sending, BUCKET, "events.csv", streams.events)

    return to


@contextmanager
def late_events(streams: Streams) -> Iterator[None]:
    """One event after the other whose time is long over."""
    late = json.dumps(dict.fromkeys(COLUMNS, "1") | EVENTS[0] | {"txn_timestamp": "2026-01-01T00:00:00.000"})
    enough = threading.Event()

    def send() -> None:
        while not enough.wait(0.2):
            streams.kinesis.put_record(StreamName=streams.events, Data=late.encode(), PartitionKey="late")

    sending = threading.Thread(target=send)
    sending.start()
    yield
    enough.set()
    sending.join()


def play(engine: Engine, note: Path, endpoint: str) -> dict[str, list[flink_115.Row]]:
    """Run every statement of a note and return the rows of its queries by title of their paragraph."""
    found = {}
    for paragraph in read_note(note):
        if paragraph.directive == "%md":
            continue
        for statement in split_statements(at_endpoint(paragraph.text, endpoint)):
            if is_query(statement):
                found[paragraph.title] = engine.query(statement, rows=ROWS[paragraph.title])
            else:
                engine.execute(statement)
    return found


def test_every_statement_of_the_first_note_runs(
    engine: Engine,
    streams: Streams,
    send: Callable[[Streams], None],
    local_aws: str,
    tmp_path: Path,
) -> None:
    send(streams)
    note = write_notes(tmp_path, streams.parameters())[0]
    with late_events(streams):
        found = play(engine, note, local_aws)
    assert {title: len(rows) for title, rows in found.items()} == ROWS
    cured = {
        (datetime.fromisoformat(str(start)).isoformat(), user): int(str(actions))
        for start, _, user, actions in found["Cure: bots by event time"]
    }
    assert cured == EXPECTED


# On the lab's own Flink, other tests read from the beginning.
@pytest.mark.parametrize(
    ("engine", "position"),
    [("1.15.4", "TRIM_HORIZON"), ("1.15.4", "AT_TIMESTAMP"), ("1.20", "AT_TIMESTAMP")],
    indirect=["engine"],
)
def test_the_second_note_finds_every_window(
    engine: Engine,
    streams: Streams,
    send: Callable[[Streams], None],
    local_aws: str,
    tmp_path: Path,
    position: str,
) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    send(streams)
    parameters = streams.parameters(moment if position == "AT_TIMESTAMP" else position)
    play(engine, write_notes(tmp_path, parameters)[1], local_aws)
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED)) == EXPECTED


def test_a_statement_that_fails_is_told_with_its_cause(flink_115_session: flink_115.Session) -> None:
    with pytest.raises(flink_115.StatementFailedError, match="Object 'nowhere' not found"):
        flink_115_session.query("SELECT * FROM nowhere", rows=1)
