"""Dashboards: versions of a definition, one of which readers see.

https://docs.aws.amazon.com/quicksight/latest/APIReference/API_UpdateDashboard.html: an update makes a new
version, which UpdateDashboardPublishedVersion publishes.
"""

from __future__ import annotations

from typing import Any

from helpers.local.quicksight import definition, permissions, store
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, NotFoundError, QuickSightError
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import Dashboard, Progress, Version, here
from helpers.local.quicksight.tags import tags_of

_KEPT = ("Definition", "ThemeArn", "VersionDescription", "DashboardPublishOptions")


def create_dashboard(request: dict[str, Any]) -> dict[str, Any]:
    identifier = request["DashboardId"]
    if identifier in here().dashboards:
        raise ExistsError("Dashboard", identifier)
    version = _version(1, request)
    link = request.get("LinkSharingConfiguration", {}).get("Permissions")
    dashboard = Dashboard(
        id=identifier,
        arn=store.arn("dashboard", identifier),
        name=request["Name"],
        tags=tags_of(request),
        permissions=permissions.granted("Dashboard", request.get("Permissions")),
        link_permissions=permissions.granted("Dashboard", link),
        links=request.get("LinkEntities", []),
        versions={1: version},
    )
    if not version.progress.failed:
        dashboard.published, dashboard.published_at = 1, version.created
    here().dashboards[identifier] = dashboard
    return _creation(dashboard, version)


