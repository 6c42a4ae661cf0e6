"""Searches: by name, or by who may see or owns a resource."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from helpers.local.quicksight import analyses, dashboards, data_sets
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import DataSource, Resource, here

_Kind = TypeVar("_Kind", bound=Resource)


def search_data_sources(request: dict[str, Any]) -> dict[str, Any]:
    found = [_source(each) for each in _matching(request, here().data_sources.values(), "UpdateDataSource")]
    return page(request, found, "DataSourceSummaries")


def search_data_sets(request: dict[str, Any]) -> dict[str, Any]:
    found = _matching(request, here().data_sets.values(), "UpdateDataSet")
    return page(request, [data_sets.summary(each) for each in found], "DataSetSummaries")


def search_dashboards(request: dict[str, Any]) -> dict[str, Any]:
    found = _matching(request, here().dashboards.values(), "UpdateDashboard")
    return page(request, [dashboards.summary(each) for each in found], "DashboardSummaryList")


def search_analyses(request: dict[str, Any]) -> dict[str, Any]:
    found = _matching(request, here().analyses.values(), "UpdateAnalysis")
    return page(request, [analyses.summary(each) for each in found], "AnalysisSummaryList")


def _matching(request: dict[str, Any], resources: Iterable[_Kind], owning: str) -> list[_Kind]:
    (wanted,) = request["Filters"]
    name, value = wanted.get("Name", ""), wanted.get("Value", "")
    if name.endswith("_NAME"):
        if wanted["Operator"] == "StringLike":
            return [each for each in resources if value.lower() in each.name.lower()]
        return [each for each in resources if each.name == value]
    found = [each for each in resources if value in each.permissions]
    if "VIEWER" in name or name == "QUICKSIGHT_USER":
        return found
    owned = [each for each in found if f"quicksight:{owning}" in each.permissions[value]]
    return [each for each in owned if len(each.permissions) == 1] if "SOLE" in name else owned


def _source(source: DataSource) -> dict[str, Any]:
    return {
        "Arn": source.arn,
        "DataSourceId": source.id,
        "Name": source.name,
        "Type": source.type,
        "CreatedTime": source.created,
        "LastUpdatedTime": source.updated,
    }
