"""The alert function on its event source mapping, while its own calls of AWS fail at random.

The faults strike before a call (AWS refuses it) and after it (AWS took it, and the answer is lost).
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from faulty_aws import FaultyAws, Rule, faulty_aws
from function_world import ALERT_OVER, FunctionWorld, make_world

from helpers.packaging import RUNTIME, package

pytestmark = pytest.mark.faults

USERS, WINDOWS = 8, 5
SHARE = 0.2


def refused(service: str, operation: str, share: float = SHARE) -> Rule:
    """Return a rule by which a call is refused before it does anything; no client repeats this error."""
    error = {"code": "AccessDeniedException", "status": 400, "message": "by chance"}
    return {"service": service, "operation": operation, "probability": share, "error": error}


def answer_lost(service: str, operation: str, share: float = SHARE) -> Rule:
    """Return a rule by which a call works, and its answer breaks off."""
    return {"service": service, "operation": operation, "probability": share, "response": {"abort_bytes": 1}}


def once(rule: Rule) -> Rule:
    """Return a rule that strikes a single call, so that there is a fault of its kind whatever the dice say."""
    return {**rule, "probability": 1.0, "times": 1}


BEFORE = [refused("dynamodb", "PutItem"), refused("dynamodb", "UpdateItem"), refused("sns", "Publish")]
AFTER = [answer_lost("dynamodb", "PutItem"), answer_lost("dynamodb", "UpdateItem")]


@contextmanager
def deployed(client: Callable[[str], Any], world: FunctionWorld, aws: FaultyAws) -> Iterator[str]:
    """Map a stream of two shards to the function, whose calls go through the faulty AWS, and give the stream's name."""
    kinesis, functions = client("kinesis"), client("lambda")
    stream, made = f"windows-{uuid.uuid4().hex[:10]}", package("alert")
    kinesis.create_stream(StreamName=stream, ShardCount=2)
    functions.create_function(
        FunctionName=world.table,
        Runtime=RUNTIME,
        Architectures=["arm64"],
        Role="arn:aws:iam::000000000000:role/functions",
        Handler=made.handler,
        Code={"ZipFile": made.zipped},
        Timeout=30,
        Environment={"Variables": world.environment | {"AWS_ENDPOINT_URL": aws.url}},
    )
    mapping = functions.create_event_source_mapping(
        FunctionName=world.table,
        EventSourceArn=kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"],
        StartingPosition="TRIM_HORIZON",
        BatchSize=10,
        ParallelizationFactor=2,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    try:
        yield stream
    finally:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        functions.delete_function(FunctionName=world.table)
        kinesis.delete_stream(StreamName=stream)


def windows() -> list[dict[str, Any]]:
    """Return windows of some users, every third of them with so many actions that it deserves an alert."""
    return [
        {
            "window_start": f"2019-10-01T00:00:{window}0",
            "window_end": f"2019-10-01T00:0{(window + 1) // 6}:{(window + 1) % 6}0",
            "user_id": str(user),
            "actions": ALERT_OVER + 1 + user if (user + window) % 3 == 0 else 6,
        }
        for window in range(WINDOWS)
        for user in range(USERS)
    ]


def put(client: Callable[[str], Any], stream: str, sent: list[dict[str, Any]]) -> None:
    entries = [{"Data": json.dumps(window).encode(), "PartitionKey": window["user_id"]} for window in sent]
    assert client("kinesis").put_records(StreamName=stream, Records=entries)["FailedRecordCount"] == 0


def await_items(world: FunctionWorld, sent: list[dict[str, Any]], seconds: float = 150) -> None:
    """Wait until every window is in the table, and every alert is marked as sent."""
    alerting = sum(window["actions"] > ALERT_OVER for window in sent)
    deadline = time.monotonic() + seconds
    while True:
        items = world.items()
        marked = sum("alert_message_id" in item for item in items.values())
        if len(items) == len(sent) and marked == alerting:
            break
        assert time.monotonic() < deadline, f"{len(items)} of {len(sent)} windows, {marked} of {alerting} alerts"
        time.sleep(0.1)
    assert {key: item["actions"] for key, item in items.items()} == {
        (int(window["user_id"]), window["window_start"]): window["actions"] for window in sent
    }


def run(
    client: Callable[[str], Any], world: FunctionWorld, rules: list[Rule], seed: int, log: Path, local_aws: str
) -> tuple[Counter[tuple[int, str]], Counter[tuple[str, str]]]:
    """Send the windows through the failing function; return its alerts and the faults, each counted."""
    with faulty_aws(local_aws, rules, seed, log) as aws, deployed(client, world, aws) as stream:
        sent = windows()
        put(client, stream, sent)
        await_items(world, sent)
        faults = Counter((fault["operation"], fault["action"]) for fault in aws.fired())
        aws.heal()
        # Nothing is stuck behind what failed.
        last = [{**sent[0], "user_id": str(user)} for user in range(100, 108)]
        put(client, stream, last)
        await_items(world, [*sent, *last])
    return Counter((alert["user_id"], alert["window_start"]) for alert in world.alerts()), faults


def expected_alerts() -> set[tuple[int, str]]:
    deserving = {(int(w["user_id"]), w["window_start"]) for w in windows() if w["actions"] > ALERT_OVER}
    return deserving | {(user, windows()[0]["window_start"]) for user in range(100, 108)}


@pytest.fixture
def world(client: Callable[[str], Any]) -> FunctionWorld:
    return make_world(client)


def test_a_fifth_of_all_calls_fails_before_and_after_and_every_alert_comes_once(
    client: Callable[[str], Any], world: FunctionWorld, local_aws: str, tmp_path: Path
) -> None:
    rules = [*map(once, BEFORE), *BEFORE, *AFTER]
    alerts, faults = run(client, world, rules, 1, tmp_path / "proxy.log", local_aws)
    assert {operation for operation, _ in faults} == {"PutItem", "UpdateItem", "Publish"}
    assert alerts == dict.fromkeys(expected_alerts(), 1)


def test_only_an_alert_whose_answer_is_lost_comes_again(
    client: Callable[[str], Any], world: FunctionWorld, local_aws: str, tmp_path: Path
) -> None:
    lost_alert = answer_lost("sns", "Publish")
    rules = [once(lost_alert), *BEFORE, *AFTER, lost_alert]
    alerts, faults = run(client, world, rules, 3, tmp_path / "proxy.log", local_aws)
    assert set(alerts) == expected_alerts()
    lost = sum(
        count for (operation, action), count in faults.items() if operation == "Publish" and "error" not in action
    )
    assert lost > 0
    assert sum(alerts.values()) == len(expected_alerts()) + lost
