"""A bad day at the boundary of AWS: every event arrives, in order per user; what may be doubled is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import boto3
import pytest
from botocore.config import Config
from kinesis_faults import INTERNAL, REFUSED, Microburst, RecordFaults, microburst, record_faults
from shop_stream import as_csv, shop_events

from helpers.events import COLUMNS
from helpers.replay import SENDING_CONFIG, Backoff, ReplayReport, read_shard, replay
from helpers.replay.shards import list_shards
from helpers.waiting import until

pytestmark = pytest.mark.faults

BUCKET, KEY = "faults-source", "events.csv"
# Few users in the beginning would send few events a request.
EVENTS = [event | {"user_session": str(i)} for i, event in enumerate(shop_events(2500, users=4000))]
QUICK = Backoff(base_seconds=0, max_tries=50)
IMPATIENT = SENDING_CONFIG.merge(Config(read_timeout=1))
_numbers = count()

BOTH_WAYS = pytest.mark.parametrize("aggregate", [False, True], ids=["plain", "aggregated"])


@pytest.fixture(scope="module")
def s3(client: Callable[[str], Any]) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=as_csv(EVENTS))
    return s3


@pytest.fixture(scope="module")
def storm(local_aws: str) -> Iterator[Microburst]:
    with microburst(local_aws) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def refusing(local_aws: str) -> Iterator[RecordFaults]:
    with record_faults(local_aws) as proxy:
        yield proxy


@pytest.fixture
def stream(client: Callable[[str], Any]) -> Iterator[str]:
    kinesis, name = client("kinesis"), f"faults-{next(_numbers)}"
    kinesis.create_stream(StreamName=name, ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


def kinesis_at(url: str, config: Config = SENDING_CONFIG) -> Any:
    return boto3.client("kinesis", endpoint_url=url, region_name="us-east-1", config=config)


def doubled(kinesis: Any, stream: str, report: ReplayReport, events: list[dict[str, str]]) -> int:
    """Check that every event is there and in order, and return how many are there again."""
    found: dict[str, list[int]] = {}
    for shard in list_shards(kinesis, stream):
        for record in read_shard(kinesis, stream, shard["ShardId"]):
            event = json.loads(record["Data"])
            found.setdefault(event["user_id"], []).append(int(event["user_session"]))
    expected: dict[str, list[int]] = {}
    for event in events:
        expected.setdefault(event["user_id"], []).append(int(event["user_session"]))
    assert {user: list(dict.fromkeys(numbers)) for user, numbers in found.items()} == expected
    assert (report.sent, report.reordered) == (len(events), 0)
    more = sum(map(len, found.values())) - len(events)
    assert more <= report.maybe_doubled
    return more


@BOTH_WAYS
@pytest.mark.parametrize(
    ("share", "requests", "code"),
    [(0.01, None, REFUSED), (0.3, None, REFUSED), (1.0, 4, REFUSED), (0.3, None, INTERNAL)],
    ids=["1 %", "30 %", "100 % for a while", "internal failures"],
)
def test_refused_records_come_again_and_none_twice(
    s3: Any, client: Callable[[str], Any], refusing: RecordFaults, stream: str, aggregate: bool,
    share: float, requests: int | None, code: str,
) -> None:  # fmt: skip
    refusing.reset(share, requests, code, seed=3)
    # Of the few aggregates one in a hundred would be none.
    if aggregate and share == 0.01:
        refusing.share = 0.5
    report = replay(s3, kinesis_at(refusing.url), BUCKET, KEY, stream, backoff=QUICK, aggregate=aggregate)
    assert refusing.refused > 0 and report.retried > 0
    assert doubled(client("kinesis"), stream, report, EVENTS) == report.maybe_doubled == 0


NOW_AND_THEN = {"sequence": {"fail": 1, "pass": 2}}
# The first request has ticks alone, so a second one must be struck too.
SLOW = {"sequence": {"fail": 1, "pass": 1}, "times": 2}


@BOTH_WAYS
@pytest.mark.parametrize(
    ("rule", "open_question", "taken"),
    [
        ({"error": {"code": REFUSED}} | NOW_AND_THEN, False, False),
        ({"error": {"code": INTERNAL, "status": 500}} | NOW_AND_THEN, True, False),
        ({"reset": True} | NOW_AND_THEN, True, False),
        ({"response": {"abort_frac": 0.3}} | NOW_AND_THEN, True, True),
        ({"response": {"truncate_frac": 0.5}} | NOW_AND_THEN, True, True),
        ({"response": {"bandwidth_kbps": 0.1}} | SLOW, True, True),
        ({"latency": 2500} | SLOW, True, True),
    ],
    ids=[
        "throttled", "internal failure", "cut before", "cut after the stream took it", "half an answer",
        "slow answer", "slow way there",
    ],
)  # fmt: skip
def test_requests_that_fail_lose_nothing_and_what_comes_twice_is_counted_exactly(
    s3: Any, client: Callable[[str], Any], storm: Microburst, stream: str, aggregate: bool,
    rule: dict[str, Any], open_question: bool, taken: bool,
) -> None:  # fmt: skip
    storm.break_by({"operation": "PutRecords"} | rule)
    kinesis = kinesis_at(storm.url, IMPATIENT if "times" in rule else SENDING_CONFIG)
    report = replay(s3, kinesis, BUCKET, KEY, stream, backoff=QUICK, aggregate=aggregate)
    assert storm.fired() > 0
    assert (report.maybe_doubled > 0) is open_question
    twice = report.maybe_doubled if taken else 0
    # What nobody waits for any more may still be on its way.
    until(lambda: doubled(client("kinesis"), stream, report, EVENTS) == twice, f"{twice} events twice", 20)


def test_questions_about_the_stream_are_asked_again(
    s3: Any, client: Callable[[str], Any], storm: Microburst, stream: str
) -> None:
    broken = {"error": {"code": INTERNAL, "status": 500}, "times": 2}
    storm.break_by({"operation": "DescribeStreamSummary"} | broken, {"operation": "ListShards"} | broken)
    report = replay(s3, kinesis_at(storm.url), BUCKET, KEY, stream)
    assert storm.fired() == 4
    assert doubled(client("kinesis"), stream, report, EVENTS) == 0


def test_a_checkpoint_that_cannot_be_written_for_a_while(
    s3: Any, client: Callable[[str], Any], storm: Microburst, stream: str
) -> None:
    storm.break_by(
        {"service": "s3", "operation": "PutObject", "error": {"code": "SlowDown", "status": 503}, "times": 3}
    )

    class Flaky:
        head_object, get_object, delete_object = s3.head_object, s3.get_object, s3.delete_object
        put_object = boto3.client("s3", endpoint_url=storm.url, region_name="us-east-1").put_object

    report = replay(Flaky(), client("kinesis"), BUCKET, KEY, stream)
    assert storm.fired() == 3
    assert doubled(client("kinesis"), stream, report, EVENTS) == 0


@BOTH_WAYS
def test_a_record_of_exactly_1_mib_arrives_and_one_byte_more_is_set_aside(
    s3: Any, client: Callable[[str], Any], stream: str, aggregate: bool
) -> None:
    names = len('{"txn_timestamp":"2026-01-01T00:00:00.000"}\n') + sum(len(f'"{name}":"",') for name in COLUMNS)
    small = EVENTS[1] | {"brand": ""}
    room = 1024 * 1024 - names - sum(map(len, small.values())) - len(small["user_id"])
    large = [small | {"brand": "x" * size, "user_session": str(i)} for i, size in ((1, room), (2, room + 1))]
    events = [EVENTS[0], *large, *EVENTS[3:10]]
    s3.put_object(Bucket=BUCKET, Key="large.csv", Body=as_csv(events))
    report = replay(s3, client("kinesis"), BUCKET, "large.csv", stream, aggregate=aggregate)
    assert (report.read, report.rejected) == (len(events), 1)
    assert "a record of 1,048,577 bytes with its key; Kinesis takes 1,048,576" in report.preview[0].reason
    assert doubled(client("kinesis"), stream, report, [event for event in events if event is not large[1]]) == 0
