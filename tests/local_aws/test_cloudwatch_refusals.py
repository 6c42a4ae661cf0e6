"""Requests that CloudWatch refuses, with its codes and words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

VALUE = "InvalidParameterValue"
MISSING = "MissingParameter"
BOTH = "InvalidParameterCombination"
NOW = datetime.now(UTC)
ALARM = {
    "AlarmName": "refused",
    "Namespace": "Refused",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture(scope="module")
def cloudwatch(local_aws: str) -> Any:
    """A client that leaves all checks to CloudWatch."""
    return boto3.client(
        "cloudwatch",
        endpoint_url=local_aws,
        region_name="us-east-1",
        config=Config(parameter_validation=False, retries={"max_attempts": 0}),
    )


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.mark.parametrize(
    ("datum", "code", "message"),
    [
        ({"Value": float("nan")}, VALUE, "The value NaN for parameter MetricData.member.1.Value is invalid."),
        ({"Value": float("-inf")}, VALUE, "The value -Infinity for parameter MetricData.member.1.Value is invalid."),
        ({"Values": [1.0, 2.0**361]}, VALUE,
         f"The value {2.0**361} for parameter MetricData.member.1.Values is invalid."),
        ({"Value": 1, "Values": [1.0]}, BOTH,
         "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have "
         "specified both."),
        ({"Values": [1.0, 2.0], "Counts": [1.0]}, VALUE,
         "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size."),
        ({"Values": [1.0] * 151}, VALUE,
         "The collection MetricData.member.1.Values must not have a size greater than 150."),
        ({}, MISSING, "At least one of the parameters must be specified."),
        ({"Value": 1, "MetricName": ""}, MISSING, "The parameter MetricData.member.1.MetricName is required."),
        ({"Value": 1, "Unit": "Foo"}, VALUE, "The value Foo for parameter MetricData.member.1.Unit is invalid."),
        ({"Value": 1, "StorageResolution": 5}, VALUE,
         "The value 5 for parameter MetricData.member.1.StorageResolution is invalid."),
        ({"Value": 1, "Dimensions": [{"Name": f"n{i}", "Value": "v"} for i in range(31)]}, VALUE,
         "The collection MetricData.member.1.Dimensions must not have a size greater than 30."),
        ({"Value": 1, "Dimensions": [{"Name": "n", "Value": ""}]}, MISSING,
         "The parameter MetricData.member.1.Dimensions.member.1.Value is required."),
        ({"Value": 1, "Timestamp": NOW - timedelta(days=14, minutes=5)}, VALUE,
         "The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks."),
        ({"Value": 1, "Timestamp": NOW + timedelta(hours=2, minutes=30)}, VALUE,
         "The parameter MetricData.member.1.Timestamp must specify a time no more than two hours in the future."),
    ],
)  # fmt: skip
def test_a_datum_that_cannot_be_is_refused(cloudwatch: Any, datum: dict[str, Any], code: str, message: str) -> None:
    data = [{"MetricName": "m", **datum}]
    assert refusal(cloudwatch.put_metric_data, Namespace="Refused", MetricData=data) == (code, message)


def test_the_limits_themselves_are_allowed(cloudwatch: Any) -> None:
    datum = {
        "MetricName": "m",
        "Values": [float(number) for number in range(150)],
        "Dimensions": [{"Name": f"n{i}", "Value": "v"} for i in range(30)],
        "Timestamp": NOW - timedelta(days=13, hours=23),
        "StorageResolution": 1,
    }
    other = {"MetricName": "m", "Value": -(2.0**360), "Timestamp": NOW + timedelta(hours=1, minutes=50)}
    cloudwatch.put_metric_data(Namespace="Refused/Limits", MetricData=[datum, other])


def test_data_needs_a_namespace_of_its_own_and_at_most_1000_metrics(cloudwatch: Any) -> None:
    put = cloudwatch.put_metric_data
    data = [{"MetricName": "m", "Value": 1.0}]
    assert refusal(put, MetricData=data) == (MISSING, "The parameter Namespace is required.")
    assert refusal(put, Namespace="x", MetricData=[]) == (MISSING, "The parameter MetricData is required.")
    assert refusal(put, Namespace="AWS/Kinesis", MetricData=data) == (
        VALUE,
        "The value AWS/ for parameter Namespace is invalid.",
    )
    put(Namespace="Refused/Many", MetricData=data * 1000)
    assert refusal(put, Namespace="Refused/Many", MetricData=data * 1001) == (
        VALUE,
        "The collection MetricData must not have a size greater than 1000.",
    )


def test_statistics_need_a_time_and_an_answer_of_limited_size(cloudwatch: Any) -> None:
    request = {
        "Namespace": "Refused", "MetricName": "m", "Period": 60, "Statistics": ["Sum"],
        "StartTime": NOW - timedelta(days=1), "EndTime": NOW,
    }  # fmt: skip
    get = cloudwatch.get_metric_statistics
    get(**request)
    assert refusal(get, **{**request, "StartTime": NOW - timedelta(days=1, minutes=1)}) == (
        BOTH,
        "You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints "
        "requested by increasing Period, or decreasing the time range.",
    )
    assert refusal(get, **{**request, "StartTime": NOW}) == (
        VALUE,
        "The parameter StartTime must not equal parameter EndTime.",
    )
    assert refusal(get, **{**request, "StartTime": NOW + timedelta(seconds=1)}) == (
        VALUE,
        "The parameter StartTime must be less than the parameter EndTime.",
    )
    assert refusal(get, **{name: value for name, value in request.items() if name != "Statistics"}) == (
        BOTH,
        "Must specify either Statistics or ExtendedStatistics",
    )
    assert refusal(get, **{**request, "Period": 0}) == (
        "ValidationError",
        "1 validation error detected: Value '0' at 'period' failed to satisfy constraint: Member must have value "
        "greater than or equal to 1",
    )


def test_queries_need_ids_and_a_time(cloudwatch: Any) -> None:
    stat = {"Metric": {"Namespace": "Refused", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    request = {"MetricDataQueries": [{"Id": "a", "MetricStat": stat}], "StartTime": NOW, "EndTime": NOW}
    get = cloudwatch.get_metric_data
    assert refusal(get, **request) == ("ValidationError", "The parameter StartTime must not equal parameter EndTime.")
    assert refusal(get, **{**request, "EndTime": NOW - timedelta(hours=1)}) == (
        "ValidationError",
        "The parameter EndTime must be greater than StartTime.",
    )
    request["StartTime"] = NOW - timedelta(hours=1)
    assert refusal(get, **{**request, "MetricDataQueries": [{"Id": "a"}]}) == (
        "ValidationError",
        "The parameter MetricDataQueries.member.1.MetricStat is required.\n",
    )


@pytest.mark.parametrize(
    ("settings", "code", "message"),
    [
        ({"ComparisonOperator": "Foo"}, "ValidationError",
         "1 validation error detected: Value 'Foo' at 'comparisonOperator' failed to satisfy constraint: Member must "
         "satisfy enum value set: [GreaterThanOrEqualToThreshold, GreaterThanThreshold, LessThanThreshold, "
         "LessThanOrEqualToThreshold, LessThanLowerOrGreaterThanUpperThreshold, LessThanLowerThreshold, "
         "GreaterThanUpperThreshold]"),
        ({"DatapointsToAlarm": 3}, "ValidationError",
         "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"AlarmActions": ["topic"]}, "ValidationError", "Invalid arn syntax: topic"),
        ({"TreatMissingData": "foo"}, "ValidationError",
         "Option foo is not supported. Supported options for parameter TreatMissingData are missing, ignore, breaching "
         "and notBreaching."),
        ({"EvaluationPeriods": 1441}, "ValidationError",
         "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."),
        ({"Period": 3600, "EvaluationPeriods": 169}, "ValidationError",
         "Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800)."),
        ({"Period": 15}, "ValidationError", "Period must be 10, 20, 30 or a multiple of 60"),
    ],
)  # fmt: skip
def test_an_alarm_that_cannot_be_is_refused(cloudwatch: Any, settings: dict[str, Any], code: str, message: str) -> None:
    assert refusal(cloudwatch.put_metric_alarm, **{**ALARM, **settings}) == (code, message)


def test_the_longest_evaluations_are_allowed(cloudwatch: Any) -> None:
    for settings in ({"EvaluationPeriods": 1440}, {"Period": 3600, "EvaluationPeriods": 168}):
        cloudwatch.put_metric_alarm(**{**ALARM, **settings})
    cloudwatch.delete_alarms(AlarmNames=["refused"])


def test_a_state_must_be_one_of_three(cloudwatch: Any) -> None:
    assert refusal(cloudwatch.set_alarm_state, AlarmName="x", StateValue="INVALID", StateReason="r") == (
        "ValidationError",
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must "
        "satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]",
    )


def test_a_dashboard_has_a_plain_name_and_widgets(cloudwatch: Any) -> None:
    put = cloudwatch.put_dashboard
    good = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "x"}}]})
    put(DashboardName="plain-name_1", DashboardBody=good)
    cloudwatch.delete_dashboards(DashboardNames=["plain-name_1"])
    wrong = "InvalidParameterInput"
    assert refusal(put, DashboardName="no:name", DashboardBody=good) == (
        wrong,
        "The value no:name for field DashboardName contains invalid characters. It can only contain alphanumerics, "
        "dash (-) and underscore (_).\n",
    )
    assert refusal(put, DashboardName="d", DashboardBody="{") == (
        wrong,
        "The field DashboardBody must be a valid JSON object",
    )
    code, message = refusal(put, DashboardName="d", DashboardBody='{"widgets": [{"type": "text"}]}')
    assert code == wrong
    assert message.startswith("The dashboard body is invalid, there are 1 validation errors:\n")
    assert json.loads(message.partition("\n")[2]) == [
        {"dataPath": "/widgets/0", "message": "Should have required property 'properties'"}
    ]


def test_the_query_protocol_is_checked_as_well(local_aws: str) -> None:
    datum = {"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": "NaN"}
    body = urlencode({"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": "Refused", **datum}).encode()
    credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request"
    request = urllib.request.Request(local_aws, body, {"Authorization": credential})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    text = refused.value.read().decode()
    assert refused.value.code == 400
    assert "<Code>InvalidParameterValue</Code>" in text
    assert "The value NaN for parameter MetricData.member.1.Value is invalid." in text
