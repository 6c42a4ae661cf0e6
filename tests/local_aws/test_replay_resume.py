"""A replay that ended half-way goes on where it was; one that runs already is left alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from shop_stream import as_csv, shop_events

from helpers.replay import SENDING_CONFIG, Backoff, ReplayError, ReplayReport, ReplayStoppedError, lease, replay
from helpers.replay.checkpoint import PREFIX
from helpers.replay.read_back import read_shard
from helpers.replay.shards import list_shards

pytestmark = pytest.mark.faults

BUCKET, KEY = "resume-source", "events.csv"
EVENTS = [event | {"user_session": str(i)} for i, event in enumerate(shop_events(6000, users=5000))]
QUICK = Backoff(base_seconds=0)
_numbers = count()

# Sends in small pieces, says after each how many events are in the stream, and stays where it is told to.
CHILD = """
import sys, time
import boto3
from helpers.replay import SENDING_CONFIG, replay
endpoint, bucket, key, stream, stay_at = sys.argv[1:]
make = lambda service, **more: boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **more)
sent = 0
def progress(records):
    global sent
    sent += records
    print(sent, flush=True)
    time.sleep(0.002)
    while sent >= int(stay_at):
        time.sleep(1)
replay(make("s3"), make("kinesis", config=SENDING_CONFIG), bucket, key, stream, progress=progress)
"""


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Iterator[Any]:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=as_csv(EVENTS))
    yield s3
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def kinesis(local_aws: str) -> Any:
    return boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)


def make_stream(kinesis: Any, name: str) -> None:
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    name = f"resume-{next(_numbers)}"
    make_stream(kinesis, name)
    yield name
    kinesis.delete_stream(StreamName=name)


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(lease, "_LOOK_SECONDS", 0.1)


def arrived(kinesis: Any, stream: str) -> dict[str, list[int]]:
    """Return the numbers of the events of each user, in the order of their shard."""
    found: dict[str, list[int]] = {}
    for shard in list_shards(kinesis, stream):
        for record in read_shard(kinesis, stream, shard["ShardId"]):
            event = json.loads(record["Data"])
            found.setdefault(event["user_id"], []).append(int(event["user_session"]))
    return found


def check_whole(found: dict[str, list[int]], report: ReplayReport) -> int:
    """Check that every event is there, in order but for stretches that come again; return how many came again."""
    expected: dict[str, list[int]] = {}
    for i, event in enumerate(EVENTS):
        expected.setdefault(event["user_id"], []).append(i)
    for user, numbers in expected.items():
        first_copies = list(dict.fromkeys(found[user]))
        assert first_copies == numbers
    doubled = sum(map(len, found.values())) - len(EVENTS)
    assert doubled <= report.maybe_doubled
    assert (report.read, report.sent) == (len(EVENTS), len(EVENTS))
    return doubled


def checkpoints(s3: Any, stream: str) -> list[str]:
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}{stream}/")
    return [item["Key"] for item in listed.get("Contents", [])]


def start_child(local_aws: str, stream: str, at_least: int, stay: bool = False) -> subprocess.Popen[str]:
    """Start a replay in a process of its own, and return it once it has sent so many events; it may stay there."""
    stay_at = str(at_least if stay else len(EVENTS) + 1)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, local_aws, BUCKET, KEY, stream, stay_at], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    for line in child.stdout:
        if int(line) >= at_least:
            return child
    raise AssertionError(f"the replay ended with {child.wait()}")


def kill(child: subprocess.Popen[str]) -> None:
    with child:
        child.kill()


def interrupted(s3: Any, kinesis: Any, stream: str, after: int, error: type[BaseException] = KeyboardInterrupt) -> None:
    """Run a replay that is interrupted after so many events."""
    sent = 0

    def progress(records: int) -> None:
        nonlocal sent
        sent += records
        if sent >= after:
            raise error

    with pytest.raises(error):
        replay(s3, kinesis, BUCKET, KEY, stream, progress=progress)


def test_a_killed_replay_goes_on_and_says_how_much_may_be_there_twice(
    local_aws: str, s3: Any, kinesis: Any, stream: str
) -> None:
    for at_least in (1500, 3500):
        kill(start_child(local_aws, stream, at_least))
    assert len(checkpoints(s3, stream)) == 1
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    check_whole(arrived(kinesis, stream), report)
    assert report.resumed_at and 1500 < report.resumed_at <= len(EVENTS)
    assert (report.first_event, report.last_event) == (EVENTS[0]["event_time"], EVENTS[-1]["event_time"])
    assert sum(report.per_shard.values()) == len(EVENTS)
    assert checkpoints(s3, stream) == []


def test_a_finished_replay_leaves_nothing_to_resume(s3: Any, kinesis: Any, stream: str) -> None:
    for _ in range(2):
        report = replay(s3, kinesis, BUCKET, KEY, stream)
        assert (report.sent, report.resumed_at, report.maybe_doubled) == (len(EVENTS), None, 0)
        assert checkpoints(s3, stream) == []
    assert sum(map(len, arrived(kinesis, stream).values())) == 2 * len(EVENTS)


def test_an_interrupted_replay_goes_on_at_once_and_doubles_nothing(s3: Any, kinesis: Any, stream: str) -> None:
    for after in (1, 2500):
        interrupted(s3, kinesis, stream, after)
    told: list[int] = []
    began = time.monotonic()
    report = replay(s3, kinesis, BUCKET, KEY, stream, progress=told.append)
    assert check_whole(arrived(kinesis, stream), report) == 0
    assert report.maybe_doubled == 0 and report.resumed_at == told[0] + 1 > 2500
    assert sum(told) == len(EVENTS)
    assert report.requests > 0 and time.monotonic() - began < 20


class Refusing:
    """A client whose stream takes so many requests and half of the next one, then nothing more."""

    def __init__(self, kinesis: Any, requests: int) -> None:
        self._kinesis, self._left = kinesis, requests
        self.list_shards, self.exceptions = kinesis.list_shards, kinesis.exceptions
        self.describe_stream_summary = kinesis.describe_stream_summary

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._left -= 1
        taken = Records if self._left > 0 else Records[: len(Records) // 2] if self._left == 0 else []
        results = self._kinesis.put_records(StreamName=StreamName, Records=taken)["Records"] if taken else []
        refusal = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded for shard"}
        return {
            "FailedRecordCount": len(Records) - len(taken),
            "Records": results + [refusal] * (len(Records) - len(taken)),
            "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0},
        }


def test_a_stream_that_refuses_leaves_a_state_to_go_on_from(s3: Any, kinesis: Any, stream: str) -> None:
    with pytest.raises(ReplayStoppedError) as stop:
        replay(s3, Refusing(kinesis, 10), BUCKET, KEY, stream, backoff=QUICK)
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    assert report.resumed_at == stop.value.next_event
    again = stop.value.sent + 1 - stop.value.next_event
    assert report.maybe_doubled == check_whole(arrived(kinesis, stream), report) == again > 0


def test_a_replay_stopped_before_its_first_event_leaves_nothing(s3: Any, kinesis: Any, stream: str) -> None:
    with pytest.raises(ReplayStoppedError):
        replay(s3, Refusing(kinesis, 0), BUCKET, KEY, stream, backoff=QUICK)
    assert checkpoints(s3, stream) == []


def test_the_same_replay_is_refused_while_it_runs(local_aws: str, s3: Any, kinesis: Any, stream: str) -> None:
    # It renews every two seconds.
    lease.LEASE_SECONDS = 5.0
    child = start_child(local_aws, stream, 500, stay=True)
    sentence = (
        rf"^s3://{BUCKET}/{KEY} is being replayed to stream {stream} by another program at this moment: "
        "wait until it has ended, or stop it, and start the replay again.$"
    )
    try:
        for resume in (True, False):
            with pytest.raises(ReplayError, match=sentence):
                replay(s3, kinesis, BUCKET, KEY, stream, resume=resume)
    finally:
        kill(child)


def test_replays_that_differ_do_not_touch_each_others_state(s3: Any, kinesis: Any, stream: str) -> None:
    other = "other.csv"
    s3.put_object(Bucket=BUCKET, Key=other, Body=as_csv(EVENTS[:500]))
    interrupted(s3, kinesis, stream, 2500)
    [kept] = checkpoints(s3, stream)
    before = s3.get_object(Bucket=BUCKET, Key=kept)["Body"].read()
    reports: list[ReplayReport] = []

    def play(key: str, partition_key: str) -> None:
        reports.append(replay(s3, kinesis, BUCKET, key, stream, partition_key=partition_key))

    threads = [threading.Thread(target=play, args=each) for each in ((other, "user_id"), (KEY, "user_session"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((report.sent, report.resumed_at) for report in reports) == [(500, None), (len(EVENTS), None)]
    assert s3.get_object(Bucket=BUCKET, Key=kept)["Body"].read() == before
    assert replay(s3, kinesis, BUCKET, KEY, stream).resumed_at is not None


def test_an_owner_that_was_thought_dead_stops(s3: Any, kinesis: Any, stream: str) -> None:
    """One whose renewals do not come through is taken over; when it wakes up, it sends no more."""

    class Stuck:
        head_object, delete_object = s3.head_object, s3.delete_object
        get_object = s3.get_object
        asleep, awake = threading.Event(), threading.Event()
        writes = 0

        def put_object(self, **request: Any) -> dict[str, Any]:
            Stuck.writes += 1
            if Stuck.writes == 3:
                self.asleep.set()
                assert self.awake.wait(30)
            return dict(s3.put_object(**request))

    failures: list[BaseException] = []

    def first() -> None:
        try:
            replay(Stuck(), kinesis, BUCKET, KEY, stream)
        except ReplayError as error:
            failures.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    assert Stuck.asleep.wait(30)
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    Stuck.awake.set()
    thread.join()
    [failure] = failures
    assert str(failure).startswith(f"Another program took over the replay of s3://{BUCKET}/{KEY} to stream {stream}")
    check_whole(arrived(kinesis, stream), report)
    assert checkpoints(s3, stream) == []


def test_an_object_that_changed_in_between_is_refused_and_can_be_begun_anew(s3: Any, kinesis: Any, stream: str) -> None:
    key = "changing.csv"
    s3.put_object(Bucket=BUCKET, Key=key, Body=as_csv(EVENTS[:1000]))

    def stop(sent: int) -> None:
        if sent:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replay(s3, kinesis, BUCKET, key, stream, progress=stop)
    s3.put_object(Bucket=BUCKET, Key=key, Body=as_csv(EVENTS[:900]))
    sentence = (
        rf"^s3://{BUCKET}/{key} was replaced since its replay to stream {stream} stopped at event \d+: "
        r"begin anew with replay\(\.\.\., resume=False\)\.$"
    )
    for _ in range(2):
        with pytest.raises(ReplayError, match=sentence):
            replay(s3, kinesis, BUCKET, key, stream)
    report = replay(s3, kinesis, BUCKET, key, stream, resume=False)
    assert (report.sent, report.resumed_at) == (900, None)


def test_a_stream_made_anew_gets_all_events(s3: Any, kinesis: Any, stream: str) -> None:
    interrupted(s3, kinesis, stream, 2500)
    kinesis.delete_stream(StreamName=stream)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    make_stream(kinesis, stream)
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    assert report.resumed_at is None
    assert check_whole(arrived(kinesis, stream), report) == 0


def test_what_is_no_checkpoint_is_named(s3: Any, kinesis: Any, stream: str) -> None:
    interrupted(s3, kinesis, stream, 100)
    [kept] = checkpoints(s3, stream)
    s3.put_object(Bucket=BUCKET, Key=kept, Body=b"{}")
    with pytest.raises(ReplayError, match=rf"^s3://{BUCKET}/{kept} is no checkpoint of a replay: delete it, and"):
        replay(s3, kinesis, BUCKET, KEY, stream)
    s3.delete_object(Bucket=BUCKET, Key=kept)
    assert replay(s3, kinesis, BUCKET, KEY, stream).resumed_at is None


def test_a_write_whose_answer_got_lost_is_still_ours(s3: Any, kinesis: Any, stream: str) -> None:
    """boto3 repeats such a PUT, and then S3 refuses it: the version is not the one before any more."""

    class Forgetful:
        head_object, delete_object, get_object = s3.head_object, s3.delete_object, s3.get_object

        def put_object(self, **request: Any) -> dict[str, Any]:
            s3.put_object(**request)
            return dict(s3.put_object(**request))

    report = replay(Forgetful(), kinesis, BUCKET, KEY, stream)
    assert check_whole(arrived(kinesis, stream), report) == 0
    assert checkpoints(s3, stream) == []


def test_all_sent_but_not_closed_only_closes(s3: Any, kinesis: Any, stream: str) -> None:
    interrupted(s3, kinesis, stream, len(EVENTS))
    tips = [
        kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST")
        for shard in list_shards(kinesis, stream)
    ]
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    new = [kinesis.get_records(ShardIterator=tip["ShardIterator"])["Records"] for tip in tips]
    assert (report.resumed_at, report.sent, report.maybe_doubled) == (len(EVENTS) + 1, len(EVENTS), 0)
    assert [[json.loads(record["Data"])["event_type"] for record in records] for records in new] == [["tick"]] * 2
