"""Metrics of event source mappings.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from event_sources import FAILS_ON_POISON, EventSources, until

COUNTS = ("PolledEventCount", "FilteredOutEventCount", "InvokedEventCount", "FailedInvokeEventCount",
          "OnFailureDestinationDeliveredEventCount", "DroppedEventCount")  # fmt: skip


def total(cloudwatch: Any, metric: str, name: str, value: str, statistic: str = "Sum") -> float | None:
    """Return a metric's sum over the last minutes, None without any value."""
    now = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return sum(point[statistic] for point in points) if points else None


def test_a_mapping_that_asks_for_them_gets_its_events_counted(
    sources: EventSources, client: Callable[[str], Any]
) -> None:
    cloudwatch = client("cloudwatch")
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    url, queue = sources.queue()
    sources.put(stream, b"1", b"poison", b"2", key="a")
    sources.put(stream, b"3", key="b")
    mapping = sources.map(
        stream,
        function,
        BatchSize=1,
        MaximumRetryAttempts=1,
        MetricsConfig={"Metrics": ["EventCount"]},
        FilterCriteria={"Filters": [{"Pattern": '{"partitionKey": ["a"]}'}]},
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    sources.received(url)

    def counted() -> dict[str, float | None]:
        return {metric: total(cloudwatch, metric, "EventSourceMappingUUID", mapping) for metric in COUNTS}

    expected = {
        "PolledEventCount": 4.0,
        "FilteredOutEventCount": 1.0,
        "InvokedEventCount": 2.0,
        "FailedInvokeEventCount": 2.0,
        "OnFailureDestinationDeliveredEventCount": 1.0,
        "DroppedEventCount": None,
    }
    until(counted, lambda found: found == expected)


def test_without_asking_there_are_only_the_metrics_of_the_function(
    sources: EventSources, client: Callable[[str], Any]
) -> None:
    cloudwatch = client("cloudwatch")
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    sources.put(stream, b"poison", b"1")
    mapping = sources.map(stream, function, BatchSize=1, MaximumRetryAttempts=0)
    until(lambda: total(cloudwatch, "Invocations", "FunctionName", function), lambda found: found == 2)
    assert total(cloudwatch, "Errors", "FunctionName", function) == 1
    assert total(cloudwatch, "PolledEventCount", "EventSourceMappingUUID", mapping) is None
    age = until(
        lambda: total(cloudwatch, "IteratorAge", "FunctionName", function, "Maximum"), lambda found: found is not None
    )
    assert 0 <= age < 20_000


def test_a_destination_that_is_gone_is_counted(sources: EventSources, client: Callable[[str], Any]) -> None:
    cloudwatch = client("cloudwatch")
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    sources.put(stream, b"poison")
    gone = "arn:aws:sns:us-east-1:000000000000:no-such-topic"
    sources.map(stream, function, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": gone}})
    until(
        lambda: total(cloudwatch, "DestinationDeliveryFailures", "FunctionName", function),
        lambda found: found == 1,
    )
