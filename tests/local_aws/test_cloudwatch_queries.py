"""Statistics and data of metrics: units, dimensions, labels, order and pages.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

MINUTE = timedelta(minutes=1)


class Metrics:
    """A namespace of a test's own."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.aws = client("cloudwatch")
        self.namespace = f"Test/{uuid.uuid4().hex[:8]}"
        self.moment = datetime.now(UTC).replace(second=0, microsecond=0) - 30 * MINUTE

    def put(self, name: str, value: float, unit: str = "None", minutes: int = 0, **dimensions: str) -> None:
        datum = {
            "MetricName": name,
            "Value": value,
            "Unit": unit,
            "Timestamp": self.moment + minutes * MINUTE,
            "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        }
        self.aws.put_metric_data(Namespace=self.namespace, MetricData=[datum])

    def query(self, name: str, stat: str = "Sum", period: int = 60, **settings: Any) -> dict[str, Any]:
        metric = {"Namespace": self.namespace, "MetricName": name}
        return {"Metric": metric, "Period": period, "Stat": stat, **settings}

    def data(self, *stats: dict[str, Any], **settings: Any) -> dict[str, Any]:
        queries = [{"Id": f"q{number}", "MetricStat": stat} for number, stat in enumerate(stats)]
        answer: dict[str, Any] = self.aws.get_metric_data(
            MetricDataQueries=queries,
            StartTime=self.moment - MINUTE,
            EndTime=self.moment + 30 * MINUTE,
            **settings,
        )
        return answer


@pytest.fixture
def metrics(shared_client: Callable[[str], Any]) -> Iterator[Metrics]:
    yield Metrics(shared_client)


def test_each_unit_has_a_data_point_of_its_own(metrics: Metrics) -> None:
    for value, unit in ((1, "Seconds"), (5, "Count"), (10, "None"), (20, "None")):
        metrics.put("m", value, unit)
    answer = metrics.aws.get_metric_statistics(
        Namespace=metrics.namespace, MetricName="m", StartTime=metrics.moment, EndTime=metrics.moment + MINUTE,
        Period=60, Statistics=["Average", "SampleCount"], ExtendedStatistics=["p50"],
    )  # fmt: skip
    found = {point["Unit"]: (point["Average"], point["SampleCount"]) for point in answer["Datapoints"]}
    assert found == {"Seconds": (1.0, 1.0), "Count": (5.0, 1.0), "None": (15.0, 2.0)}
    assert all("p50" in point["ExtendedStatistics"] for point in answer["Datapoints"])
    assert answer["Label"] == "m"


def test_without_a_unit_data_has_the_first_of_many_and_a_message(metrics: Metrics) -> None:
    metrics.put("m", 60_000, "Milliseconds")
    metrics.put("m", 60, "Seconds")
    (result,) = metrics.data(metrics.query("m"))["MetricDataResults"]
    assert result["Values"] == [60_000.0]
    assert result["Messages"] == [
        {"Code": "MultipleUnits", "Value": "Multiple units returned: '[Milliseconds, Seconds]'"}
    ]
    (result,) = metrics.data(metrics.query("m", Unit="Seconds"))["MetricDataResults"]
    assert result["Values"] == [60.0]
    assert not result.get("Messages")
    (result,) = metrics.data(metrics.query("m", Unit="Count"))["MetricDataResults"]
    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_a_metric_is_a_name_with_its_dimensions(metrics: Metrics) -> None:
    metrics.put("m", 1, shop="a")
    metrics.put("m", 2, shop="b")
    assert metrics.data(metrics.query("m"))["MetricDataResults"][0]["Values"] == []
    one = metrics.query("m")
    one["Metric"]["Dimensions"] = [{"Name": "shop", "Value": "b"}]
    assert metrics.data(one)["MetricDataResults"][0]["Values"] == [2.0]
    metrics.put("m", 4)
    answer = metrics.aws.get_metric_statistics(
        Namespace=metrics.namespace, MetricName="m", StartTime=metrics.moment, EndTime=metrics.moment + MINUTE,
        Period=60, Statistics=["Sum"],
    )  # fmt: skip
    assert [point["Sum"] for point in answer["Datapoints"]] == [4.0]


def test_services_have_the_sum_of_their_dimensions(metrics: Metrics) -> None:
    end = datetime.now(UTC) + MINUTE
    answer = metrics.aws.get_metric_statistics(
        Namespace="AWS/Lambda", MetricName="Invocations", StartTime=end - timedelta(hours=3), EndTime=end,
        Period=10_800, Statistics=["Sum"],
    )  # fmt: skip
    assert isinstance(answer["Datapoints"], list)


@pytest.mark.parametrize(
    ("pairs", "labels"),
    [
        ([("Sum", 60), ("Minimum", 300)], ["m Sum 60", "m Minimum 300"]),
        ([("Sum", 60), ("Minimum", 60)], ["m Sum", "m Minimum"]),
        ([("Sum", 60), ("Sum", 300)], ["m 60", "m 300"]),
        ([("Sum", 60), ("Sum", 60)], ["m", "m"]),
    ],
)
def test_labels_tell_queries_apart(metrics: Metrics, pairs: list[tuple[str, int]], labels: list[str]) -> None:
    metrics.put("m", 0)
    answer = metrics.data(*(metrics.query("m", stat, period) for stat, period in pairs))
    assert [result["Label"] for result in answer["MetricDataResults"]] == labels
    assert [result["Values"] for result in answer["MetricDataResults"]] == [[0.0], [0.0]]
    assert answer["Messages"] == []


def test_the_newest_data_comes_first_and_in_pages(metrics: Metrics) -> None:
    for minute in range(5):
        metrics.put("m", minute, minutes=minute)
    assert metrics.data(metrics.query("m"))["MetricDataResults"][0]["Values"] == [4.0, 3.0, 2.0, 1.0, 0.0]
    rising = metrics.data(metrics.query("m"), ScanBy="TimestampAscending")["MetricDataResults"][0]
    assert rising["Values"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert rising["Timestamps"] == [metrics.moment + minute * MINUTE for minute in range(5)]
    first = metrics.data(metrics.query("m"), MaxDatapoints=3)
    second = metrics.data(metrics.query("m"), MaxDatapoints=3, NextToken=first["NextToken"])
    assert first["MetricDataResults"][0]["Values"] == [4.0, 3.0, 2.0]
    assert second["MetricDataResults"][0]["Values"] == [1.0, 0.0]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("q0 / q1 * 100", [25.0]),
        ("q0 + 1", [3.0, 4.0]),
        ("-(q0 ^ 2) - 1", [-5.0, -10.0]),
        ("FILL(q1, 0)", [8.0, 0.0]),
        ("FILL(q1, REPEAT)", [8.0, 8.0]),
        ("SUM(METRICS())", [10.0, 3.0]),
        ("MAX([q0, q1])", [8.0, 3.0]),
        ("q0 / SUM(q0)", [0.4, 0.6]),
        ("q0 / (q0 - q0)", []),
        ("q1 ^ q1 ^ q1", []),
        ("(-1 * q0) ^ 0.5", []),
        ("CEIL(q0 / 5)", [1.0, 1.0]),
    ],
)
def test_expressions_compute_with_metrics(metrics: Metrics, expression: str, values: list[float]) -> None:
    metrics.put("errors", 2)
    metrics.put("errors", 3, minutes=1)
    metrics.put("calls", 8)
    (result,) = computed(metrics, {"e": expression})
    assert (result["Id"], result["Label"], result["StatusCode"]) == ("e", "e", "Complete")
    assert result["Values"] == values
    assert len(result["Timestamps"]) == len(values)