def update_dashboard(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    version = _version(max(dashboard.versions) + 1, request)
    dashboard.versions[version.number] = version
    dashboard.name, dashboard.updated = request["Name"], version.created
    return _creation(dashboard, version)


def update_dashboard_published_version(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    version = _get_version(dashboard, request["VersionNumber"])
    if version.progress.status.endswith("IN_PROGRESS"):
        raise QuickSightError("ConflictException", f"Version {version.number} is {version.progress.status}.")
    if version.progress.failed:
        raise InvalidValueError(f"Version {version.number} is {version.progress.status} and cannot be published.")
    dashboard.published, dashboard.published_at = version.number, store.now()
    return {"DashboardId": dashboard.id, "DashboardArn": dashboard.arn}


def describe_dashboard(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    version = _asked(dashboard, request)
    used = version.members["Definition"]
    sheets = [{key: sheet[key] for key in ("SheetId", "Name") if key in sheet} for sheet in used.get("Sheets", [])]
    described: dict[str, Any] = {
        **_summary_of(dashboard, version),
        "DataSetArns": [each["DataSetArn"] for each in used["DataSetIdentifierDeclarations"]],
        "Sheets": sheets,
    }
    if version.progress.errors:
        described["Errors"] = version.progress.errors
    if "ThemeArn" in version.members:
        described["ThemeArn"] = version.members["ThemeArn"]
    return {
        "Dashboard": {
            "DashboardId": dashboard.id,
            "Arn": dashboard.arn,
            "Name": dashboard.name,
            "Version": described,
            "CreatedTime": dashboard.created,
            "LastPublishedTime": dashboard.published_at,
            "LastUpdatedTime": dashboard.updated,
            "LinkEntities": dashboard.links,
        }
    }


def describe_dashboard_definition(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    version = _asked(dashboard, request)
    answer = {
        "DashboardId": dashboard.id,
        "Name": dashboard.name,
        "ResourceStatus": version.progress.status,
        "Definition": version.members["Definition"],
    }
    answer |= {key: version.members[key] for key in ("ThemeArn", "DashboardPublishOptions") if key in version.members}
    return answer | ({"Errors": version.progress.errors} if version.progress.errors else {})


def list_dashboards(request: dict[str, Any]) -> dict[str, Any]:
    return page(request, [summary(dashboard) for dashboard in here().dashboards.values()], "DashboardSummaryList")


def list_dashboard_versions(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    versions = [_summary_of(dashboard, version) for version in reversed(dashboard.versions.values())]
    return page(request, versions, "DashboardVersionSummaryList")


def delete_dashboard(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    number = request.get("VersionNumber")
    if number is None:
        del here().dashboards[dashboard.id]
    else:
        _get_version(dashboard, number)
        if number == dashboard.published:
            raise QuickSightError("ConflictException", f"Version {number} is published and cannot be deleted.")
        del dashboard.versions[number]
    return {"Arn": dashboard.arn, "DashboardId": dashboard.id}


def describe_dashboard_permissions(request: dict[str, Any]) -> dict[str, Any]:
    return _permissions_of(get(request["DashboardId"]))


def update_dashboard_permissions(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    grants, revokes = request.get("GrantPermissions"), request.get("RevokePermissions")
    permissions.update("Dashboard", dashboard.permissions, grants, revokes)
    grants, revokes = request.get("GrantLinkPermissions"), request.get("RevokeLinkPermissions")
    permissions.update("Dashboard", dashboard.link_permissions, grants, revokes)
    return _permissions_of(dashboard)


def update_dashboard_links(request: dict[str, Any]) -> dict[str, Any]:
    dashboard = get(request["DashboardId"])
    dashboard.links = request["LinkEntities"]
    return {"DashboardArn": dashboard.arn, "LinkEntities": dashboard.links}


def summary(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard as lists have it."""
    found = {
        "Arn": dashboard.arn,
        "DashboardId": dashboard.id,
        "Name": dashboard.name,
        "CreatedTime": dashboard.created,
        "LastUpdatedTime": dashboard.updated,
    }
    if dashboard.published is None:
        return found
    return found | {"PublishedVersionNumber": dashboard.published, "LastPublishedTime": dashboard.published_at}


def get(identifier: str) -> Dashboard:
    found = here().dashboards.get(identifier)
    if found is None:
        raise NotFoundError("Dashboard", identifier)
    return found


def checked(request: dict[str, Any], verb: str) -> Progress:
    """Return how the creation or update that a request asks for will end.

    Raises
    ------
    QuickSightError
        If it is refused at once.
    """
    if ("Definition" in request) == ("SourceEntity" in request):
        raise InvalidValueError("Exactly one of Definition and SourceEntity must be given.")
    if "SourceEntity" in request:
        # Templates cannot be made here, so none is found.
        arn = request["SourceEntity"].get("SourceTemplate", {}).get("Arn", "")
        raise NotFoundError("Template", arn)
    wanted = request["Definition"]
    definition.check_structure(wanted)
    errors = definition.find_errors(wanted) + definition.parameter_errors(wanted, request.get("Parameters", {}))
    lenient = request.get("ValidationStrategy", {}).get("Mode") == "LENIENT"
    return Progress(verb, errors, lenient)


def _version(number: int, request: dict[str, Any]) -> Version:
    progress = checked(request, "CREATION")
    return Version(number=number, members={key: request[key] for key in _KEPT if key in request}, progress=progress)


def _get_version(dashboard: Dashboard, number: int) -> Version:
    found = dashboard.versions.get(number)
    if found is None:
        raise NotFoundError("Dashboard version", f"{dashboard.id}/{number}")
    return found


def _asked(dashboard: Dashboard, request: dict[str, Any]) -> Version:
    """Return the version that a request names, else the published one, else the latest."""
    alias = request.get("AliasName", "$PUBLISHED")
    if "VersionNumber" in request:
        return _get_version(dashboard, request["VersionNumber"])
    if alias not in ("$PUBLISHED", "$LATEST"):
        raise NotFoundError("Dashboard alias", alias)
    latest = max(dashboard.versions)
    return dashboard.versions[latest if alias == "$LATEST" else dashboard.published or latest]


def _version_arn(dashboard: Dashboard, version: Version) -> str:
    return f"{dashboard.arn}/version/{version.number}"


def _creation(dashboard: Dashboard, version: Version) -> dict[str, Any]:
    return {
        "Arn": dashboard.arn,
        "VersionArn": _version_arn(dashboard, version),
        "DashboardId": dashboard.id,
        "CreationStatus": version.progress.status,
        "Status": 202,
    }


def _summary_of(dashboard: Dashboard, version: Version) -> dict[str, Any]:
    found = {
        "Arn": _version_arn(dashboard, version),
        "CreatedTime": version.created,
        "VersionNumber": version.number,
        "Status": version.progress.status,
    }
    description = version.members.get("VersionDescription")
    return found | ({"Description": description} if description else {})


def _permissions_of(dashboard: Dashboard) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "DashboardId": dashboard.id,
        "DashboardArn": dashboard.arn,
        "Permissions": permissions.described(dashboard.permissions),
    }
    if dashboard.link_permissions:
        answer["LinkSharingConfiguration"] = {"Permissions": permissions.described(dashboard.link_permissions)}
    return answer
