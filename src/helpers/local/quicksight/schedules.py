"""Refresh schedules of data sets in SPICE: kept and shown, and not run.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateRefreshSchedule.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from helpers.local.quicksight import data_sets, store
from helpers.local.quicksight.errors import (
    ExistsError,
    InvalidValueError,
    LimitError,
    NotFoundError,
    QuickSightError,
)
from helpers.local.quicksight.store import DataSet

# https://docs.aws.amazon.com/quicksight/latest/user/refreshing-imported-data.html
_MOST = 5
_INCREMENTAL_ONLY = ("MINUTE15", "MINUTE30")


def create_refresh_schedule(request: dict[str, Any]) -> dict[str, Any]:
    data_set, schedule = data_sets.get(request["DataSetId"]), request["Schedule"]
    if schedule["ScheduleId"] in data_set.schedules:
        raise ExistsError("RefreshSchedule", schedule["ScheduleId"])
    if len(data_set.schedules) >= _MOST:
        raise LimitError(f"A data set has at most {_MOST} refresh schedules.", "RefreshSchedule")
    return _keep(data_set, schedule)


def update_refresh_schedule(request: dict[str, Any]) -> dict[str, Any]:
    data_set, schedule = data_sets.get(request["DataSetId"]), request["Schedule"]
    _get(data_set, schedule["ScheduleId"])
    return _keep(data_set, schedule)


def describe_refresh_schedule(request: dict[str, Any]) -> dict[str, Any]:
    schedule = _get(data_sets.get(request["DataSetId"]), request["ScheduleId"])
    return {"RefreshSchedule": schedule, "Arn": schedule["Arn"]}


def list_refresh_schedules(request: dict[str, Any]) -> dict[str, Any]:
    return {"RefreshSchedules": list(data_sets.get(request["DataSetId"]).schedules.values())}


def delete_refresh_schedule(request: dict[str, Any]) -> dict[str, Any]:
    data_set = data_sets.get(request["DataSetId"])
    schedule = _get(data_set, request["ScheduleId"])
    del data_set.schedules[schedule["ScheduleId"]]
    return {"ScheduleId": schedule["ScheduleId"], "Arn": schedule["Arn"]}


def put_data_set_refresh_properties(request: dict[str, Any]) -> dict[str, Any]:
    data_set = _spice(data_sets.get(request["DataSetId"]))
    properties = request["DataSetRefreshProperties"]
    window = properties.get("RefreshConfiguration", {}).get("IncrementalRefresh", {}).get("LookbackWindow")
    types = {column["Name"]: column["Type"] for column in data_set.columns}
    if window and types.get(window["ColumnName"]) != "DATETIME":
        raise InvalidValueError(f"Column {window['ColumnName']} of the look-back window is no DATETIME column.")
    data_set.refresh_properties = properties
    return {}


def describe_data_set_refresh_properties(request: dict[str, Any]) -> dict[str, Any]:
    return {"DataSetRefreshProperties": _properties(data_sets.get(request["DataSetId"]))}


def delete_data_set_refresh_properties(request: dict[str, Any]) -> dict[str, Any]:
    data_set = data_sets.get(request["DataSetId"])
    _properties(data_set)
    data_set.refresh_properties = None
    return {}


def _properties(data_set: DataSet) -> dict[str, Any]:
    if data_set.refresh_properties is None:
        raise NotFoundError("DataSetRefreshProperties", data_set.id)
    return data_set.refresh_properties


def _spice(data_set: DataSet) -> DataSet:
    if data_set.members["ImportMode"] != "SPICE":
        raise InvalidValueError(f"DataSet {data_set.id} is not a SPICE data set.")
    return data_set


def _keep(data_set: DataSet, schedule: dict[str, Any]) -> dict[str, Any]:
    _check(_spice(data_set), schedule)
    arn = f"{data_set.arn}/refresh-schedule/{schedule['ScheduleId']}"
    data_set.schedules[schedule["ScheduleId"]] = {**schedule, "Arn": arn}
    return {"ScheduleId": schedule["ScheduleId"], "Arn": arn}


def _check(data_set: DataSet, schedule: dict[str, Any]) -> None:
    frequency = schedule["ScheduleFrequency"]
    interval, day = frequency["Interval"], frequency.get("RefreshOnDay", {})
    incremental = schedule["RefreshType"] == "INCREMENTAL_REFRESH"
    if incremental and data_set.refresh_properties is None:
        raise QuickSightError(
            "PreconditionNotMetException", "An incremental refresh needs the refresh properties of the data set."
        )
    if interval in _INCREMENTAL_ONLY and not incremental:
        raise InvalidValueError(f"The interval {interval} is for incremental refreshes only.")
    if interval == "WEEKLY" and "DayOfWeek" not in day:
        raise InvalidValueError("RefreshOnDay.DayOfWeek is required for the interval WEEKLY.")
    if interval == "MONTHLY" and "DayOfMonth" not in day:
        raise InvalidValueError("RefreshOnDay.DayOfMonth is required for the interval MONTHLY.")
    time = frequency.get("TimeOfTheDay")
    if time is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time):
        raise InvalidValueError(f"TimeOfTheDay {time} is not of the form HH:MM.")
    start = schedule.get("StartAfterDateTime")
    if start is not None and _moment(start) <= store.now():
        raise InvalidValueError("StartAfterDateTime must be in the future.")


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value), UTC)


def _get(data_set: DataSet, identifier: str) -> dict[str, Any]:
    found = data_set.schedules.get(identifier)
    if found is None:
        raise NotFoundError("RefreshSchedule", identifier)
    return found
