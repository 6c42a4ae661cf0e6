"""Alarms: their states, with reasons in CloudWatch's words, and who is told.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from event_sources import until
from lambda_functions import Functions

from helpers.local.metrics import evaluation, queries

MINUTE = 60
NOW = 1_700_000_050.0
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"


class Alarms:
    """Alarms of a test's own on one metric."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.aws, self.sns, self.sqs = client("cloudwatch"), client("sns"), client("sqs")
        self.namespace = f"Test/{uuid.uuid4().hex[:8]}"
        self._names: list[str] = []

    def make(self, **settings: Any) -> str:
        name = f"alarm-{uuid.uuid4().hex[:8]}"
        request = {
            "Namespace": self.namespace, "MetricName": "m", "Statistic": "Average", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 2.0, "ComparisonOperator": "GreaterThanThreshold",
        }  # fmt: skip
        self.aws.put_metric_alarm(AlarmName=name, **{**request, **settings})
        self._names.append(name)
        return name

    def put(self, value: float, seconds_ago: int = 0, **dimensions: str) -> None:
        datum = {
            "MetricName": "m",
            "Value": value,
            "Timestamp": datetime.now(UTC) - timedelta(seconds=seconds_ago),
            "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        }
        self.aws.put_metric_data(Namespace=self.namespace, MetricData=[datum])

    def shown(self, name: str) -> dict[str, Any]:
        (alarm,) = self.aws.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return alarm  # type: ignore[no-any-return]

    def close(self) -> None:
        self.aws.delete_alarms(AlarmNames=self._names)


@pytest.fixture
def alarms(shared_client: Callable[[str], Any]) -> Iterator[Alarms]:
    made = Alarms(shared_client)
    yield made
    made.close()


def test_a_new_alarm_shows_what_was_set(alarms: Alarms) -> None:
    shown = alarms.shown(alarms.make())
    assert set(shown) == {
        "ActionsEnabled", "AlarmActions", "AlarmArn", "AlarmConfigurationUpdatedTimestamp", "AlarmName",
        "ComparisonOperator", "Dimensions", "EvaluationPeriods", "InsufficientDataActions", "MetricName", "Namespace",
        "OKActions", "Period", "StateReason", "StateTransitionedTimestamp", "StateUpdatedTimestamp", "StateValue",
        "Statistic", "Threshold",
    }  # fmt: skip
    assert (shown["StateValue"], shown["StateReason"]) == ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation")
    assert alarms.aws.describe_alarm_history(AlarmName=shown["AlarmName"])["AlarmHistoryItems"] == []


def test_data_above_the_threshold_is_an_alarm_with_its_reason(alarms: Alarms) -> None:
    name = alarms.make(AlarmDescription="too much", TreatMissingData="notBreaching")
    alarms.put(21)
    alarms.put(22)
    shown = until(
        lambda: alarms.shown(name), lambda alarm: "21.5" in alarm["StateReason"] or "21.0" in alarm["StateReason"]
    )
    assert shown["StateValue"] == "ALARM"
    assert re.fullmatch(
        r"Threshold Crossed: 1 datapoint \[2\d\.\d \(\d\d/\d\d/\d\d \d\d:\d\d:00\)\] was greater than the threshold "
        r"\(2\.0\)\.",
        shown["StateReason"],
    )
    data = json.loads(shown["StateReasonData"])
    assert list(data) == [
        "version", "queryDate", "startDate", "statistic", "period", "recentDatapoints", "threshold",
        "evaluatedDatapoints",
    ]  # fmt: skip
    assert re.fullmatch(DATE, data["queryDate"])
    assert (data["statistic"], data["period"], data["threshold"]) == ("Average", 60, 2.0)
    (item,) = alarms.aws.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert item["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM"


def test_an_alarm_is_on_its_own_dimensions(alarms: Alarms) -> None:
    mine = alarms.make(Dimensions=[{"Name": "shop", "Value": "a"}])
    alarms.put(9, shop="b")
    alarms.put(1, shop="a")
    shown = until(lambda: alarms.shown(mine), lambda alarm: alarm["StateValue"] != "INSUFFICIENT_DATA")
    assert shown["StateValue"] == "OK"
    assert "was not greater than the threshold (2.0)." in shown["StateReason"]


def test_a_topic_is_told_as_by_aws(alarms: Alarms) -> None:
    topic = alarms.sns.create_topic(Name=f"alarms-{uuid.uuid4().hex[:8]}")["TopicArn"]
    url = alarms.sqs.create_queue(QueueName=f"alarms-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    queue = alarms.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    alarms.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    name = alarms.make(
        Dimensions=[{"Name": "InstanceId", "Value": "abc"}], Unit="Seconds", EvaluationPeriods=2, AlarmDescription="d",
        AlarmActions=[topic], OKActions=[topic], TreatMissingData="ignore",
    )  # fmt: skip
    alarms.aws.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="testing alarm")
    (received,) = until(lambda: alarms.sqs.receive_message(QueueUrl=url).get("Messages"), bool)
    envelope = json.loads(received["Body"])
    assert envelope["Subject"] == f'ALARM: "{name}" in US East (N. Virginia)'
    message = json.loads(envelope["Message"])
    for moment in ("AlarmConfigurationUpdatedTimestamp", "StateChangeTime"):
        assert re.fullmatch(DATE, message.pop(moment))
    assert message == {
        "AlarmName": name,
        "AlarmDescription": "d",
        "AWSAccountId": "000000000000",
        "NewStateValue": "ALARM",
        "NewStateReason": "testing alarm",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}",
        "OldStateValue": "INSUFFICIENT_DATA",
        "OKActions": [topic],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "m",
            "Namespace": alarms.namespace,
            "StatisticType": "Statistic",
            "Statistic": "AVERAGE",
            "Unit": "Seconds",
            "Dimensions": [{"value": "abc", "name": "InstanceId"}],
            "Period": 60,
            "EvaluationPeriods": 2,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 2.0,
            "TreatMissingData": "ignore",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


def test_a_function_is_called_with_the_alarm(alarms: Alarms, functions: Functions) -> None:
    function = functions.make("import json\ndef handler(event, context):\n    print(json.dumps(event))\n")
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    name = alarms.make(AlarmActions=[arn], TreatMissingData="ignore")
    alarms.aws.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="testing alarm")
    lines = until(
        lambda: (
            functions.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")["logGroups"]
            and [line for line in functions.log(function) if line.startswith("{")]
        ),
        bool,
    )
    event = json.loads(lines[0])
    assert (event["source"], event["region"], event["accountId"]) == ("aws.cloudwatch", "us-east-1", "000000000000")
    data = event["alarmData"]
    assert data["alarmName"] == name
    assert (data["state"]["value"], data["state"]["reason"]) == ("ALARM", "testing alarm")
    assert data["previousState"]["reason"] == "Unchecked: Initial alarm creation"
    assert data["configuration"]["metrics"][0]["metricStat"] == {
        "metric": {"namespace": alarms.namespace, "name": "m", "dimensions": {}},
        "period": 60,
        "stat": "Average",
    }


