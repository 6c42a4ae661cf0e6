"""Alarms on metrics: judged when data comes and after each period, told to topics and functions, and shown.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Alarms.html
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from botocore.loaders import Loader
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch as emulator
from ministack.services import lambda_svc, sns

from helpers.local import in_process
from helpers.local.lambda_runtime import asynchronous
from helpers.local.metrics import evaluation
from helpers.local.metrics.evaluation import Alarm

logger = logging.getLogger(__name__)

# CloudWatch looks at an alarm once a minute, at one with a shorter period as often as that.
_MOST_SECONDS = 60
_CLOCK_SECONDS = 1.0
_ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_STATISTICS = {"SampleCount": "SAMPLE_COUNT"}
# Account, region and name of an alarm.
Key = tuple[str, str, str]
# Of each alarm's state, for the event of its next change.
_reasons: dict[Key, str] = {}


class Watch:
    """The clock that alarms are judged by, of all accounts and regions that have any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scopes: set[tuple[str, str]] = set()
        self._due: dict[Key, float] = {}
        self._clock: threading.Thread | None = None

    def judge(self, alarm: Alarm) -> None:
        """Judge an alarm now if there is data; from here on the clock does, data or not."""
        self._begin()
        self._judge(alarm, evaluation.judge_data)

    def _judge(self, alarm: Alarm, by: Callable[[Alarm, float], evaluation.Judgement | None]) -> None:
        if not evaluation.can_be_judged(alarm):
            return
        try:
            _transition(alarm, by(alarm, time.time()))
        except Exception:
            logger.warning("The alarm %s could not be judged", alarm["AlarmName"], exc_info=True)

    def _begin(self) -> None:
        with self._lock:
            self._scopes.add((get_account_id(), get_region()))
            if self._clock is None:
                self._clock = threading.Thread(target=self._run, daemon=True, name="alarms")
                self._clock.start()

    def _run(self) -> None:
        while True:
            time.sleep(_CLOCK_SECONDS)
            with self._lock:
                scopes = list(self._scopes)
            for account, region in scopes:
                with in_process.scope(account, region):
                    for alarm in list(emulator._alarms.values()):
                        self._judge_if_due(_key(alarm["AlarmName"]), alarm)

    def _judge_if_due(self, key: Key, alarm: Alarm) -> None:
        now = time.monotonic()
        pause = min(alarm.get("Period") or _MOST_SECONDS, _MOST_SECONDS)
        due = self._due.setdefault(key, now + pause)
        if now < due:
            return
        self._due[key] = now + pause
        self._judge(alarm, evaluation.judge)


def dispatch(alarm: Alarm, old_state: str, new_state: str, reason: str) -> None:
    """Tell an alarm's new state to its topics and functions; replaces the emulator's way to do so."""
    alarm["StateTransitionedTimestamp"] = int(time.time())
    key = _key(alarm["AlarmName"])
    before, _reasons[key] = _reasons.get(key, "Unchecked: Initial alarm creation"), reason
    if not alarm.get("ActionsEnabled", True):
        return
    message = _message(alarm, old_state, new_state, reason)
    subject = f'{new_state}: "{alarm["AlarmName"]}" in {_region_name()}'[:100]
    for target in alarm.get(_ACTIONS[new_state]) or []:
        service = target.split(":")[2]
        if service == "sns" and target in sns._topics:
            sns._fanout(target, new_uuid(), json.dumps(message), subject)
        elif service == "lambda":
            function, _, _ = lambda_svc._get_func_record_for_ref(target)
            if function is not None:
                asynchronous.invoke(function, _event(alarm, old_state, new_state, reason, before))


def forget(names: Iterable[str]) -> None:
    """Let go of what is kept for alarms that are no more."""
    for name in names:
        _reasons.pop(_key(name), None)


def _key(name: str) -> Key:
    return get_account_id(), get_region(), name


def _transition(alarm: Alarm, judgement: evaluation.Judgement | None) -> None:
    if judgement is None or judgement.state == alarm["StateValue"]:
        return
    old_state = alarm["StateValue"]
    alarm.update(
        StateValue=judgement.state,
        StateReason=judgement.reason,
        StateReasonData=json.dumps(judgement.data),
        StateUpdatedTimestamp=int(time.time()),
    )
    emulator._record_history(
        alarm["AlarmName"], old_state, judgement.state, judgement.reason, reason_data=judgement.data
    )
    dispatch(alarm, old_state, judgement.state, judgement.reason)
    emulator._evaluate_parent_alarms(alarm)


def _message(alarm: Alarm, old_state: str, new_state: str, reason: str) -> dict[str, Any]:
    message = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "AlarmConfigurationUpdatedTimestamp": evaluation.written(
            alarm.get("AlarmConfigurationUpdatedTimestamp", time.time())
        ),
        "NewStateValue": new_state,
        "NewStateReason": reason,
        "StateChangeTime": evaluation.written(time.time()),
        "Region": _region_name(),
        "AlarmArn": alarm.get("AlarmArn"),
        "OldStateValue": old_state,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if not alarm.get("MetricName"):
        return {**message, "AlarmRule": alarm["AlarmRule"]} if alarm.get("AlarmRule") else message
    message["Trigger"] = _trigger(alarm)
    return message


def _trigger(alarm: Alarm) -> dict[str, Any]:
    statistic = alarm.get("Statistic")
    how = (
        {"StatisticType": "Statistic", "Statistic": _STATISTICS.get(statistic, statistic.upper())}
        if statistic
        else {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": alarm.get("ExtendedStatistic")}
    )
    enough = {"DatapointsToAlarm": alarm["DatapointsToAlarm"]} if alarm.get("DatapointsToAlarm") else {}
    return {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm.get("Namespace"),
        **how,
        "Unit": alarm.get("Unit") or None,
        "Dimensions": [{"value": each["Value"], "name": each["Name"]} for each in alarm.get("Dimensions") or []],
        "Period": alarm.get("Period"),
        "EvaluationPeriods": alarm.get("EvaluationPeriods"),
        **enough,
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData") or "missing",
        "EvaluateLowSampleCountPercentile": "",
    }


def _event(alarm: Alarm, old_state: str, new_state: str, reason: str, before: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html"""
    now = evaluation.written(time.time())
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []},
    }
    stat = {"metric": metric, "period": alarm.get("Period"), "stat": alarm.get("Statistic")}
    described = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.get("AlarmArn"),
        "accountId": get_account_id(),
        "time": now,
        "region": get_region(),
        "alarmData": {
            "alarmName": alarm["AlarmName"],
            "state": {"value": new_state, "reason": reason, "timestamp": now},
            "previousState": {"value": old_state, "reason": before, "timestamp": now},
            "configuration": {
                **described,
                "metrics": [{"id": new_uuid(), "metricStat": stat, "returnData": True}],
            },
        },
    }


@cache
def _names() -> dict[str, str]:
    partitions = Loader().load_data("endpoints")["partitions"]
    return {name: told["description"] for part in partitions for name, told in part["regions"].items()}


def _region_name() -> str:
    return _names().get(get_region(), get_region())
