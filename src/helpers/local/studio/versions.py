"""What changes an application and counts its version up, besides UpdateApplication, and the way back.

https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_RollbackApplication.html
"""

from __future__ import annotations

import copy
from typing import Any

from ministack.services import kinesisanalyticsv2 as emulator

from helpers.local.aws_error import AwsError

# https://docs.aws.amazon.com/managed-flink/latest/java/maintenance.html: it lasts eight hours
_MAINTENANCE_HOURS = 8
_MAINTENANCE = "ApplicationMaintenanceConfigurationDescription"
_ROLLED_BACK = ("RuntimeEnvironment", "ServiceExecutionRole", "_Configuration", "_LoggingOptions")


def recorded(request: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's record of the application that a request names.

    Raises
    ------
    AwsError
        `ResourceNotFoundException`.
    """
    record: dict[str, Any] | None = emulator._get(request["ApplicationName"])
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Application '{request['ApplicationName']}' does not exist.")
    return record


def editable(request: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an application that may be changed by a request.

    Raises
    ------
    AwsError
        `ResourceNotFoundException`, `ResourceInUseException`, `InvalidArgumentException` or
        `ConcurrentModificationException`.
    """
    record = recorded(request)
    _check_state(record, ("READY", "RUNNING"), "updated")
    check_named_version(request)
    _check_version(record, request)
    return record


def check_named_version(request: dict[str, Any]) -> None:
    """Refuse a change that says of no version that it is meant.

    Raises
    ------
    AwsError
        `InvalidArgumentException`.
    """
    if not {"CurrentApplicationVersionId", "ConditionalToken"} & request.keys():
        raise AwsError(
            "InvalidArgumentException", "Either CurrentApplicationVersionId or ConditionalToken must be provided."
        )


def changed(record: dict[str, Any]) -> dict[str, Any]:
    """Count a changed application's version up, start it anew if it runs, and return what is answered."""
    before = record["ApplicationVersionId"]
    emulator._bump_version(record)
    if record["ApplicationStatus"] == "RUNNING":
        emulator._restart_for_update(record, before)
    return {
        "ApplicationARN": record["ApplicationARN"],
        "ApplicationVersionId": record["ApplicationVersionId"],
        "OperationId": emulator._new_token(),
    }


def roll_back(record: dict[str, Any], request: dict[str, Any], versions: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Answer RollbackApplication.

    Parameters
    ----------
    versions
        The records of the application's versions, by number.

    Raises
    ------
    AwsError
        As `editable`, `UnsupportedOperationException` for a Studio application, which takes no snapshots, and
        `InvalidRequestException` without an earlier version or a snapshot.
    """
    if record["ApplicationMode"] == "INTERACTIVE":
        raise AwsError("UnsupportedOperationException", "Rollback is not supported in INTERACTIVE mode.")
    _check_state(record, ("UPDATING", "AUTOSCALING", "RUNNING"), "rolled back")
    _check_version(record, request)
    earlier = [number for number in versions if number < record["ApplicationVersionId"]]
    if not earlier:
        raise AwsError("InvalidRequestException", "The application has no previous version to roll back to.")
    if not emulator._snapshots.get(record["ApplicationName"]):
        raise AwsError("InvalidRequestException", "The application has no snapshot to roll back to.")
    record["ApplicationVersionRolledBackFrom"] = record["ApplicationVersionId"]
    record["ApplicationVersionRolledBackTo"] = max(earlier)
    record |= {name: copy.deepcopy(versions[max(earlier)][name]) for name in _ROLLED_BACK}
    operation = changed(record)["OperationId"]
    return {"ApplicationDetail": emulator.application_detail(record), "OperationId": operation}


def set_maintenance(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateApplicationMaintenanceConfiguration, which makes no version."""
    record = recorded(request)
    _check_state(record, ("READY", "RUNNING"), "updated")
    start = request["ApplicationMaintenanceConfigurationUpdate"]["ApplicationMaintenanceWindowStartTimeUpdate"]
    hour, _, minute = start.partition(":")
    record["_Maintenance"] = {
        "ApplicationMaintenanceWindowStartTime": start,
        "ApplicationMaintenanceWindowEndTime": f"{(int(hour) + _MAINTENANCE_HOURS) % 24:02}:{minute}",
    }
    return {"ApplicationARN": record["ApplicationARN"], _MAINTENANCE: record["_Maintenance"]}


def maintenance(record: dict[str, Any], detail: dict[str, Any]) -> dict[str, Any]:
    """Return an application's detail with its own maintenance window."""
    return detail | ({_MAINTENANCE: record["_Maintenance"]} if "_Maintenance" in record else {})


def _check_state(record: dict[str, Any], states: tuple[str, ...], done: str) -> None:
    state = record["ApplicationStatus"]
    if state not in states:
        raise AwsError("ResourceInUseException", f"Application cannot be {done} in '{state}' state")


def _check_version(record: dict[str, Any], request: dict[str, Any]) -> None:
    if request.get("CurrentApplicationVersionId", record["ApplicationVersionId"]) != record["ApplicationVersionId"]:
        raise AwsError(
            "ConcurrentModificationException",
            "The provided application version ID does not match the most recent version for the application.",
        )
    if request.get("ConditionalToken", record["ConditionalToken"]) != record["ConditionalToken"]:
        raise AwsError(
            "ConcurrentModificationException",
            "The provided conditional token does not match the current conditional token for the application.",
        )
