"""Permissions on a resource: which actions make an owner.

Quick Sight takes whole sets only, as its reference lists them:
https://docs.aws.amazon.com/quicksight/latest/APIReference/API_ResourcePermission.html
"""

from __future__ import annotations

from typing import Any

_OWNER = {
    "DataSource": (
        "DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource", "UpdateDataSource",
        "DeleteDataSource", "UpdateDataSourcePermissions",
    ),
    "DataSet": (
        "DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions",
        "UpdateDataSet", "DeleteDataSet", "CreateIngestion", "CancelIngestion", "UpdateDataSetPermissions",
    ),
    "Analysis": (
        "RestoreAnalysis", "UpdateAnalysisPermissions", "DeleteAnalysis", "QueryAnalysis",
        "DescribeAnalysisPermissions", "DescribeAnalysis", "UpdateAnalysis",
    ),
    "Dashboard": (
        "DescribeDashboard", "ListDashboardVersions", "UpdateDashboardPermissions", "QueryDashboard",
        "UpdateDashboard", "DeleteDashboard", "DescribeDashboardPermissions", "UpdateDashboardPublishedVersion",
    ),
}  # fmt: skip


def owner(kind: str, principal: str) -> list[dict[str, Any]]:
    """Return the `Permissions` that make a user or group the owner of a resource.

    Parameters
    ----------
    kind
        `DataSource`, `DataSet`, `Analysis` or `Dashboard`.
    principal
        ARN of the user or group.
    """
    return [{"Principal": principal, "Actions": [f"quicksight:{action}" for action in _OWNER[kind]]}]
