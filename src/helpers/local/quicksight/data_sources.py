"""Data sources: where data sets read from."""

from __future__ import annotations

from typing import Any

from helpers.local import in_process
from helpers.local.aws_error import AwsError
from helpers.local.quicksight import permissions, store
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, NotFoundError
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import DataSource, Progress, here
from helpers.local.quicksight.tags import tags_of

_KEPT = ("DataSourceParameters", "VpcConnectionProperties", "SslProperties")
# Types whose parameters go by another name than that of the type in capitals.
_PARAMETERS = {"ATHENA": "AthenaParameters", "S3": "S3Parameters", "REDSHIFT": "RedshiftParameters"}


def create_data_source(request: dict[str, Any]) -> dict[str, Any]:
    identifier = request["DataSourceId"]
    if identifier in here().data_sources:
        raise ExistsError("DataSource", identifier)
    _check_parameters(request["Type"], request)
    members = {name: request[name] for name in _KEPT if name in request}
    source = DataSource(
        id=identifier,
        arn=store.arn("datasource", identifier),
        name=request["Name"],
        tags=tags_of(request),
        permissions=permissions.granted("DataSource", request.get("Permissions")),
        type=request["Type"],
        members=members,
        progress=Progress(errors=_connection_errors(request["Type"], members)),
    )
    here().data_sources[identifier] = source
    return {"Arn": source.arn, "DataSourceId": identifier, "CreationStatus": source.progress.status, "Status": 202}


def describe_data_source(request: dict[str, Any]) -> dict[str, Any]:
    return {"DataSource": _described(get(request["DataSourceId"]))}


def list_data_sources(request: dict[str, Any]) -> dict[str, Any]:
    return page(request, [_described(source) for source in here().data_sources.values()], "DataSources")


def update_data_source(request: dict[str, Any]) -> dict[str, Any]:
    source = get(request["DataSourceId"])
    _check_parameters(source.type, {**source.members, **request})
    source.members |= {name: request[name] for name in _KEPT if name in request}
    source.name, source.updated = request["Name"], store.now()
    source.progress = Progress("UPDATE", _connection_errors(source.type, source.members))
    return {"Arn": source.arn, "DataSourceId": source.id, "UpdateStatus": source.progress.status, "Status": 202}


def delete_data_source(request: dict[str, Any]) -> dict[str, Any]:
    source = get(request["DataSourceId"])
    del here().data_sources[source.id]
    return {"Arn": source.arn, "DataSourceId": source.id}


def describe_data_source_permissions(request: dict[str, Any]) -> dict[str, Any]:
    source = get(request["DataSourceId"])
    return {
        "DataSourceArn": source.arn,
        "DataSourceId": source.id,
        "Permissions": permissions.described(source.permissions),
    }


def update_data_source_permissions(request: dict[str, Any]) -> dict[str, Any]:
    source = get(request["DataSourceId"])
    permissions.update(
        "DataSource", source.permissions, request.get("GrantPermissions"), request.get("RevokePermissions")
    )
    return {"DataSourceArn": source.arn, "DataSourceId": source.id}


def get(identifier: str) -> DataSource:
    found = here().data_sources.get(identifier)
    if found is None:
        raise NotFoundError("DataSource", identifier)
    return found


def _check_parameters(kind: str, request: dict[str, Any]) -> None:
    given = request.get("DataSourceParameters")
    wanted = _PARAMETERS.get(kind)
    if given is not None and len(given) != 1:
        raise InvalidValueError("DataSourceParameters must have exactly one member.")
    if wanted and given is not None and wanted not in given:
        raise InvalidValueError(f"DataSourceParameters of a data source of type {kind} must have {wanted}.")


def _connection_errors(kind: str, members: dict[str, Any]) -> list[dict[str, Any]]:
    """Return why the data source cannot be reached: an Athena workgroup that does not exist."""
    if kind != "ATHENA":
        return []
    name = members.get("DataSourceParameters", {}).get("AthenaParameters", {}).get("WorkGroup", "primary")
    try:
        in_process.call("athena", "GetWorkGroup", {"WorkGroup": name})
    except AwsError as error:
        return [{"Type": "GENERIC_SQL_FAILURE", "Message": error.message}]
    return []


def _described(source: DataSource) -> dict[str, Any]:
    status = source.progress.status
    described = {
        "Arn": source.arn,
        "DataSourceId": source.id,
        "Name": source.name,
        "Type": source.type,
        "Status": status,
        "CreatedTime": source.created,
        "LastUpdatedTime": source.updated,
        **source.members,
    }
    if status.endswith("FAILED"):
        described["ErrorInfo"] = source.progress.errors[0]
    return described