def judged(monkeypatch: pytest.MonkeyPatch, values: list[float | None], **settings: Any) -> evaluation.Judgement | None:
    """Judge an alarm on three periods by the values of the last five, the oldest first."""
    current = int(NOW // MINUTE) * MINUTE
    points = [
        {"Timestamp": current - (len(values) - 1 - number) * MINUTE, "Value": value, "Unit": "None"}
        for number, value in enumerate(values)
        if value is not None
    ]
    monkeypatch.setattr(queries, "points_of", lambda *request: points)
    alarm = {
        "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": MINUTE, "EvaluationPeriods": 3,
        "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", **settings,
    }  # fmt: skip
    return evaluation.judge(alarm, NOW)


@pytest.mark.parametrize(
    ("values", "missing", "ignore", "breaching", "not_breaching"),
    [
        ([0, None, 9, None, 9], "OK", "OK", "OK", "OK"),
        ([None, None, None, None, 0], "OK", "OK", "OK", "OK"),
        ([None] * 5, "INSUFFICIENT_DATA", None, "ALARM", "OK"),
        ([0, 9, 9, None, 9], "ALARM", "ALARM", "ALARM", "ALARM"),
        ([None, None, 9, None, None], "ALARM", None, "ALARM", "OK"),
        ([None, None, None, None, 9], None, None, "ALARM", "OK"),
    ],
)
def test_missing_data_is_treated_as_the_table_of_aws_has_it(
    monkeypatch: pytest.MonkeyPatch,
    values: list[float | None],
    missing: str | None,
    ignore: str | None,
    breaching: str | None,
    not_breaching: str | None,
) -> None:
    expected = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    found = {}
    for treatment in expected:
        judgement = judged(monkeypatch, values, TreatMissingData=treatment)
        found[treatment] = judgement.state if judgement else None
    assert found == expected


def test_reasons_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for treatment, reason in (
        ("breaching", "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were "
                      "treated as [Breaching]."),
        ("notBreaching", "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were "
                         "treated as [NonBreaching]."),
        ("missing", "Insufficient Data: 3 datapoints were unknown."),
    ):  # fmt: skip
        judgement = judged(monkeypatch, [None] * 5, TreatMissingData=treatment)
        assert judgement is not None
        assert judgement.reason == reason
        assert judgement.data["recentDatapoints"] == []
        assert len(judgement.data["evaluatedDatapoints"]) == 3


def test_some_of_the_last_data_may_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    judgement = judged(monkeypatch, [9, 9, 9, 0, 9], DatapointsToAlarm=2)
    assert judgement is not None
    assert judgement.state == "ALARM"
    assert judgement.reason == (
        "Threshold Crossed: 2 out of the last 3 datapoints [9.0 (14/11/23 22:14:00), 9.0 (14/11/23 22:12:00)] were "
        "greater than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition)."
    )
    judgement = judged(monkeypatch, [9, 9, 9, 0, 0], DatapointsToAlarm=2)
    assert judgement is not None
    assert judgement.state == "OK"
    assert judgement.data["recentDatapoints"] == [9.0, 0.0, 0.0]
