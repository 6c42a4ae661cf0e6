"""The zips, deployed and really run by an event source mapping of the local AWS."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from function_world import FunctionWorld, make_world

from helpers.packaging import RUNTIME, package


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.05)


@pytest.fixture
def world(client: Callable[[str], Any]) -> FunctionWorld:
    return make_world(client)


@pytest.fixture
def stream(client: Callable[[str], Any]) -> Iterator[str]:
    kinesis, name = client("kinesis"), f"fn-{uuid.uuid4().hex[:10]}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    yield name
    kinesis.delete_stream(StreamName=name)


@pytest.fixture
def deploy(client: Callable[[str], Any], world: FunctionWorld, stream: str) -> Iterator[Callable[..., str]]:
    """Create the function, map the stream to it and return its name."""
    functions, mappings = client("lambda"), []

    def create(name: str, **settings: Any) -> str:
        made = package(name)
        functions.create_function(
            FunctionName=world.table,
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Role="arn:aws:iam::000000000000:role/functions",
            Handler=made.handler,
            Code={"ZipFile": made.zipped},
            Timeout=30,
            Environment={"Variables": world.environment},
        )
        arn = client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
        mapping = functions.create_event_source_mapping(
            FunctionName=world.table,
            EventSourceArn=arn,
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **settings,
        )
        mappings.append(mapping["UUID"])
        return world.table

    yield create
    for mapping in mappings:
        functions.delete_event_source_mapping(UUID=mapping)
    functions.delete_function(FunctionName=world.table)


def put(client: Callable[[str], Any], stream: str, records: list[dict[str, Any]]) -> None:
    entries = [{"Data": json.dumps(record).encode(), "PartitionKey": str(record["user_id"])} for record in records]
    client("kinesis").put_records(StreamName=stream, Records=entries)


def test_the_function_on_stream_2_keeps_windows_alerts_and_measures(
    client: Callable[[str], Any], world: FunctionWorld, stream: str, deploy: Callable[..., str]
) -> None:
    name = deploy("alert")
    times = {"window_start": "2019-10-01T00:00:00", "window_end": "2019-10-01T00:00:10"}
    put(client, stream, [{**times, "user_id": "1", "actions": 7}, {**times, "user_id": "2", "actions": 12}])
    wait_until(lambda: len(world.items()) == 2 and "alert_message_id" in world.items()[2, "2019-10-01T00:00:00"])
    [alert] = world.alerts()
    assert (alert["user_id"], alert["actions"]) == (2, 12)
    logs = client("logs")
    wait_until(lambda: bool(messages(logs, name, "alert sent")))
    assert messages(logs, name, "alert sent")[0]["user_id"] == 2
    sums = {metric: metric_sum(client("cloudwatch"), world.table, metric) for metric in ("Windows", "Alerts")}
    assert sums == {"Windows": 2, "Alerts": 1}


def test_the_function_on_stream_1_counts_and_alerts(
    client: Callable[[str], Any], world: FunctionWorld, stream: str, deploy: Callable[..., str]
) -> None:
    deploy("watch")
    event = {"event_time": "2019-10-01 00:00:03 UTC", "event_type": "view"}
    put(client, stream, [event | {"user_id": "7"}] * 11 + [event | {"user_id": "8"}] * 3)
    wait_until(lambda: sum(item["actions"] for item in world.items().values()) == 14)
    assert {key[0]: item["actions"] for key, item in world.items().items()} == {7: 11, 8: 3}
    wait_until(lambda: "alert_message_id" in world.items()[7, "2019-10-01T00:00:00"])
    assert [alert["user_id"] for alert in world.alerts()] == [7]


def test_a_poison_record_ends_in_the_queue_and_the_rest_goes_on(
    client: Callable[[str], Any], world: FunctionWorld, stream: str, deploy: Callable[..., str]
) -> None:
    sqs = world.sqs
    url = sqs.create_queue(QueueName=f"{world.table}-failed")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    times = {"window_start": "2019-10-01T00:00:00", "window_end": "2019-10-01T00:00:10"}
    windows = [{**times, "user_id": str(user), "actions": -1 if user == 5 else 11} for user in range(10)]
    put(client, stream, windows)
    deploy(
        "alert",
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    info = json.loads(messages[0]["Body"])["KinesisBatchInfo"]
    iterator = client("kinesis").get_shard_iterator(
        StreamName=stream,
        ShardId=info["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=info["startSequenceNumber"],
    )["ShardIterator"]
    [poison] = client("kinesis").get_records(ShardIterator=iterator, Limit=info["batchSize"])["Records"]
    assert json.loads(poison["Data"])["actions"] == -1
    put(client, stream, [{**times, "user_id": "99", "actions": 7}])
    wait_until(lambda: {key[0] for key in world.items()} == {0, 1, 2, 3, 4, 6, 7, 8, 9, 99})
    assert sorted(alert["user_id"] for alert in world.alerts()) == [0, 1, 2, 3, 4, 6, 7, 8, 9]


def metric_sum(cloudwatch: Any, namespace: str, metric: str) -> float:
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": "service", "Value": "shop"}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def messages(logs: Any, function: str, message: str) -> list[dict[str, Any]]:
    """Return the structured log lines of a function that have this message."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    lines = [event["message"] for page in pages for event in page["events"]]
    return [parsed for line in lines if line.startswith("{") and (parsed := json.loads(line)).get("message") == message]
