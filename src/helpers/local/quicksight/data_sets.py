"""Data sets: queries with typed columns, imported into SPICE or asked anew each time."""

from __future__ import annotations

from typing import Any

from helpers.local.quicksight import athena_source, ingestions, permissions, store
from helpers.local.quicksight.columns import output_columns
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, NotFoundError
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import DataSet, here
from helpers.local.quicksight.tags import tags_of

_KEPT = (
    "PhysicalTableMap", "LogicalTableMap", "ImportMode", "ColumnGroups", "FieldFolders", "RowLevelPermissionDataSet",
    "RowLevelPermissionTagConfiguration", "ColumnLevelPermissionRules", "DataSetUsageConfiguration",
    "DatasetParameters", "PerformanceConfiguration", "UseAs",
)  # fmt: skip


def create_data_set(request: dict[str, Any]) -> dict[str, Any]:
    identifier = request["DataSetId"]
    if identifier in here().data_sets:
        raise ExistsError("DataSet", identifier)
    columns = _checked(request)
    data_set = DataSet(
        id=identifier,
        arn=store.arn("dataset", identifier),
        name=request["Name"],
        tags=tags_of(request),
        permissions=permissions.granted("DataSet", request.get("Permissions")),
        members={name: request[name] for name in _KEPT if name in request},
        columns=columns,
    )
    here().data_sets[identifier] = data_set
    return {"Arn": data_set.arn, "DataSetId": identifier, **_import(data_set, "INITIAL_INGESTION"), "Status": 201}


def update_data_set(request: dict[str, Any]) -> dict[str, Any]:
    data_set = get(request["DataSetId"])
    data_set.columns = _checked(request)
    data_set.members = {name: request[name] for name in _KEPT if name in request}
    data_set.name, data_set.updated = request["Name"], store.now()
    if data_set.members["ImportMode"] == "DIRECT_QUERY":
        data_set.spice_bytes, data_set.schedules = 0, {}
    return {"Arn": data_set.arn, "DataSetId": data_set.id, **_import(data_set, "EDIT"), "Status": 201}


def describe_data_set(request: dict[str, Any]) -> dict[str, Any]:
    data_set = get(request["DataSetId"])
    described = {
        "Arn": data_set.arn,
        "DataSetId": data_set.id,
        "Name": data_set.name,
        "CreatedTime": data_set.created,
        "LastUpdatedTime": data_set.updated,
        "OutputColumns": data_set.columns,
        "ConsumedSpiceCapacityInBytes": data_set.spice_bytes,
        **data_set.members,
    }
    return {"DataSet": described}


def list_data_sets(request: dict[str, Any]) -> dict[str, Any]:
    return page(request, [summary(data_set) for data_set in here().data_sets.values()], "DataSetSummaries")


def summary(data_set: DataSet) -> dict[str, Any]:
    """Return a data set as lists have it."""
    return {
        "Arn": data_set.arn,
        "DataSetId": data_set.id,
        "Name": data_set.name,
        "CreatedTime": data_set.created,
        "LastUpdatedTime": data_set.updated,
        "ImportMode": data_set.members["ImportMode"],
        "RowLevelPermissionTagConfigurationApplied": "RowLevelPermissionTagConfiguration" in data_set.members,
        "ColumnLevelPermissionRulesApplied": "ColumnLevelPermissionRules" in data_set.members,
    }


def delete_data_set(request: dict[str, Any]) -> dict[str, Any]:
    data_set = get(request["DataSetId"])
    del here().data_sets[data_set.id]
    return {"Arn": data_set.arn, "DataSetId": data_set.id}


def describe_data_set_permissions(request: dict[str, Any]) -> dict[str, Any]:
    data_set = get(request["DataSetId"])
    granted = permissions.described(data_set.permissions)
    return {"DataSetArn": data_set.arn, "DataSetId": data_set.id, "Permissions": granted}


def update_data_set_permissions(request: dict[str, Any]) -> dict[str, Any]:
    data_set = get(request["DataSetId"])
    permissions.update(
        "DataSet", data_set.permissions, request.get("GrantPermissions"), request.get("RevokePermissions")
    )
    return {"DataSetArn": data_set.arn, "DataSetId": data_set.id}


def get(identifier: str) -> DataSet:
    found = here().data_sets.get(identifier)
    if found is None:
        raise NotFoundError("DataSet", identifier)
    return found


def _checked(request: dict[str, Any]) -> list[dict[str, str]]:
    """Return the columns of the data set that a request describes."""
    physical = request["PhysicalTableMap"]
    if not physical:
        raise InvalidValueError("PhysicalTableMap must have a table.")
    columns = output_columns(physical, request.get("LogicalTableMap", {}))
    arns = {source.arn for source in here().data_sources.values()}
    for table in physical.values():
        ((_, members),) = table.items()
        if members["DataSourceArn"] not in arns:
            raise InvalidValueError(f"Invalid dataSourceArn: {members['DataSourceArn']}")
    if request["ImportMode"] == "DIRECT_QUERY":
        for table in physical.values():
            try:
                athena_source.read(table)
            except athena_source.SourceError as error:
                raise InvalidValueError(f"{error.kind}: {error}") from error
    return columns


def _import(data_set: DataSet, request_type: str) -> dict[str, str]:
    """Start the import into SPICE that a new or edited data set begins with."""
    if data_set.members["ImportMode"] != "SPICE":
        return {}
    ingestion = ingestions.start(data_set, request_type)
    return {"IngestionArn": ingestion.arn, "IngestionId": ingestion.id}
