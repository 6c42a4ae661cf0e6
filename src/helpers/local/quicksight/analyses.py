"""Analyses: a definition that authors work on; deleted, it can be restored for some days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from helpers.local.quicksight import permissions, store
from helpers.local.quicksight.dashboards import checked
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, NotFoundError, QuickSightError
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import Analysis, here
from helpers.local.quicksight.tags import tags_of

_KEPT = ("Definition", "ThemeArn")
# https://docs.aws.amazon.com/quicksight/latest/APIReference/API_DeleteAnalysis.html
_RECOVERY_DAYS = 30


def create_analysis(request: dict[str, Any]) -> dict[str, Any]:
    identifier = request["AnalysisId"]
    if identifier in _kept():
        raise ExistsError("Analysis", identifier)
    analysis = Analysis(
        id=identifier,
        arn=store.arn("analysis", identifier),
        name=request["Name"],
        tags=tags_of(request),
        permissions=permissions.granted("Analysis", request.get("Permissions")),
        members={key: request[key] for key in _KEPT if key in request},
        progress=checked(request, "CREATION"),
    )
    here().analyses[identifier] = analysis
    return {
        "Arn": analysis.arn,
        "AnalysisId": identifier,
        "CreationStatus": analysis.progress.status,
        "Status": 202,
    }


def update_analysis(request: dict[str, Any]) -> dict[str, Any]:
    analysis = _undeleted(request["AnalysisId"])
    analysis.progress = checked(request, "UPDATE")
    # A failed update leaves the definition as it was.
    if not analysis.progress.failed:
        analysis.members = {key: request[key] for key in _KEPT if key in request}
    analysis.name, analysis.updated = request["Name"], store.now()
    return {"Arn": analysis.arn, "AnalysisId": analysis.id, "UpdateStatus": analysis.progress.status, "Status": 202}


def describe_analysis(request: dict[str, Any]) -> dict[str, Any]:
    analysis = get(request["AnalysisId"])
    used = analysis.members["Definition"]
    sheets = [{key: sheet[key] for key in ("SheetId", "Name") if key in sheet} for sheet in used.get("Sheets", [])]
    described = {
        **summary(analysis),
        "DataSetArns": [each["DataSetArn"] for each in used["DataSetIdentifierDeclarations"]],
        "Sheets": sheets,
    }
    if "ThemeArn" in analysis.members:
        described["ThemeArn"] = analysis.members["ThemeArn"]
    return {"Analysis": described | _errors(analysis)}


def describe_analysis_definition(request: dict[str, Any]) -> dict[str, Any]:
    analysis = get(request["AnalysisId"])
    return {
        "AnalysisId": analysis.id,
        "Name": analysis.name,
        "ResourceStatus": _status(analysis),
        **analysis.members,
        **_errors(analysis),
    }


def list_analyses(request: dict[str, Any]) -> dict[str, Any]:
    return page(request, [summary(analysis) for analysis in _kept().values()], "AnalysisSummaryList")


def delete_analysis(request: dict[str, Any]) -> dict[str, Any]:
    days, force = request.get("RecoveryWindowInDays"), request.get("ForceDeleteWithoutRecovery", False)
    if days is not None and force:
        raise InvalidValueError("RecoveryWindowInDays and ForceDeleteWithoutRecovery cannot both be given.")
    analysis = get(request["AnalysisId"])
    if force:
        del here().analyses[analysis.id]
        return {"Arn": analysis.arn, "AnalysisId": analysis.id}
    if analysis.deletion_time is not None:
        raise QuickSightError("ConflictException", f"Analysis {analysis.id} is deleted already.")
    analysis.deletion_time = store.now() + timedelta(days=days or _RECOVERY_DAYS)
    return {"Arn": analysis.arn, "AnalysisId": analysis.id, "DeletionTime": analysis.deletion_time}


def restore_analysis(request: dict[str, Any]) -> dict[str, Any]:
    analysis = get(request["AnalysisId"])
    if analysis.deletion_time is None:
        raise InvalidValueError(f"Analysis {analysis.id} is not deleted.")
    analysis.deletion_time = None
    return {"Arn": analysis.arn, "AnalysisId": analysis.id}


def describe_analysis_permissions(request: dict[str, Any]) -> dict[str, Any]:
    return _permissions_of(get(request["AnalysisId"]))


def update_analysis_permissions(request: dict[str, Any]) -> dict[str, Any]:
    analysis = _undeleted(request["AnalysisId"])
    grants, revokes = request.get("GrantPermissions"), request.get("RevokePermissions")
    permissions.update("Analysis", analysis.permissions, grants, revokes)
    return _permissions_of(analysis)


def summary(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as lists have it."""
    return {
        "Arn": analysis.arn,
        "AnalysisId": analysis.id,
        "Name": analysis.name,
        "Status": _status(analysis),
        "CreatedTime": analysis.created,
        "LastUpdatedTime": analysis.updated,
    }


def get(identifier: str) -> Analysis:
    found = _kept().get(identifier)
    if found is None:
        raise NotFoundError("Analysis", identifier)
    return found


def _undeleted(identifier: str) -> Analysis:
    found = get(identifier)
    if found.deletion_time is not None:
        raise QuickSightError("ConflictException", f"Analysis {identifier} is deleted: restore it first.")
    return found


def _kept() -> dict[str, Analysis]:
    """Return the analyses, without those whose recovery window is over."""
    analyses, now = here().analyses, store.now()
    for identifier in [key for key, each in analyses.items() if each.deletion_time and each.deletion_time <= now]:
        del analyses[identifier]
    return analyses


def _status(analysis: Analysis) -> str:
    return "DELETED" if analysis.deletion_time is not None else analysis.progress.status


def _errors(analysis: Analysis) -> dict[str, Any]:
    return {"Errors": analysis.progress.errors} if analysis.progress.errors else {}


def _permissions_of(analysis: Analysis) -> dict[str, Any]:
    granted = permissions.described(analysis.permissions)
    return {"AnalysisArn": analysis.arn, "AnalysisId": analysis.id, "Permissions": granted}
