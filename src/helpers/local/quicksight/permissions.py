"""Who may do what with a resource: grants are checked as AWS does, kept and described, and not enforced.

Each kind of resource takes certain sets of actions and no others:
https://docs.aws.amazon.com/quicksight/latest/developerguide/security_iam_id-based-policy-examples.html,
and the examples of `ResourcePermission` in the API reference.
"""

from __future__ import annotations

import re
from typing import Any

from helpers.local.quicksight import directory
from helpers.local.quicksight.errors import InvalidValueError
from helpers.local.quicksight.store import Resource

_SCHEDULING = (
    "CreateRefreshSchedule", "DescribeRefreshSchedule", "ListRefreshSchedules", "UpdateRefreshSchedule",
    "DeleteRefreshSchedule", "PutDataSetRefreshProperties", "DescribeDataSetRefreshProperties",
    "DeleteDataSetRefreshProperties",
)  # fmt: skip
_USE_SOURCE = ("DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource")
_OWN_SOURCE = (*_USE_SOURCE, "UpdateDataSource", "DeleteDataSource", "UpdateDataSourcePermissions")
_USE_SET = ("DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions")
_OWN_SET = (
    *_USE_SET, "UpdateDataSet", "DeleteDataSet", "CreateIngestion", "CancelIngestion", "UpdateDataSetPermissions",
)  # fmt: skip
_SEE_DASHBOARD = ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard")
_OWN_DASHBOARD = (
    *_SEE_DASHBOARD, "UpdateDashboardPermissions", "UpdateDashboard", "DeleteDashboard",
    "DescribeDashboardPermissions", "UpdateDashboardPublishedVersion",
)  # fmt: skip
_SEE_ANALYSIS = ("DescribeAnalysis", "QueryAnalysis", "DescribeAnalysisPermissions")
_OWN_ANALYSIS = (*_SEE_ANALYSIS, "UpdateAnalysis", "DeleteAnalysis", "RestoreAnalysis", "UpdateAnalysisPermissions")

SETS: dict[str, tuple[tuple[str, ...], ...]] = {
    "DataSource": (_USE_SOURCE, _OWN_SOURCE),
    "DataSet": (
        _USE_SET,
        (*_USE_SET, "DescribeRefreshSchedule", "ListRefreshSchedules", "DescribeDataSetRefreshProperties"),
        _OWN_SET,
        (*_OWN_SET, *_SCHEDULING),
    ),
    "Dashboard": (_SEE_DASHBOARD, _OWN_DASHBOARD, (*_OWN_DASHBOARD, "UpdateDashboardLinks")),
    "Analysis": (_SEE_ANALYSIS, _OWN_ANALYSIS),
}
_PRINCIPAL = re.compile(r"arn:aws[\w-]*:quicksight:[\w-]*:\d{12}:(user|group|namespace)/\S.*")


def granted(kind: str, wanted: list[dict[str, Any]] | None) -> dict[str, list[str]]:
    """Return actions by principal.

    Raises
    ------
    InvalidValueError
        If a principal does not exist, or its actions are no set that the kind of resource takes.
    """
    found = {}
    for permission in wanted or []:
        _check_principal(permission["Principal"])
        _check_actions(kind, permission["Actions"])
        found[permission["Principal"]] = list(permission["Actions"])
    return found


def update(
    kind: str,
    permissions: dict[str, list[str]],
    grants: list[dict[str, Any]] | None,
    revokes: list[dict[str, Any]] | None,
) -> None:
    """Grant and revoke; a grant replaces what the principal had."""
    given = granted(kind, grants)
    for permission in revokes or []:
        left = set(permissions.get(permission["Principal"], [])) - set(permission["Actions"])
        kept = [action for action in permissions.get(permission["Principal"], []) if action in left]
        if kept:
            permissions[permission["Principal"]] = kept
        else:
            permissions.pop(permission["Principal"], None)
    permissions.update(given)


def described(permissions: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [{"Principal": principal, "Actions": actions} for principal, actions in permissions.items()]


def may_see(resource: Resource, principal: str) -> bool:
    return principal in resource.permissions


def _check_principal(principal: str) -> None:
    match = _PRINCIPAL.fullmatch(principal)
    if not match or (match[1] != "namespace" and principal not in directory.principals()):
        raise InvalidValueError(f"Invalid principals given : [{principal}]")


def _check_actions(kind: str, actions: list[str]) -> None:
    sets = [[f"quicksight:{name}" for name in names] for names in SETS[kind]]
    if sorted(actions) not in [sorted(names) for names in sets]:
        raise InvalidValueError(
            f"ResourcePermission list contains unsupported permission sets {actions} for this resource. "
            f"Valid sets : {' or '.join(str(names) for names in sets)}"
        )