def test_expressions_may_name_expressions(metrics: Metrics) -> None:
    metrics.put("errors", 2)
    metrics.put("calls", 8)
    later, rate = computed(metrics, {"later": "rate * 2", "rate": "q0 / q1"})
    assert (later["Values"], rate["Values"]) == ([0.5], [0.25])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("q0 +", "Error in expression 'q0 +': Invalid syntax"),
        ("q7 + 1", "Error in expression 'q7 + 1': Unknown identifier 'q7'"),
        ("__import__('os')", "Error in expression '__import__('os')': Invalid syntax"),
        ("e + 1", "Error in expression 'e + 1': Unknown identifier 'e'"),
        ("SUM(q0) / [q0]", "Error in expression 'SUM(q0) / [q0]': Invalid syntax"),
        ("1 + 1", "Error in expression '1 + 1': Invalid syntax"),
    ],
)
def test_expressions_that_cannot_be_read_are_refused(metrics: Metrics, expression: str, message: str) -> None:
    with pytest.raises(ClientError) as refused:
        computed(metrics, {"e": expression})
    assert refused.value.response["Error"] == {"Code": "ValidationError", "Message": message}


def computed(metrics: Metrics, expressions: dict[str, str]) -> list[dict[str, Any]]:
    """Return the results of expressions on two metrics, which are not returned themselves."""
    queries: list[dict[str, Any]] = [
        {"Id": f"q{number}", "MetricStat": metrics.query(name), "ReturnData": False}
        for number, name in enumerate(("errors", "calls"))
    ]
    queries += [{"Id": name, "Expression": text} for name, text in expressions.items()]
    answer = metrics.aws.get_metric_data(
        MetricDataQueries=queries, StartTime=metrics.moment, EndTime=metrics.moment + 5 * MINUTE,
        ScanBy="TimestampAscending",
    )  # fmt: skip
    return answer["MetricDataResults"]  # type: ignore[no-any-return]
