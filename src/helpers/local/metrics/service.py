"""CloudWatch in front of the emulator's: refusals, statistics and data of metrics, and alarms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import cloudwatch as emulator

from helpers.local.metrics import alarms, queries, refusals, wire
from helpers.local.metrics.wire import Answer, MetricsError, Request

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]


def install(handlers: dict[str, Any]) -> None:
    """Take CloudWatch's requests, and the judging of alarms."""
    emulator._evaluate_alarm = alarms.Watch().judge
    emulator._dispatch_alarm_actions = alarms.dispatch
    emulator._record_history = _changes_alone(emulator._record_history)
    for name in ("monitoring", "cloudwatch"):
        if name in handlers:
            handlers[name] = _front(handlers[name])


def _front(emulated: Handler) -> Handler:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        action, request = wire.parse(path, headers, query, body)
        try:
            refusals.check(action, request)
            own = _own_answer(action, request)
        except MetricsError as error:
            return wire.refused(headers, error)
        if own is not None:
            return wire.answered(headers, action, own)
        answer = await emulated(method, path, headers, body, query)
        if action == "PutMetricAlarm" and answer[0] == 200:
            _forget_defaults(request)
        elif action == "DeleteAlarms" and answer[0] == 200:
            alarms.forget(request["AlarmNames"])
        return answer

    return handle


def _own_answer(action: str, request: Request) -> dict[str, Any] | None:
    if action == "GetMetricStatistics":
        return queries.statistics(request)
    if action == "GetMetricData":
        return queries.data(request)
    return None


def _forget_defaults(request: Request) -> None:
    """Show of a new alarm what was set, and no more."""
    alarm = emulator._alarms.get(request["AlarmName"])
    if alarm is None:
        return
    for name in ("AlarmDescription", "TreatMissingData"):
        if request.get(name) is None:
            alarm.pop(name, None)
    alarm.setdefault("StateTransitionedTimestamp", alarm["StateUpdatedTimestamp"])


def _changes_alone(record: Callable[..., None]) -> Callable[..., None]:
    """Return what keeps an alarm's history, without the emulator's change of a new alarm to the state it has."""

    def record_change(name: str, old_state: str, new_state: str, *more: Any, **named: Any) -> None:
        if old_state != new_state:
            record(name, old_state, new_state, *more, **named)

    return record_change
