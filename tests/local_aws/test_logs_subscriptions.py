"""Subscription filters and metric filters: what becomes of new log events.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import gzip
import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/logs"

PRINTING = """
import base64, gzip

def handler(event, context):
    print(gzip.decompress(base64.b64decode(event["awslogs"]["data"])).decode())
"""

Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def logs(client: Client) -> Any:
    return client("logs")


@pytest.fixture
def stream(logs: Any) -> dict[str, str]:
    name = uuid.uuid4().hex
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="a")
    return {"logGroupName": name, "logStreamName": "a"}


@pytest.fixture
def kinesis_arn(client: Client) -> str:
    name = uuid.uuid4().hex
    client("kinesis").create_stream(StreamName=name, ShardCount=1)
    return f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}"


def put(logs: Any, stream: dict[str, str], *messages: str) -> None:
    now = int(time.time() * 1000)
    logs.put_log_events(**stream, logEvents=[{"timestamp": now, "message": message} for message in messages])


def subscribe(logs: Any, stream: dict[str, str], arn: str, name: str = "f", pattern: str = "", **more: str) -> None:
    group = stream["logGroupName"]
    logs.put_subscription_filter(logGroupName=group, filterName=name, filterPattern=pattern, destinationArn=arn, **more)


def refused(call: Callable[..., Any], *given: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*given, **request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_matching_events_reach_a_kinesis_stream(
    client: Client, logs: Any, stream: dict[str, str], kinesis_arn: str
) -> None:
    subscribe(logs, stream, kinesis_arn, pattern="ERROR", roleArn=ROLE)
    put(logs, stream, "ERROR 1", "fine", "ERROR 2")
    put(logs, stream, "fine")
    kinesis = client("kinesis")
    name = kinesis_arn.partition("/")[2]
    at = kinesis.get_shard_iterator(StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    records = kinesis.get_records(ShardIterator=at)["Records"]
    control, data = (json.loads(gzip.decompress(record["Data"])) for record in records)
    assert control["messageType"] == "CONTROL_MESSAGE"
    messages = [event["message"] for event in data.pop("logEvents")]
    assert messages == ["ERROR 1", "ERROR 2"]
    assert data == {
        "messageType": "DATA_MESSAGE",
        "owner": "000000000000",
        "logGroup": stream["logGroupName"],
        "logStream": "a",
        "subscriptionFilters": ["f"],
    }
    assert records[1]["PartitionKey"] == "a"


def test_events_reach_a_function(client: Client, logs: Any, stream: dict[str, str]) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", PRINTING)
    name = uuid.uuid4().hex
    arn = client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="main.handler", Code={"ZipFile": code.getvalue()}
    )["FunctionArn"]
    client("lambda").get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    subscribe(logs, stream, arn)
    put(logs, stream, "hello")
    until = time.monotonic() + 20
    printed: list[str] = []
    while not printed and time.monotonic() < until:
        try:
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="DATA_MESSAGE")["events"]
            printed = [event["message"] for event in found]
        except logs.exceptions.ResourceNotFoundException:
            time.sleep(0.05)
    assert json.loads(printed[0])["logEvents"][0]["message"] == "hello"


def test_events_reach_a_delivery_stream(client: Client, logs: Any, stream: dict[str, str]) -> None:
    name = uuid.uuid4().hex
    client("s3").create_bucket(Bucket=name)
    arn = client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": f"arn:aws:s3:::{name}",
            "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
        },
    )["DeliveryStreamARN"]
    until = time.monotonic() + 20
    while True:
        try:
            subscribe(logs, stream, arn, roleArn=ROLE)
            break
        except logs.exceptions.InvalidParameterException as error:
            # The stream is still being made.
            assert "Could not deliver test message to specified Firehose stream." in str(error)
            assert time.monotonic() < until
            time.sleep(0.05)
    put(logs, stream, "hello")
    text = ""
    while "hello" not in text and time.monotonic() < until:
        keys = [found["Key"] for found in client("s3").list_objects_v2(Bucket=name).get("Contents", [])]
        bodies = [client("s3").get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
        text = "".join(gzip.decompress(body).decode() for body in bodies)
    assert "DATA_MESSAGE" in text


def test_filters_are_described_and_replaced(logs: Any, stream: dict[str, str], kinesis_arn: str) -> None:
    group = stream["logGroupName"]
    assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []
    subscribe(logs, stream, kinesis_arn, roleArn=ROLE)
    subscribe(logs, stream, kinesis_arn, pattern="[]", roleArn=ROLE)
    [shown] = logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
    assert shown.pop("creationTime") > 0
    assert shown == {
        "filterName": "f",
        "logGroupName": group,
        "filterPattern": "[]",
        "destinationArn": kinesis_arn,
        "roleArn": ROLE,
        "distribution": "ByLogStream",
        "applyOnTransformedLogs": False,
    }
    subscribe(logs, stream, kinesis_arn, name="g", roleArn=ROLE)
    assert refused(subscribe, logs, stream, kinesis_arn, name="h", roleArn=ROLE) == (
        "LimitExceededException",
        "Resource limit exceeded.",
    )


def test_destinations_that_are_refused(logs: Any, stream: dict[str, str], kinesis_arn: str) -> None:
    assert refused(subscribe, logs, stream, kinesis_arn) == (
        "InvalidParameterException",
        "destinationArn for vendor kinesis cannot be used without roleArn",
    )
    assert refused(subscribe, logs, stream, f"{kinesis_arn}-none", roleArn=ROLE) == (
        "InvalidParameterException",
        "Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE "
        "state.",
    )
    function = "arn:aws:lambda:us-east-1:000000000000:function:none"
    assert refused(subscribe, logs, stream, function) == (
        "InvalidParameterException",
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your "
        "function.",
    )
    assert refused(subscribe, logs, {**stream, "logGroupName": "none"}, kinesis_arn, roleArn=ROLE) == (
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
    missing = {"logGroupName": stream["logGroupName"], "filterName": "none"}
    assert refused(logs.delete_subscription_filter, **missing) == (
        "ResourceNotFoundException",
        "The specified subscription filter does not exist.",
    )


def sums(client: Client, namespace: str, name: str, **dimensions: str) -> float:
    found = client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.now(UTC) - timedelta(minutes=5),
        EndTime=datetime.now(UTC) + timedelta(minutes=5),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found)


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("ERROR", "1", 2.0),
        ('{ $.level = "ERROR" }', "$.size", 5.0),
        ("[level = ERROR, size]", "$size", 7.0),
        ("absent", "1", 0.0),
    ],
)
def test_metric_filters_measure_what_matches(
    client: Client, logs: Any, stream: dict[str, str], pattern: str, value: str, expected: float
) -> None:
    namespace = uuid.uuid4().hex
    transformation = {"metricNamespace": namespace, "metricName": "m", "metricValue": value, "defaultValue": 0}
    given = {"logGroupName": stream["logGroupName"], "filterName": "f", "filterPattern": pattern}
    logs.put_metric_filter(**given, metricTransformations=[transformation])
    put(logs, stream, "ERROR 7", '{"level": "ERROR", "size": 5}', "fine 3")
    assert [m["MetricName"] for m in client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]] == ["m"]
    assert sums(client, namespace, "m") == expected


def test_metrics_have_dimensions_out_of_the_event(client: Client, logs: Any, stream: dict[str, str]) -> None:
    namespace = uuid.uuid4().hex
    transformation = {
        "metricNamespace": namespace,
        "metricName": "m",
        "metricValue": "$.ms",
        "dimensions": {"Shop": "$.shop"},
    }
    given = {"logGroupName": stream["logGroupName"], "filterName": "f", "filterPattern": "{ $.ms = * }"}
    logs.put_metric_filter(**given, metricTransformations=[transformation])
    put(logs, stream, '{"shop": "a", "ms": 3}', '{"shop": "b", "ms": 4}', '{"shop": "a", "ms": 5}')
    assert (sums(client, namespace, "m", Shop="a"), sums(client, namespace, "m", Shop="b")) == (8.0, 4.0)


def test_metric_filters_are_described_by_prefix_and_checked(logs: Any, stream: dict[str, str]) -> None:
    prefix = uuid.uuid4().hex
    transformations = [{"metricNamespace": "n", "metricName": "m", "metricValue": "1"}]
    given = {"logGroupName": stream["logGroupName"], "metricTransformations": transformations}
    for name in (prefix, "other"):
        logs.put_metric_filter(**given, filterName=name, filterPattern="x")
    [shown] = logs.describe_metric_filters(filterNamePrefix=prefix)["metricFilters"]
    assert (shown["filterName"], shown["applyOnTransformedLogs"]) == (prefix, False)
    assert refused(logs.put_metric_filter, **given, filterName="f", filterPattern="{") == (
        "InvalidParameterException",
        "Invalid filter pattern",
    )
    assert refused(logs.put_metric_filter, **given, filterName="f" * 513, filterPattern="") == (
        "InvalidParameterException",
        f"1 validation error detected: Value '{'f' * 513}' at 'filterName' failed to satisfy constraint: "
        "Member must have length less than or equal to 512",
    )
