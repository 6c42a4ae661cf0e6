"""The replay on the local AWS: every event arrives, in order per user, whatever fails on the way."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from helpers.events import COLUMNS, HEADER
from helpers.partition_keys import shard_of
from helpers.replay import SENDING_CONFIG, Backoff, ReplayError, count_records, read_shard, replay

BUCKET, KEY = "replay-source", "raw/events/events.csv"
QUICK = Backoff(base_seconds=0)
_stream_numbers = count()


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Iterator[Any]:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield s3
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def kinesis(local_aws: str) -> Any:
    return boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=SENDING_CONFIG)


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    name = f"replay-{next(_stream_numbers)}"
    kinesis.create_stream(StreamName=name, ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


def event(i: int, **changes: str) -> dict[str, str]:
    values = [
        f"2019-10-01 {i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02} UTC", "view", "44600062",
        "2103807459595387724", "", "shiseido", "35.79", str(512000000 + i * 7919 % 97), f"session-{i}",
    ]  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True)) | changes


def put_events(s3: Any, events: list[dict[str, str]]) -> None:
    lines = [",".join(values.values()).encode() + b"\n" for values in events]
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=HEADER + b"".join(lines))


def stored(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Return the events of all shards, each shard's in its order."""
    return [
        json.loads(record["Data"])
        for shard in count_records(kinesis, stream)
        for record in read_shard(kinesis, stream, shard)
    ]


