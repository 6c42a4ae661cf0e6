"""Statistics and data of metrics: by period, by unit, of exactly the dimensions that are asked for.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ministack.services import cloudwatch as emulator

from helpers.local.metrics import expressions
from helpers.local.metrics.expressions import Series
from helpers.local.metrics.wire import MetricsError, Request

Point = dict[str, Any]

MAX_DATAPOINTS = 100_800

# If no unit is asked for, data has that which comes first.
_UNITS = (
    "Megabits", "Terabits", "Gigabits", "Count", "Bytes", "Gigabytes", "Gigabytes/Second", "Kilobytes",
    "Kilobits/Second", "Terabytes", "Terabits/Second", "Bytes/Second", "Percent", "Megabytes", "Megabits/Second",
    "Milliseconds", "Microseconds", "Kilobytes/Second", "Gigabits/Second", "Megabytes/Second", "Bits", "Bits/Second",
    "Count/Second", "Seconds", "Kilobits", "Terabytes/Second", "None",
)  # fmt: skip


def points_of(namespace: str, name: str, dimensions: list[Request], start: float, end: float) -> list[Point]:
    """Return the data of a metric from `start` up to `end`, in seconds since the epoch.

    A metric is a name with a set of dimensions; without dimensions those of services are the sum of all sets, as
    services publish them.
    """
    wanted = emulator._dims_key(emulator._dims_from_list(dimensions or []))
    every = not dimensions and namespace.startswith("AWS/")
    return [
        point
        for (one_namespace, one_name, key), points in list(emulator._metrics.items())
        if (one_namespace, one_name) == (namespace, name) and (every or key == wanted)
        for point in list(points)
        if start <= point["Timestamp"] < end
    ]


def by_period(points: list[Point], period_seconds: int) -> dict[int, list[Point]]:
    """Return points by the beginning of their periods, in order."""
    found: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        found[int(point["Timestamp"] // period_seconds) * period_seconds].append(point)
    return dict(sorted(found.items()))


def value_of(points: list[Point], statistic: str) -> float | None:
    """Return a statistic of some points, None if it cannot be had."""
    value: float | None = emulator._stat_value(emulator._calc_stats(points), statistic, points)
    return value


def statistics(request: Request) -> dict[str, Any]:
    """Return the answer to GetMetricStatistics: a data point for each period and unit."""
    start, end = emulator._parse_ts(request["StartTime"]), emulator._parse_ts(request["EndTime"])
    points = points_of(request["Namespace"], request["MetricName"], request.get("Dimensions") or [], start, end)
    datapoints = []
    for moment, within in by_period(points, request["Period"]).items():
        for unit in _units(within):
            if request.get("Unit") in (None, unit):
                of_unit = [point for point in within if _unit(point) == unit]
                datapoints.append(_datapoint(request, moment, unit, of_unit))
    return {"Label": request["MetricName"], "Datapoints": datapoints}


def _datapoint(request: Request, moment: int, unit: str, points: list[Point]) -> dict[str, Any]:
    shown: dict[str, Any] = {"Timestamp": emulator._ts_iso(moment)}
    for statistic in request.get("Statistics") or []:
        shown[statistic] = value_of(points, statistic)
    extended = {name: value_of(points, name) for name in request.get("ExtendedStatistics") or []}
    if extended:
        shown["ExtendedStatistics"] = extended
    return {**shown, "Unit": unit}


def data(request: Request) -> dict[str, Any]:
    """Return the answer to GetMetricData, the newest data first if not asked otherwise.

    Raises
    ------
    MetricsError
        If the page's token is none, or an expression cannot be read.
    """
    queries = request["MetricDataQueries"]
    start, end = emulator._parse_ts(request["StartTime"]), emulator._parse_ts(request["EndTime"])
    metrics = [query for query in queries if query.get("MetricStat")]
    labels = _labels(metrics)
    series, messages = {}, {}
    for query in metrics:
        series[query["Id"]], messages[query["Id"]] = _measured(query["MetricStat"], start, end)
    period = max((query["MetricStat"]["Period"] for query in metrics), default=60)
    series |= _computed([query for query in queries if not query.get("MetricStat")], series, period)
    results = [
        _result(query, labels.get(query["Id"]) or query.get("Label") or query["Id"], series[query["Id"]], messages)
        for query in queries
        if query.get("ReturnData") is not False
    ]
    if request.get("ScanBy") != "TimestampAscending":
        for result in results:
            result["Timestamps"].reverse()
            result["Values"].reverse()
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    return _page(answer, request)


def _labels(queries: list[Request]) -> dict[str, str]:
    """Return the label of each query: the metric's name and whatever else tells the queries apart."""
    stats = [query["MetricStat"] for query in queries]
    tells_statistic = len({stat["Stat"] for stat in stats}) > 1
    tells_period = len({stat["Period"] for stat in stats}) > 1
    return {
        query["Id"]: query.get("Label")
        or " ".join(
            [
                stat["Metric"]["MetricName"],
                *([stat["Stat"]] if tells_statistic else []),
                *([str(stat["Period"])] if tells_period else []),
            ]
        )
        for query, stat in zip(queries, stats, strict=True)
    }


