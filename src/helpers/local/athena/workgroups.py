"""Workgroups: their records, and the settings that a query runs with.

The records live in the emulator's own store, so CloudFormation, tags and a reset see them too.
Defaults are those of a workgroup of AWS that was made with nothing but a name.
"""

from __future__ import annotations

import copy
import time
from typing import Any

from ministack.services import athena as emulated

from helpers.local.athena import tags
from helpers.local.athena.api_errors import RequestError, WorkGroupNotFoundError
from helpers.local.athena.pages import page

PRIMARY = "primary"
ENGINE_VERSION = "Athena engine version 3"

_SUMMARY_FIELDS = ("Name", "State", "Description", "CreationTime")
_PLAIN_SETTINGS = (
    "EnforceWorkGroupConfiguration",
    "PublishCloudWatchMetricsEnabled",
    "BytesScannedCutoffPerQuery",
    "RequesterPaysEnabled",
    "EngineVersion",
    "EnableMinimumEncryptionConfiguration",
    "AdditionalConfiguration",
    "ExecutionRole",
    "CustomerContentEncryptionConfiguration",
)
_RESULT_SETTINGS = ("OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner", "AclConfiguration")


class DisabledWorkGroupError(RequestError):
    """A query was sent to a workgroup that is switched off."""

    def __init__(self, name: str) -> None:
        super().__init__(f"WorkGroup {name} is disabled.")


class WorkGroupExistsError(RequestError):
    """The name of a new workgroup is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "primary workGroup could not be created" if name == PRIMARY else "WorkGroup is already created"
        )


class WorkGroupNotEmptyError(RequestError):
    """A workgroup that still holds queries was to be deleted."""

    def __init__(self, name: str) -> None:
        super().__init__(f"WorkGroup {name} is not empty")


class PrimaryWorkGroupError(RequestError):
    """The primary workgroup was to be deleted."""

    def __init__(self) -> None:
        super().__init__("primary workGroup could not be deleted")


class ManagedResultsLocationError(RequestError):
    """A workgroup was to keep results with Athena and in S3 at once."""

    def __init__(self) -> None:
        super().__init__(
            "ResultConfiguration.OutputLocation cannot be set when ManagedQueryResultsConfiguration is enabled"
        )


def get(name: str) -> dict[str, Any]:
    """Return the record of a workgroup, every default filled in.

    Raises
    ------
    WorkGroupNotFoundError
        If there is none of that name.
    """
    if name == PRIMARY and PRIMARY not in emulated._workgroups:
        emulated._workgroups[PRIMARY] = _record(PRIMARY, "", {"EnforceWorkGroupConfiguration": False})
    record: dict[str, Any] | None = emulated._workgroups.get(name)
    if record is None:
        raise WorkGroupNotFoundError()
    # A record may come from CloudFormation, which stores what the template says and no more.
    record["Configuration"] = _with_defaults(record.get("Configuration") or {})
    return record


def get_enabled(name: str) -> dict[str, Any]:
    """Return the record of a workgroup that takes queries.

    Raises
    ------
    WorkGroupNotFoundError, DisabledWorkGroupError
        If there is none of that name, or it is disabled.
    """
    record = get(name)
    if record.get("State") == "DISABLED":
        raise DisabledWorkGroupError(name)
    return record


def _record(name: str, description: str, configuration: dict[str, Any]) -> dict[str, Any]:
    record = {
        "Name": name,
        "State": "ENABLED",
        "CreationTime": round(time.time(), 3),
        "Configuration": _with_defaults(configuration),
    }
    return record | ({"Description": description} if description else {})


def _with_defaults(configuration: dict[str, Any]) -> dict[str, Any]:
    merged = {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
    } | {key: value for key, value in configuration.items() if value is not None}
    selected = (configuration.get("EngineVersion") or {}).get("SelectedEngineVersion") or "AUTO"
    effective = ENGINE_VERSION if selected == "AUTO" else selected
    return merged | {"EngineVersion": {"SelectedEngineVersion": selected, "EffectiveEngineVersion": effective}}


def create_work_group(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateWorkGroup."""
    name = request["Name"]
    if name == PRIMARY or name in emulated._workgroups:
        raise WorkGroupExistsError(name)
    record = _record(name, request.get("Description", ""), copy.deepcopy(request.get("Configuration") or {}))
    _check_results_place(record["Configuration"])
    emulated._workgroups[name] = record
    tags.replace(emulated._arn_workgroup(name), request.get("Tags") or [])
    return {}


