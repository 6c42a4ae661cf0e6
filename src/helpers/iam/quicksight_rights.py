"""Resources of Quick Sight's calls, and the data sources and data sets that a call passes on.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonquicksight.html and, for PassDataSource
and PassDataSet, https://docs.aws.amazon.com/quicksight/latest/developerguide/iam-actions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpers.iam.place import Place

Params = Mapping[str, Any]

_KINDS = {"DashboardId": "dashboard", "AnalysisId": "analysis", "DataSetId": "dataset", "DataSourceId": "datasource"}
_LISTED = {"Dashboards": "dashboard", "Analyses": "analysis", "Users": "user", "User": "user"}


def located(operation: str, params: Params, place: Place) -> list[str]:
    """Return the resources that an operation is checked on."""
    if "ResourceArn" in params:
        return [params["ResourceArn"]]
    if operation == "CreateDataSet":
        return _sources(params)
    for parameter, kind in _KINDS.items():
        if parameter in params:
            schedule = params.get("ScheduleId") or params.get("Schedule", {}).get("ScheduleId")
            below = f"/refresh-schedule/{schedule}" if schedule else ""
            if "IngestionId" in params:
                below = f"/ingestion/{params['IngestionId']}"
            return [place.arn("quicksight", f"{kind}/{params[parameter]}{below}")]
    listed = next((kind for what, kind in _LISTED.items() if operation.endswith(what)), None)
    return [place.arn("quicksight", f"{listed}/*")] if listed else []


def _below(params: Params) -> str:
    """Return the part of a data set that the call names, as the ARN has it."""
    schedule = params.get("ScheduleId") or params.get("Schedule", {}).get("ScheduleId")
    if schedule:
        return f"/refresh-schedule/{schedule}"
    return f"/ingestion/{params['IngestionId']}" if "IngestionId" in params else ""


def created(operation: str, params: Params, place: Place) -> list[str]:
    """Return the ARN of what a call creates, for its tags."""
    return [
        place.arn("quicksight", f"{kind}/{params[parameter]}")
        for parameter, kind in _KINDS.items()
        if parameter in params
    ]


def passed(operation: str, params: Params) -> Iterator[tuple[str, str]]:
    """Yield the rights to pass on what the thing that is made reads from."""
    if operation in ("CreateDataSet", "UpdateDataSet"):
        yield from (("quicksight:PassDataSource", arn) for arn in _sources(params))
    for declared in params.get("Definition", {}).get("DataSetIdentifierDeclarations", []):
        yield "quicksight:PassDataSet", declared["DataSetArn"]


def _sources(params: Params) -> list[str]:
    tables = [next(iter(table.values())) for table in params.get("PhysicalTableMap", {}).values()]
    return sorted({table["DataSourceArn"] for table in tables})
