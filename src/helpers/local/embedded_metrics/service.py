"""Metrics out of log lines, as soon as the emulator's CloudWatch Logs takes the lines in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

from helpers.local.embedded_metrics.document import data_of


def install(handlers: dict[str, Any]) -> None:
    """See every line that reaches a log group: PutLogEvents, and what Lambda writes."""
    cloudwatch_logs._append_log_events = measuring(cloudwatch_logs._append_log_events)


def measuring(append: Callable[..., Any]) -> Callable[..., Any]:
    """Return `append` with the metrics in the events' messages stored after it."""

    def append_and_measure(stream: dict[str, Any], events: list[dict[str, Any]]) -> Any:
        answer = append(stream, events)
        found = [datum for event in events for datum in data_of(str(event["message"]))]
        for datum in found:
            cloudwatch._store_datum(
                datum.namespace,
                datum.name,
                datum.dimensions,
                datum.timestamp,
                datum.unit,
                None,
                datum.values,
                None,
                None,
            )
        if found:
            cloudwatch._evaluate_all_alarms()
        return answer

    return append_and_measure