def sessions_by_user(events: list[dict[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for values in events:
        grouped.setdefault(values["user_id"], []).append(values["user_session"])
    return grouped


class Faulty:
    """A client of the local Kinesis, some of whose answers are those of a bad day."""

    def __init__(self, kinesis: Any, share: float, seed: int = 1) -> None:
        self._kinesis, self._share, self._chance = kinesis, share, random.Random(seed)
        self.cut_after: set[int] = set()
        self.requests = 0
        self.list_shards, self.exceptions = kinesis.list_shards, kinesis.exceptions
        self.describe_stream_summary = kinesis.describe_stream_summary

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        taken = [entry for entry in Records if self._chance.random() >= self._share]
        answers = iter(self._kinesis.put_records(StreamName=StreamName, Records=taken)["Records"] if taken else [])
        if self.requests in self.cut_after:
            raise ConnectionClosedError(endpoint_url="https://kinesis")
        accepted = {id(entry) for entry in taken}
        refusal = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded for shard"}
        results = [next(answers) if id(entry) in accepted else refusal for entry in Records]
        return {
            "FailedRecordCount": len(Records) - len(taken),
            "Records": results,
            "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0},
        }


def test_every_event_arrives_once_in_order_with_all_its_fields(s3: Any, kinesis: Any, stream: str) -> None:
    events = [event(i) for i in range(3000)]
    put_events(s3, events)
    progress: list[int] = []
    before = datetime.now(UTC).replace(tzinfo=None)
    report = replay(s3, kinesis, BUCKET, KEY, stream, progress=progress.append)
    arrived = stored(kinesis, stream)
    assert sessions_by_user(arrived) == sessions_by_user(events)
    assert {tuple(list(values.values())[:9]) for values in arrived} == {tuple(values.values()) for values in events}
    stamps = [datetime.fromisoformat(values["txn_timestamp"]) for values in arrived]
    assert before.replace(microsecond=0) <= min(stamps) <= max(stamps) <= datetime.now(UTC).replace(tzinfo=None)
    assert (report.read, report.sent, report.rejected, report.retried) == (3000, 3000, 0, 0)
    assert (report.maybe_doubled, report.reordered, sum(progress)) == (0, 0, 3000)
    assert (report.first_event, report.last_event) == (events[0]["event_time"], events[-1]["event_time"])
    assert report.records_per_second == pytest.approx(3000 / report.seconds)


def test_counts_read_back_equal_the_counts_sent_and_the_shards_foretold(s3: Any, kinesis: Any, stream: str) -> None:
    events = [event(i) for i in range(1500)]
    put_events(s3, events)
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    foretold = [0, 0, 0]
    for values in events:
        foretold[shard_of(values["user_id"], 3)] += 1
    assert report.per_shard == count_records(kinesis, stream)
    assert list(report.per_shard.values()) == foretold


def test_counts_since_a_time_leave_earlier_replays_out(s3: Any, kinesis: Any, stream: str) -> None:
    put_events(s3, [event(i) for i in range(200)])
    replay(s3, kinesis, BUCKET, KEY, stream)
    time.sleep(0.002)  # arrival times have milliseconds
    between = datetime.now(UTC)
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    assert sum(count_records(kinesis, stream).values()) == 400
    assert {k: n for k, n in count_records(kinesis, stream, since=between).items() if n} == report.per_shard


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_throttled_records_arrive_in_order_and_once(s3: Any, kinesis: Any, stream: str, share: float) -> None:
    events = [event(i) for i in range(1200)]
    put_events(s3, events)
    report = replay(s3, Faulty(kinesis, share), BUCKET, KEY, stream, backoff=QUICK)
    assert sessions_by_user(stored(kinesis, stream)) == sessions_by_user(events)
    assert report.sent == 1200 and report.retried > 0
    assert (report.maybe_doubled, report.reordered) == (0, 0)


def test_connection_cut_after_the_stream_took_the_records(s3: Any, kinesis: Any, stream: str) -> None:
    events = [event(i) for i in range(1000)]
    put_events(s3, events)
    faulty = Faulty(kinesis, 0.05)
    faulty.cut_after = {2, 5}
    report = replay(s3, faulty, BUCKET, KEY, stream, backoff=QUICK)
    arrived = sessions_by_user(stored(kinesis, stream))
    assert {user: list(dict.fromkeys(sessions)) for user, sessions in arrived.items()} == sessions_by_user(events)
    doubled = sum(map(len, arrived.values())) - 1000
    assert 0 < doubled <= report.maybe_doubled


def test_stream_that_refuses_everything_stops_the_replay(s3: Any, kinesis: Any, stream: str) -> None:
    put_events(s3, [event(i) for i in range(10)])
    with pytest.raises(ReplayError, match=r"refused 3 records 12 times in a row .*0 records are in the stream"):
        replay(s3, Faulty(kinesis, 1.0), BUCKET, KEY, stream, backoff=QUICK)


def test_category_as_partition_key_and_an_empty_one(s3: Any, kinesis: Any, stream: str) -> None:
    events = [event(0, category_code=""), event(1, category_code="kids.toys")]
    put_events(s3, events)
    replay(s3, kinesis, BUCKET, KEY, stream, partition_key="category_code")
    keys = {record["PartitionKey"] for shard in count_records(kinesis, stream)
            for record in read_shard(kinesis, stream, shard)}  # fmt: skip
    assert keys == {events[0]["user_id"], "kids.toys"}


def test_malformed_rows_of_a_file_that_was_not_cut_are_set_aside(s3: Any, kinesis: Any, stream: str) -> None:
    put_events(s3, [event(0), event(1, price="free"), event(2)])
    report = replay(s3, kinesis, BUCKET, KEY, stream)
    assert (report.read, report.sent, report.rejected) == (3, 2, 1)
    assert (report.preview[0].line_number, report.preview[0].kind) == (3, "price")
    assert report.as_record() == {
        "records": 2,
        "rejected": 1,
        "retried": 0,
        "failed": 0,
        "seconds": round(report.seconds, 3),
        "records_per_second": round(report.records_per_second, 1),
    }


def test_pace_is_kept_on_event_time(s3: Any, kinesis: Any, stream: str) -> None:
    put_events(s3, [event(i * 60) for i in range(6)])
    begun = time.time()
    report = replay(s3, kinesis, BUCKET, KEY, stream, speed=600)
    assert 0.5 <= report.seconds < 5
    records = [each for shard in count_records(kinesis, stream) for each in read_shard(kinesis, stream, shard)]
    after = sorted(each["ApproximateArrivalTimestamp"].timestamp() - begun for each in records)
    # A minute of the shop takes 0.1 s; arrival times have no more than milliseconds.
    assert len(after) == 6 and all(seconds >= i * 0.1 - 0.001 for i, seconds in enumerate(after)), after


def test_body_that_breaks_off_is_asked_for_again(s3: Any, kinesis: Any, stream: str) -> None:
    events = [event(i) for i in range(100)]
    put_events(s3, events)
    answers: list[Any] = []

    class Broken:
        def read(self) -> bytes:
            raise ConnectionClosedError(endpoint_url="https://s3")

    class Flaky:
        head_object, put_object, delete_object = s3.head_object, s3.put_object, s3.delete_object

        def get_object(self, **request: Any) -> dict[str, Any]:
            if request["Key"] != KEY:
                return dict(s3.get_object(**request))
            answers.append(request["Range"])
            answer: dict[str, Any] = s3.get_object(**request)
            return answer if len(answers) > 2 else answer | {"Body": Broken()}

    assert replay(Flaky(), kinesis, BUCKET, KEY, stream).sent == 100
    assert len(answers) == 3 and len(set(answers)) == 1


def test_object_replaced_meanwhile(s3: Any, kinesis: Any, stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helpers.replay.objects.RANGE_BYTES", 4096)
    put_events(s3, [event(i) for i in range(500)])

    def replace(sent: int) -> None:
        put_events(s3, [event(i, brand="other") for i in range(500)])

    with pytest.raises(ReplayError, match=r"events\.csv was replaced while it was being replayed"):
        replay(s3, kinesis, BUCKET, KEY, stream, progress=replace)


def test_missing_object_and_bucket_name_the_notebook(s3: Any, kinesis: Any, stream: str) -> None:
    for bucket in (BUCKET, "no-such-bucket"):
        with pytest.raises(ReplayError, match=rf"No object s3://{bucket}/none\.csv: run notebook 02_dataset first"):
            replay(s3, kinesis, bucket, "none.csv", stream)


def test_missing_stream_names_the_notebook(s3: Any, kinesis: Any) -> None:
    put_events(s3, [event(0)])
    with pytest.raises(ReplayError, match="No stream no-such-stream: run notebook 03_streams first"):
        replay(s3, kinesis, BUCKET, KEY, "no-such-stream")


@pytest.mark.parametrize("body", [b"", HEADER, HEADER + b"x\n"])
def test_object_without_events(s3: Any, kinesis: Any, stream: str, body: bytes) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=body)
    with pytest.raises(ReplayError, match=r"has no event to send \([01] malformed rows\): run notebook 02_dataset"):
        replay(s3, kinesis, BUCKET, KEY, stream)


def test_unknown_partition_key_is_refused_before_anything_is_sent(s3: Any, kinesis: Any, stream: str) -> None:
    with pytest.raises(ReplayError, match="partition_key is 'user': name a column of the events, one of event_time"):
        replay(s3, kinesis, BUCKET, KEY, stream, partition_key="user")


def test_count_reads_closed_shards_and_pages_of_shards(kinesis: Any, stream: str) -> None:
    kinesis.put_record(StreamName=stream, Data=b"old", PartitionKey="a")
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=6, ScalingType="UNIFORM_SCALING")
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    kinesis.put_record(StreamName=stream, Data=b"new", PartitionKey="a")

    class Paging:
        get_shard_iterator, get_records = kinesis.get_shard_iterator, kinesis.get_records

        def list_shards(self, **request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = kinesis.list_shards(**request, MaxResults=2)
            return answer

    counts = count_records(Paging(), stream)
    assert sum(counts.values()) == 2 and len(counts) > 6


def test_read_back_waits_when_it_reads_too_often(kinesis: Any, stream: str) -> None:
    kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="a")
    [shard] = [shard for shard, records in count_records(kinesis, stream).items() if records]
    refusals = [ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetRecords")] * 2
    waits: list[float] = []

    class Busy:
        get_shard_iterator = kinesis.get_shard_iterator

        def get_records(self, **request: Any) -> dict[str, Any]:
            if refusals:
                raise refusals.pop()
            answer: dict[str, Any] = kinesis.get_records(**request)
            return answer

    assert len(list(read_shard(Busy(), stream, shard, sleep=waits.append))) == 1
    assert len(waits) == 2
