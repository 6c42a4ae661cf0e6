"""Log lines in the embedded metric format become metrics, whoever writes them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Log = Callable[..., None]


@pytest.fixture
def namespace() -> str:
    return f"emf-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def log(client: Callable[[str], Any]) -> Log:
    """Write lines into a log group of the test's own."""
    logs, group = client("logs"), f"group-{uuid.uuid4().hex[:8]}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="stream")

    def write(*lines: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=events)

    return write


def line(namespace: str, directive: dict[str, Any] | None = None, **members: Any) -> str:
    wanted = {
        "Namespace": namespace,
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "Alerts", "Unit": "Count"}],
    } | (directive or {})
    root = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [wanted]}
    return json.dumps({"_aws": root, "service": "shop", **members})


def total(client: Callable[[str], Any], namespace: str, dimensions: dict[str, str], metric: str = "Alerts") -> Any:
    now = datetime.now(UTC)
    answer = client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )
    points = answer["Datapoints"]
    return sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points)


def test_a_number_and_a_list_of_numbers_are_counted(client: Callable[[str], Any], log: Log, namespace: str) -> None:
    log("START", line(namespace, Alerts=3), line(namespace, Alerts=[1, 2, 0]), "END")
    assert total(client, namespace, {"service": "shop"}) == (6, 4)
    [metric] = client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]
    assert metric["Dimensions"] == [{"Name": "service", "Value": "shop"}]


def test_each_set_of_dimensions_is_a_metric_of_its_own(client: Callable[[str], Any], log: Log, namespace: str) -> None:
    log(line(namespace, {"Dimensions": [[], ["service"], ["service", "stage"]]}, Alerts=1, stage="test"))
    for dimensions in ({"service": "shop"}, {"service": "shop", "stage": "test"}):
        assert total(client, namespace, dimensions) == (1, 1)
    listed = client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"]
    assert sorted(len(metric["Dimensions"]) for metric in listed) == [0, 1, 2]


@pytest.mark.parametrize(
    ("directive", "members"),
    [
        ({}, {}),
        ({}, {"Alerts": "many"}),
        ({}, {"Alerts": list(range(101))}),
        ({"Dimensions": [["absent"]]}, {"Alerts": 1}),
        ({"Dimensions": "service"}, {"Alerts": 1}),
        ({"Metrics": [{"Unit": "Count"}]}, {"Alerts": 1}),
        ({"Namespace": None}, {"Alerts": 1}),
    ],
)
def test_what_breaks_the_format_is_a_log_line_like_any_other(
    client: Callable[[str], Any], log: Log, namespace: str, directive: dict[str, Any], members: dict[str, Any]
) -> None:
    log(line(namespace, directive, **members), '{"_aws": 1}', '["_aws"]', '{"_aws": {')
    assert client("cloudwatch").list_metrics(Namespace=namespace)["Metrics"] == []


def test_an_alarm_on_such_a_metric_goes_off(client: Callable[[str], Any], log: Log, namespace: str) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=namespace,
        Namespace=namespace,
        MetricName="Alerts",
        Dimensions=[{"Name": "service", "Value": "shop"}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    log(line(namespace, Alerts=1))
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[namespace])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
