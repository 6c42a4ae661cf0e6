"""Requests that CloudWatch refuses, in its own words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator

from ministack.services import cloudwatch as emulator

from helpers.local.kinesis import validation as service_model
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.metrics import dashboards
from helpers.local.metrics.wire import MetricsError, Request

MAX_METRICS = 1000
MAX_VALUES = 150
MAX_DIMENSIONS = 30
MAX_DATAPOINTS = 1440
MAX_QUERIES = 500
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
_GREATEST = 2.0**360
_PAST_SECONDS, _FUTURE_SECONDS = 14 * 86_400, 2 * 3600
_DAY_SECONDS, _WEEK_SECONDS = 86_400, 7 * 86_400
_TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
_STATES = ("INSUFFICIENT_DATA", "ALARM", "OK")


def check(action: str, request: Request) -> None:
    """Check a request that the emulator would take as it is.

    Raises
    ------
    MetricsError
        If CloudWatch would refuse it.
    """
    rule = _RULES.get(action)
    if rule is None:
        return
    shape = service_model.input_shape(action, "cloudwatch")
    for name in shape.required_members:
        if request.get(name) in (None, "", []):
            raise MetricsError("MissingParameter", f"The parameter {name} is required.")
    rule(request)


def _check_model(action: str, request: Request, *own_words: str) -> None:
    try:
        service_model.check(action, request, frozenset(own_words), service="cloudwatch")
    except ApiError as error:
        raise MetricsError("ValidationError", error.message) from error


def _invalid(message: str) -> MetricsError:
    return MetricsError("InvalidParameterValue", message)


def _check_data(request: Request) -> None:
    if request["Namespace"].startswith("AWS/"):
        raise _invalid("The value AWS/ for parameter Namespace is invalid.")
    data = request.get("MetricData") or []
    if not isinstance(data, list) or not all(isinstance(datum, dict) for datum in data):
        raise MetricsError("SerializationException", "MetricData can not be converted to a list of structures")
    if not data and not request.get("EntityMetricData"):
        raise MetricsError("MissingParameter", "The parameter MetricData is required.")
    if len(data) > MAX_METRICS:
        raise _invalid(f"The collection MetricData must not have a size greater than {MAX_METRICS}.")
    late: list[str] = []
    for number, datum in enumerate(data, 1):
        where = f"MetricData.member.{number}"
        _check_datum(datum, where)
        late.extend(_timing(datum, where))
    if late:
        raise _invalid("\n".join(late))


def _check_datum(datum: Request, where: str) -> None:
    if not datum.get("MetricName"):
        raise MetricsError("MissingParameter", f"The parameter {where}.MetricName is required.")
    _check_dimensions(datum.get("Dimensions") or [], f"{where}.Dimensions")
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) is not None]
    if not given:
        raise MetricsError("MissingParameter", "At least one of the parameters must be specified.")
    if len(given) > 1:
        raise MetricsError(
            "InvalidParameterCombination",
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive and you have specified "
            "both.",
        )
    values, counts = datum.get("Values") or [], datum.get("Counts")
    if len(values) > MAX_VALUES:
        raise _invalid(f"The collection {where}.Values must not have a size greater than {MAX_VALUES}.")
    if counts is not None and len(counts) != len(values):
        raise _invalid(f"The parameters {where}.Values and {where}.Counts must be of the same size.")
    # Those that are no numbers come as text.
    for value in map(float, [*values, *([datum["Value"]] if "Value" in given else [])]):
        if not math.isfinite(value) or abs(value) > _GREATEST:
            shown = "NaN" if math.isnan(value) else ("-" if value < 0 else "") + "Infinity"
            shown = str(value) if math.isfinite(value) else shown
            raise _invalid(f"The value {shown} for parameter {where}.{given[0]} is invalid.")
    units = service_model.input_shape("GetMetricStatistics", "cloudwatch").members["Unit"].enum
    for name, allowed in (("Unit", units), ("StorageResolution", (1, 60))):
        if datum.get(name) is not None and datum[name] not in allowed:
            raise _invalid(f"The value {datum[name]} for parameter {where}.{name} is invalid.")


def _check_dimensions(dimensions: list[Request], where: str) -> None:
    if len(dimensions) > MAX_DIMENSIONS:
        raise _invalid(f"The collection {where} must not have a size greater than {MAX_DIMENSIONS}.")
    for number, dimension in enumerate(dimensions, 1):
        for name in ("Name", "Value"):
            if not dimension.get(name):
                raise MetricsError("MissingParameter", f"The parameter {where}.member.{number}.{name} is required.")


def _timing(datum: Request, where: str) -> Iterator[str]:
    moment = emulator._parse_ts(datum.get("Timestamp"))
    if moment is None:
        return
    if moment < time.time() - _PAST_SECONDS:
        yield f"The parameter {where}.Timestamp must specify a time within the past two weeks."
    if moment > time.time() + _FUTURE_SECONDS:
        yield f"The parameter {where}.Timestamp must specify a time no more than two hours in the future."


def _check_statistics(request: Request) -> None:
    _check_model("GetMetricStatistics", request, "StartTime", "EndTime")
    if not request.get("Statistics") and not request.get("ExtendedStatistics"):
        raise MetricsError("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    start, end = emulator._parse_ts(request["StartTime"]), emulator._parse_ts(request["EndTime"])
    if start == end:
        raise _invalid("The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    period = request["Period"]
    if period % 60 and period not in (1, 5, 10, 20, 30):
        raise _invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    datapoints = int((end - start) / period)
    if datapoints > MAX_DATAPOINTS:
        raise MetricsError(
            "InvalidParameterCombination",
            f"You have requested up to {datapoints} datapoints, which exceeds the limit of {MAX_DATAPOINTS}. You may "
            "reduce the datapoints requested by increasing Period, or decreasing the time range.",
        )


def _check_queries(request: Request) -> None:
    _check_model("GetMetricData", request, "StartTime", "EndTime")
    start, end = emulator._parse_ts(request["StartTime"]), emulator._parse_ts(request["EndTime"])
    if start == end:
        raise MetricsError("ValidationError", "The parameter StartTime must not equal parameter EndTime.")
    if start > end:
        raise MetricsError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    queries = request["MetricDataQueries"]
    if len(queries) > MAX_QUERIES:
        raise MetricsError(
            "ValidationError",
            f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.",
        )
    ids = set()
    for number, query in enumerate(queries, 1):
        name = query.get("Id", "")
        if not re.fullmatch("[a-z][a-zA-Z0-9_]*", name):
            raise MetricsError(
                "ValidationError",
                f"The value {name} for parameter MetricDataQueries.member.{number}.Id is not matching the expected "
                "pattern ^[a-z][a-zA-Z0-9_]*$.",
            )
        if name in ids:
            raise MetricsError(
                "ValidationError", f"The values for parameter id in MetricDataQueries are not unique: {name}"
            )
        ids.add(name)
        if not query.get("MetricStat") and not query.get("Expression"):
            raise MetricsError(
                "ValidationError", f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n"
            )


def _check_alarm(request: Request) -> None:
    _check_model("PutMetricAlarm", request)
    periods, period = request["EvaluationPeriods"], request.get("Period")
    if (request.get("DatapointsToAlarm") or 1) > periods:
        raise MetricsError("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    treatment = request.get("TreatMissingData")
    if treatment is not None and treatment not in _TREATMENTS:
        raise MetricsError(
            "ValidationError",
            f"Option {treatment} is not supported. Supported options for parameter TreatMissingData are "
            f"{', '.join(_TREATMENTS[:-1])} and {_TREATMENTS[-1]}.",
        )
    for kind in ("OKActions", "AlarmActions", "InsufficientDataActions"):
        for arn in request.get(kind) or []:
            if not re.fullmatch(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", arn):
                raise MetricsError("ValidationError", f"Invalid arn syntax: {arn}")
    if not request.get("MetricName"):
        return
    if not request.get("Statistic") and not request.get("ExtendedStatistic"):
        raise MetricsError("InvalidParameterCombination", "Must specify either Statistic or ExtendedStatistic")
    if period is None or (period % 60 and period not in (10, 20, 30)):
        raise MetricsError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
    longest = _DAY_SECONDS if period < 3600 else _WEEK_SECONDS
    if periods * period > longest:
        what = "a day" if longest == _DAY_SECONDS else "seven days"
        raise MetricsError(
            "ValidationError",
            f"Metrics cannot be checked across more than {what} (EvaluationPeriods * Period must be <= {longest}).",
        )


def _check_state(request: Request) -> None:
    if request["StateValue"] not in _STATES:
        raise MetricsError(
            "ValidationError",
            f"1 validation error detected: Value '{request['StateValue']}' at 'stateValue' failed to satisfy "
            f"constraint: Member must satisfy enum value set: [{', '.join(_STATES)}]",
        )


_RULES = {
    "GetMetricData": _check_queries,
    "GetMetricStatistics": _check_statistics,
    "PutDashboard": dashboards.check,
    "PutMetricAlarm": _check_alarm,
    "PutMetricData": _check_data,
    "SetAlarmState": _check_state,
}
