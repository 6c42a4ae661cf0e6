"""Metric filters: metrics out of the events that match a pattern.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudwatch
from ministack.services import cloudwatch_logs as emulator

from helpers.local.logs import column_pattern, json_pattern
from helpers.local.logs.filter_pattern import compiled


def check(request: dict[str, Any]) -> None:
    """Refuse a filter whose pattern is none."""
    compiled(request["filterPattern"])


def amended(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's answer to DescribeMetricFilters; a prefix counts in all groups together too."""
    prefix = request.get("filterNamePrefix", "")
    shown = [given for given in answer["metricFilters"] if given["filterName"].startswith(prefix)]
    return {**answer, "metricFilters": [{**given, "applyOnTransformedLogs": False} for given in shown]}


def measure(group: str, events: list[dict[str, Any]]) -> None:
    """Store what a group's filters find in new events, the default value if they find nothing."""
    given = [found for (name, _), found in list(emulator._metric_filters.items()) if name == group]
    for metric_filter in given:
        pattern = metric_filter["filterPattern"]
        matches = compiled(pattern)
        matching = [event for event in events if matches(event["message"])]
        for transformation in metric_filter["metricTransformations"]:
            for event in matching:
                value = _number(_value(transformation["metricValue"], pattern, event["message"]))
                if value is not None:
                    _store(transformation, event, pattern, value)
            if not matching and "defaultValue" in transformation:
                _store(transformation, events[-1], pattern, float(transformation["defaultValue"]))
    if given:
        cloudwatch._evaluate_all_alarms()


def _store(transformation: dict[str, Any], event: dict[str, Any], pattern: str, value: float) -> None:
    dimensions = {
        name: str(found)
        for name, source in transformation.get("dimensions", {}).items()
        if (found := _value(source, pattern, event["message"])) is not None
    }
    cloudwatch._store_datum(
        transformation["metricNamespace"],
        transformation["metricName"],
        dimensions,
        event["timestamp"] / 1000,
        transformation.get("unit", "None"),
        value,
        None,
        None,
        None,
    )


def _value(source: str, pattern: str, message: str) -> Any:
    """Return a number as it stands, or what a selector or the name of a column finds in a message."""
    if not source.startswith("$"):
        return source
    if pattern.lstrip().startswith("["):
        return column_pattern.named(pattern, message).get(source[1:])
    try:
        document = json.loads(message)
    except (ValueError, RecursionError):
        return None
    return next(iter(json_pattern.selected(document, source)), None)


def _number(found: Any) -> float | None:
    try:
        return float(found)
    except (TypeError, ValueError):
        return None
