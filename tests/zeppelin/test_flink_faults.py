"""What goes wrong under a running job: exact windows all the same, or one clear line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from flink_parts import GATEWAY, JOB_MANAGER, TASK_MANAGER, ZOOKEEPER, kill
from shop_stream import as_csv, shop_events, windows_in, windows_of

from helpers.flink import FlinkDownError, FlinkSession, SessionLostError
from helpers.local.process import flink_urls as running_flink
from helpers.replay import SENDING_CONFIG, replay
from helpers.waiting import until
from helpers.zeppelin.note import write_notes
from helpers.zeppelin.run import deploy_note

from .conftest import Streams

pytestmark = pytest.mark.faults

Play = Callable[..., None]

BUCKET, KEY = "fault-events", "events.csv"
EVENTS = shop_events(4000, seed=2)
EXPECTED = windows_of(EVENTS)
NUMBERS = """CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '10000')"""


@pytest.fixture(scope="module", autouse=True)
def cut(client: Callable[[str], Any]) -> None:
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=as_csv(EVENTS))


@pytest.fixture
def streams(make_streams: Callable[[int], Streams]) -> Streams:
    return make_streams(2)


@pytest.fixture
def note(streams: Streams, tmp_path: Path) -> Path:
    return write_notes(tmp_path, streams.parameters())[1]


@pytest.fixture
def play(client: Callable[[str], Any], local_aws: str, streams: Streams) -> Play:
    """Send all events into stream 1; half-way something may happen, and they go on coming meanwhile."""
    sending = boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)

    def send(half_way: Callable[[], object] | None = None) -> None:
        sent = [0]

        def progress(records: int) -> None:
            sent.append(sent[-1] + records)
            if half_way is None:
                return
            if sent[-2] < len(EVENTS) / 2 <= sent[-1]:
                half_way()
            elif sent[-1] > len(EVENTS) / 2:
                time.sleep(0.5)

        replay(client("s3"), sending, BUCKET, KEY, streams.events, progress=progress)

    return send


def answers(flink_urls: tuple[str, str]) -> bool:
    try:
        return FlinkSession(*flink_urls).query("SELECT 1 AS answer").to_dict("list") == {"answer": [1]}
    except FlinkDownError:
        return False


def wait_for_windows(flink: FlinkSession, streams: Streams, job: str) -> None:
    """Wait until the job has found a window and made a checkpoint."""
    seen = lambda: windows_in(streams.kinesis, streams.activity, 1) and flink.checkpoint(job)  # noqa: E731
    until(seen, "windows and a checkpoint", 30)


@pytest.mark.parametrize(
    "killed",
    [(GATEWAY,), (TASK_MANAGER,), (JOB_MANAGER,), (JOB_MANAGER, TASK_MANAGER), (ZOOKEEPER,)],
    ids=["gateway", "task manager", "job manager", "job and task manager", "ZooKeeper"],
)
def test_a_killed_part_leaves_the_same_job_and_the_same_windows(
    flink: FlinkSession,
    flink_urls: tuple[str, str],
    local_aws: str,
    services_dir: Path,
    streams: Streams,
    note: Path,
    play: Play,
    killed: tuple[str, ...],
) -> None:
    job = deploy_note(note, flink, local_aws, 2)

    def half_way() -> None:
        wait_for_windows(flink, streams, job)
        kill(flink, services_dir, *killed)

    play(half_way)
    # Flink's Kinesis sink may write twice what it wrote after the latest checkpoint; never other counts.
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED), once=False) == EXPECTED
    until(lambda: flink.state(job) == "RUNNING", "the job", 30)
    assert running_flink(services_dir) == flink_urls
    until(lambda: answers(flink_urls), "the gateway", 30)


def test_parts_killed_while_nothing_happens_change_nothing(
    flink: FlinkSession,
    flink_urls: tuple[str, str],
    local_aws: str,
    services_dir: Path,
    streams: Streams,
    note: Path,
    play: Play,
) -> None:
    job = deploy_note(note, flink, local_aws, 2)
    until(lambda: flink.checkpoint(job), "a checkpoint", 30)
    kill(flink, services_dir, GATEWAY, JOB_MANAGER, TASK_MANAGER)
    play()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED), once=False) == EXPECTED
    until(lambda: flink.state(job) == "RUNNING", "the job", 30)
    until(lambda: answers(flink_urls), "the gateway", 30)


def test_a_query_goes_on_after_the_job_manager_was_killed(flink: FlinkSession, services_dir: Path) -> None:
    flink.execute(NUMBERS)
    steps = flink.updates("SELECT n FROM numbers", rows=60, seconds=60)
    next(table for table in steps if len(table))
    kill(flink, services_dir, JOB_MANAGER)
    assert list(steps)[-1]["n"].tolist() == list(range(60))


def test_a_query_whose_gateway_was_killed_ends_in_one_sentence_and_leaves_no_job(
    flink: FlinkSession, services_dir: Path
) -> None:
    flink.execute(NUMBERS)
    steps = flink.updates("SELECT n FROM numbers", seconds=60)
    next(table for table in steps if len(table))
    kill(flink, services_dir, GATEWAY)
    with pytest.raises(SessionLostError, match=r"lost this session and its tables .*: make a new one with") as error:
        deque(steps, maxlen=0)
    assert "\n" not in str(error.value)
    assert not [job for job in flink.jobs() if job.state == "RUNNING"]
    with pytest.raises(SessionLostError):
        flink.execute("SELECT 1")


def test_a_stopped_job_resumes_from_its_checkpoint(
    flink: FlinkSession, local_aws: str, streams: Streams, note: Path, play: Play
) -> None:
    job = deploy_note(note, flink, local_aws, 2)

    def half_way() -> None:
        wait_for_windows(flink, streams, job)
        flink.cancel(job)
        deploy_note(note, flink, local_aws, 2, flink.checkpoint(job))

    play(half_way)
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED), once=False) == EXPECTED


SENT = b'"txn_timestamp":"2026-11-24T00:00:00.000"'
BAD = {
    "no JSON": b"{ nonsense",
    "not UTF-8": b"\xff\xfe",
    "an array": b"[1, 2]",
    "no fields": b"{}",
    "no event_time": b'{"event_type":"view","user_id":"1",%b}' % SENT,
    "a time that is none": b'{"event_time":"yesterday","event_type":"view","user_id":"1",%b}' % SENT,
    "no user": b'{"event_time":"2019-10-01 00:00:00 UTC","event_type":"view",%b}' % SENT,
    "from the future": b'{"event_time":"2039-10-01 00:00:00 UTC","event_type":"view","user_id":"1",%b}' % SENT,
}


def test_bad_records_in_stream_1_change_nothing_for_the_others(
    flink: FlinkSession, local_aws: str, streams: Streams, note: Path, play: Play
) -> None:
    job = deploy_note(note, flink, local_aws, 2)
    for data in BAD.values():
        for key in ("a", "b", "c", "d"):
            streams.kinesis.put_record(StreamName=streams.events, Data=data, PartitionKey=key)
    play()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED)) == EXPECTED
    assert flink.failure(job) is None


def test_a_stream_deleted_under_a_job_is_named_as_the_cause(
    flink: FlinkSession, local_aws: str, make_streams: Callable[[int], Streams], tmp_path: Path
) -> None:
    doomed = make_streams(1)
    job = deploy_note(write_notes(tmp_path, doomed.parameters())[1], flink, local_aws, 1)
    until(lambda: flink.checkpoint(job), "a checkpoint", 30)
    doomed.kinesis.delete_stream(StreamName=doomed.events)
    cause = until(lambda: flink.failure(job), "the failure", 30)
    doomed.kinesis.create_stream(StreamName=doomed.events, ShardCount=1)
    assert doomed.events in cause and "\n" not in cause
