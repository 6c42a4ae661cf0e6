"""What goes wrong under a running job: exact windows all the same, or one clear line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from shop_stream import as_csv, shop_events, windows_in, windows_of

from helpers.flink import FlinkDownError, FlinkSession
from helpers.replay import SENDING_CONFIG, replay
from helpers.zeppelin.note import write_notes
from helpers.zeppelin.run import deploy_note

from .conftest import Streams

BUCKET, KEY = "fault-events", "events.csv"
EVENTS = shop_events(4000, seed=2)
EXPECTED = windows_of(EVENTS)
# A thousand seconds of the shop in eight.
SPEED = 125.0


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
def shop(client: Callable[[str], Any], local_aws: str, streams: Streams) -> Iterator[threading.Thread]:
    """A replay that runs beside the test."""
    sending = boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)
    arguments = (client("s3"), sending, BUCKET, KEY, streams.events)
    thread = threading.Thread(target=replay, args=arguments, kwargs={"speed": SPEED})
    yield thread
    thread.join()


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def answers(flink_urls: tuple[str, str]) -> bool:
    try:
        return FlinkSession(*flink_urls).query("SELECT 1 AS answer").to_dict("list") == {"answer": [1]}
    except FlinkDownError:
        return False


def flinks_process(services_dir: Path, main_class: str) -> psutil.Process:
    mark = (services_dir / "local" / "flink" / "conf").as_uri()
    [process] = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(mark in argument for argument in process.info["cmdline"] or [])
        and any(argument.endswith(main_class) for argument in process.info["cmdline"])
    ]
    return process


def test_a_killed_task_manager_leaves_the_same_windows(
    flink: FlinkSession, local_aws: str, services_dir: Path, streams: Streams, note: Path, shop: threading.Thread
) -> None:
    job = deploy_note(note, flink, local_aws, 2)
    shop.start()
    until(lambda: len(windows_in(streams.kinesis, streams.activity, 1)) >= 1 and flink.checkpoint(job) is not None)
    flinks_process(services_dir, ".TaskManagerRunner").kill()
    shop.join()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED), once=False) == EXPECTED
    assert flink.state(job) == "RUNNING"


def test_a_stopped_job_resumes_from_its_checkpoint(
    flink: FlinkSession, local_aws: str, streams: Streams, note: Path, shop: threading.Thread
) -> None:
    job = deploy_note(note, flink, local_aws, 2)
    shop.start()
    until(lambda: len(windows_in(streams.kinesis, streams.activity, 1)) >= 1 and flink.checkpoint(job) is not None)
    flink.cancel(job)
    deploy_note(note, flink, local_aws, 2, flink.checkpoint(job))
    shop.join()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED), once=False) == EXPECTED


def test_a_killed_gateway_leaves_the_job_running_and_comes_back(
    flink: FlinkSession,
    flink_urls: tuple[str, str],
    local_aws: str,
    services_dir: Path,
    streams: Streams,
    note: Path,
    shop: threading.Thread,
) -> None:
    deploy_note(note, flink, local_aws, 2)
    shop.start()
    killed = flinks_process(services_dir, ".SqlGateway")
    killed.kill()
    killed.wait()
    shop.join()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED)) == EXPECTED
    until(lambda: answers(flink_urls))


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
    flink: FlinkSession, local_aws: str, streams: Streams, note: Path, shop: threading.Thread
) -> None:
    job = deploy_note(note, flink, local_aws, 2)
    for data in BAD.values():
        for key in ("a", "b", "c", "d"):
            streams.kinesis.put_record(StreamName=streams.events, Data=data, PartitionKey=key)
    shop.start()
    shop.join()
    assert windows_in(streams.kinesis, streams.activity, len(EXPECTED)) == EXPECTED
    assert flink.failure(job) is None


def test_a_stream_deleted_under_a_job_is_named_as_the_cause(
    flink: FlinkSession, local_aws: str, make_streams: Callable[[int], Streams], tmp_path: Path
) -> None:
    doomed = make_streams(1)
    job = deploy_note(write_notes(tmp_path, doomed.parameters())[1], flink, local_aws, 1)
    until(lambda: flink.checkpoint(job) is not None)
    doomed.kinesis.delete_stream(StreamName=doomed.events)
    until(lambda: flink.failure(job) is not None)
    cause = flink.failure(job)
    doomed.kinesis.create_stream(StreamName=doomed.events, ShardCount=1)
    assert cause is not None and doomed.events in cause and "\n" not in cause