def get_work_group(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetWorkGroup."""
    return {"WorkGroup": get(request["WorkGroup"])}


def list_work_groups(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListWorkGroups, in the order of the names."""
    get(PRIMARY)
    records = [get(name) for name in sorted(emulated._workgroups.keys())]
    summaries = [
        {"Description": ""}
        | {field: record[field] for field in _SUMMARY_FIELDS if field in record}
        | {"EngineVersion": record["Configuration"]["EngineVersion"]}
        for record in records
    ]
    listed, token = page(summaries, request, 50)
    return {"WorkGroups": listed, **token}


def update_work_group(request: dict[str, Any]) -> dict[str, Any]:
    """Answer UpdateWorkGroup."""
    record = get(request["WorkGroup"])
    configuration = copy.deepcopy(record["Configuration"])
    updates = request.get("ConfigurationUpdates") or {}
    configuration |= {key: updates[key] for key in _PLAIN_SETTINGS if updates.get(key) is not None}
    if updates.get("RemoveBytesScannedCutoffPerQuery"):
        configuration.pop("BytesScannedCutoffPerQuery", None)
    if updates.get("RemoveCustomerContentEncryptionConfiguration"):
        configuration.pop("CustomerContentEncryptionConfiguration", None)
    _update_results_place(configuration, updates)
    _check_results_place(configuration)
    record["Configuration"] = _with_defaults(configuration)
    if "Description" in request:
        record["Description"] = request["Description"]
    if request.get("State"):
        record["State"] = request["State"]
    return {}


def _update_results_place(configuration: dict[str, Any], updates: dict[str, Any]) -> None:
    results = configuration["ResultConfiguration"]
    changes = updates.get("ResultConfigurationUpdates") or {}
    for key in _RESULT_SETTINGS:
        if changes.get(f"Remove{key}"):
            results.pop(key, None)
        elif changes.get(key) is not None:
            results[key] = changes[key]
    managed = updates.get("ManagedQueryResultsConfigurationUpdates") or {}
    if "Enabled" in managed:
        configuration["ManagedQueryResultsConfiguration"] = {"Enabled": managed["Enabled"]}


def _check_results_place(configuration: dict[str, Any]) -> None:
    managed = (configuration.get("ManagedQueryResultsConfiguration") or {}).get("Enabled")
    if managed and configuration["ResultConfiguration"].get("OutputLocation"):
        raise ManagedResultsLocationError()


def delete_work_group(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteWorkGroup; what is in the workgroup goes with it if RecursiveDeleteOption says so."""
    name = request["WorkGroup"]
    if name == PRIMARY:
        raise PrimaryWorkGroupError()
    get(name)
    contents = [
        (store, key)
        for store, field in (
            (emulated._executions, "WorkGroup"),
            (emulated._named_queries, "WorkGroup"),
            (emulated._prepared_statements, "WorkGroupName"),
        )
        for key, item in store.items()
        if item.get(field) == name
    ]
    if contents and not request.get("RecursiveDeleteOption"):
        raise WorkGroupNotEmptyError(name)
    for store, key in contents:
        store.pop(key, None)
    emulated._workgroups.pop(name, None)
    tags.replace(emulated._arn_workgroup(name), [])
    return {}


def list_engine_versions(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListEngineVersions."""
    versions = [
        {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE_VERSION}
        for selected in ("AUTO", ENGINE_VERSION)
    ]
    listed, token = page(versions, request, 10)
    return {"EngineVersions": listed, **token}