def _measured(stat: Request, start: float, end: float) -> tuple[Series, list[str]]:
    """Return a metric's values by the beginning of their periods, and its units if there are several to choose of."""
    metric = stat["Metric"]
    points = points_of(metric["Namespace"], metric["MetricName"], metric.get("Dimensions") or [], start, end)
    units = _units(points)
    unit = stat.get("Unit") or (units[0] if units else None)
    of_unit = [point for point in points if _unit(point) == unit]
    values = {moment: value_of(within, stat["Stat"]) for moment, within in by_period(of_unit, stat["Period"]).items()}
    series = {moment: value for moment, value in values.items() if value is not None}
    return series, units if len(units) > 1 and not stat.get("Unit") else []


def _computed(queries: list[Request], metrics: dict[str, Series], period_seconds: int) -> dict[str, Series]:
    """Return the series of expressions, each after those that it names."""
    known, left = dict(metrics), {query["Id"]: query["Expression"] for query in queries}
    while left:
        ready = [name for name, text in left.items() if not expressions.names_in(text) & set(left)]
        # What is named in a circle is not known.
        for name in ready or list(left):
            known[name] = expressions.evaluate(left.pop(name), known, metrics, period_seconds)
    return {name: series for name, series in known.items() if name not in metrics}


def _result(query: Request, label: str, series: Series, messages: dict[str, list[str]]) -> dict[str, Any]:
    shown: dict[str, Any] = {"Id": query["Id"], "Label": label, "StatusCode": "Complete"}
    shown["Timestamps"] = [emulator._ts_iso(moment) for moment in series]
    shown["Values"] = list(series.values())
    units = messages.get(query["Id"])
    if units:
        message = f"Multiple units returned: '[{', '.join(units)}]'"
        shown["Messages"] = [{"Code": "MultipleUnits", "Value": message}]
    return shown


def _page(answer: dict[str, Any], request: Request) -> dict[str, Any]:
    most = request.get("MaxDatapoints") or MAX_DATAPOINTS
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise MetricsError("InvalidNextToken", "The next token specified is invalid.")
    begin, left = int(token), False
    for result in answer["MetricDataResults"]:
        left = left or len(result["Values"]) > begin + most
        for member in ("Timestamps", "Values"):
            result[member] = result[member][begin : begin + most]
    return {**answer, "NextToken": str(begin + most)} if left else answer


def _unit(point: Point) -> str:
    return point.get("Unit") or "None"


def _units(points: list[Point]) -> list[str]:
    return sorted({_unit(point) for point in points}, key=_UNITS.index)
