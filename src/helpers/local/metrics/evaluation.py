"""What an alarm makes of a metric's data: its state, and why, in CloudWatch's words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from helpers.local.metrics import queries

Alarm = dict[str, Any]

# CloudWatch looks at some periods more than it evaluates, for data that comes late: at five for an alarm on three.
_MORE_PERIODS, _LEAST_PERIODS = 2, 5
_OPERATORS = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


@dataclass(frozen=True)
class Datapoint:
    """A metric's value in a period that begins at `moment`, in seconds since the epoch."""

    moment: int
    value: float
    samples: float


@dataclass(frozen=True)
class Judgement:
    """The state that an alarm should have, with its reason in words and as data."""

    state: str
    reason: str
    data: dict[str, Any]


def can_be_judged(alarm: Alarm) -> bool:
    """Return whether an alarm is one on a metric's statistic, compared with a fixed threshold."""
    return bool(alarm.get("MetricName")) and alarm.get("ComparisonOperator") in _OPERATORS


def judge_data(alarm: Alarm, now: float) -> Judgement | None:
    """Return what `judge` does, None if there is no data at all."""
    return judge(alarm, now) if _datapoints(alarm, now) else None


def judge(alarm: Alarm, now: float) -> Judgement | None:
    """Return what the data up to `now` makes of an alarm, None if it is to keep its state."""
    count = alarm.get("EvaluationPeriods") or 1
    needed = alarm.get("DatapointsToAlarm") or count
    real = _datapoints(alarm, now)[:count]
    compare, _ = _OPERATORS[alarm["ComparisonOperator"]]
    breaching = [point for point in real if compare(point.value, alarm["Threshold"])]
    missing = count - len(real)
    treatment = alarm.get("TreatMissingData") or "missing"
    if treatment in _TREATED:
        bad = len(breaching) + (missing if treatment == "breaching" else 0)
        state: str | None = "ALARM" if bad >= needed else "OK"
    elif not real:
        state = "INSUFFICIENT_DATA" if treatment == "missing" else None
    elif len(breaching) >= needed:
        state = "ALARM"
    elif len(breaching) + missing < needed:
        state = "OK"
    else:
        # Too little data: an alarm only if the oldest that breaches is as old as it would have to be.
        age = int(now // alarm["Period"]) - breaching[-1].moment // alarm["Period"]
        state = "ALARM" if treatment == "missing" and age + 1 >= needed else None
    if state is None:
        return None
    return Judgement(state, _reason(alarm, state, real, breaching, missing), _reason_data(alarm, real, now, missing))


def _datapoints(alarm: Alarm, now: float) -> list[Datapoint]:
    """Return the metric's data points of the periods that are looked at, the newest first."""
    period = alarm["Period"]
    periods = max((alarm.get("EvaluationPeriods") or 1) + _MORE_PERIODS, _LEAST_PERIODS)
    start = (int(now // period) - periods + 1) * period
    points = queries.points_of(alarm["Namespace"], alarm["MetricName"], alarm.get("Dimensions") or [], start, now + 1)
    if alarm.get("Unit"):
        points = [point for point in points if (point.get("Unit") or "None") == alarm["Unit"]]
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    found = []
    for moment, within in queries.by_period(points, period).items():
        value = queries.value_of(within, statistic)
        if value is not None:
            found.append(Datapoint(moment, value, queries.value_of(within, "SampleCount") or 0.0))
    return found[::-1]


def _reason(alarm: Alarm, state: str, real: list[Datapoint], breaching: list[Datapoint], missing: int) -> str:
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_counted(missing, 'datapoint')} {_was(missing)} unknown."
    if not real:
        treated = _TREATED[alarm["TreatMissingData"]]
        return (
            f"Threshold Crossed: no datapoints were received for {_counted(missing, 'period')} and "
            f"{_counted(missing, 'missing datapoint')} {_was(missing)} treated as [{treated}]."
        )
    _, words = _OPERATORS[alarm["ComparisonOperator"]]
    told = breaching if state == "ALARM" else [point for point in real if point not in breaching]
    told = told or real
    shown = ", ".join(f"{point.value} ({_moment(point.moment):%d/%m/%y %H:%M:%S})" for point in told)
    is_not = "" if state == "ALARM" else "not "
    needed = alarm.get("DatapointsToAlarm")
    last = f"{len(told)} out of the last {alarm.get('EvaluationPeriods') or 1} datapoints" if needed else None
    ending = ""
    if needed:
        least = needed if state == "ALARM" else (alarm.get("EvaluationPeriods") or 1) - needed + 1
        transition = "OK -> ALARM" if state == "ALARM" else "ALARM -> OK"
        ending = f" (minimum {_counted(least, 'datapoint')} for {transition} transition)"
    told_of = last or _counted(len(told), "datapoint")
    threshold = float(alarm["Threshold"])
    return (
        f"Threshold Crossed: {told_of} [{shown}] {_was(len(told))} {is_not}{words} the threshold ({threshold}){ending}."
    )


def _reason_data(alarm: Alarm, real: list[Datapoint], now: float, missing: int) -> dict[str, Any]:
    period = alarm["Period"]
    shown: list[dict[str, Any]] = [
        {"timestamp": written(point.moment), "sampleCount": point.samples, "value": point.value} for point in real
    ]
    if not real:
        current = int(now // period) * period
        shown = [{"timestamp": written(current - number * period)} for number in range(missing)]
    data: dict[str, Any] = {"version": "1.0", "queryDate": written(now)}
    if real:
        data["startDate"] = written(real[-1].moment)
    if alarm.get("Unit"):
        data["unit"] = alarm["Unit"]
    return {
        **data,
        "statistic": alarm.get("ExtendedStatistic") or alarm.get("Statistic"),
        "period": period,
        "recentDatapoints": [point.value for point in reversed(real)],
        "threshold": float(alarm["Threshold"]),
        "evaluatedDatapoints": shown,
    }


def written(moment: float) -> str:
    """Return a time as alarms write it, in UTC."""
    return f"{_moment(moment):%Y-%m-%dT%H:%M:%S}.{int(moment % 1 * 1000):03d}+0000"


def _moment(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
