"""Quick Sight's API: users and groups are moto's, all else that the lab needs is made here.

Every request is validated against the service model before anything acts on it.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from helpers.local.quicksight import (
    account,
    analyses,
    dashboards,
    data_sets,
    data_sources,
    directory,
    ingestions,
    namespaces,
    protocol,
    schedules,
    searching,
    store,
    tags,
)
from helpers.local.quicksight.errors import NotOnLaptopError, QuickSightError

_LOGGER = logging.getLogger(__name__)

_ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "CreateAccountSubscription": account.create_account_subscription,
    "DescribeAccountSubscription": account.describe_account_subscription,
    "DeleteAccountSubscription": account.delete_account_subscription,
    "DescribeAccountSettings": account.describe_account_settings,
    "UpdateAccountSettings": account.update_account_settings,
    "UpdatePublicSharingSettings": account.update_public_sharing_settings,
    "DescribeNamespace": namespaces.describe_namespace,
    "ListNamespaces": namespaces.list_namespaces,
    "CreateDataSource": data_sources.create_data_source,
    "DescribeDataSource": data_sources.describe_data_source,
    "ListDataSources": data_sources.list_data_sources,
    "UpdateDataSource": data_sources.update_data_source,
    "DeleteDataSource": data_sources.delete_data_source,
    "DescribeDataSourcePermissions": data_sources.describe_data_source_permissions,
    "UpdateDataSourcePermissions": data_sources.update_data_source_permissions,
    "CreateDataSet": data_sets.create_data_set,
    "DescribeDataSet": data_sets.describe_data_set,
    "ListDataSets": data_sets.list_data_sets,
    "UpdateDataSet": data_sets.update_data_set,
    "DeleteDataSet": data_sets.delete_data_set,
    "DescribeDataSetPermissions": data_sets.describe_data_set_permissions,
    "UpdateDataSetPermissions": data_sets.update_data_set_permissions,
    "CreateIngestion": ingestions.create_ingestion,
    "DescribeIngestion": ingestions.describe_ingestion,
    "ListIngestions": ingestions.list_ingestions,
    "CancelIngestion": ingestions.cancel_ingestion,
    "CreateRefreshSchedule": schedules.create_refresh_schedule,
    "DescribeRefreshSchedule": schedules.describe_refresh_schedule,
    "ListRefreshSchedules": schedules.list_refresh_schedules,
    "UpdateRefreshSchedule": schedules.update_refresh_schedule,
    "DeleteRefreshSchedule": schedules.delete_refresh_schedule,
    "PutDataSetRefreshProperties": schedules.put_data_set_refresh_properties,
    "DescribeDataSetRefreshProperties": schedules.describe_data_set_refresh_properties,
    "DeleteDataSetRefreshProperties": schedules.delete_data_set_refresh_properties,
    "CreateDashboard": dashboards.create_dashboard,
    "UpdateDashboard": dashboards.update_dashboard,
    "UpdateDashboardPublishedVersion": dashboards.update_dashboard_published_version,
    "UpdateDashboardLinks": dashboards.update_dashboard_links,
    "DescribeDashboard": dashboards.describe_dashboard,
    "DescribeDashboardDefinition": dashboards.describe_dashboard_definition,
    "ListDashboards": dashboards.list_dashboards,
    "ListDashboardVersions": dashboards.list_dashboard_versions,
    "DeleteDashboard": dashboards.delete_dashboard,
    "DescribeDashboardPermissions": dashboards.describe_dashboard_permissions,
    "UpdateDashboardPermissions": dashboards.update_dashboard_permissions,
    "CreateAnalysis": analyses.create_analysis,
    "UpdateAnalysis": analyses.update_analysis,
    "DescribeAnalysis": analyses.describe_analysis,
    "DescribeAnalysisDefinition": analyses.describe_analysis_definition,
    "ListAnalyses": analyses.list_analyses,
    "DeleteAnalysis": analyses.delete_analysis,
    "RestoreAnalysis": analyses.restore_analysis,
    "DescribeAnalysisPermissions": analyses.describe_analysis_permissions,
    "UpdateAnalysisPermissions": analyses.update_analysis_permissions,
    "SearchDataSources": searching.search_data_sources,
    "SearchDataSets": searching.search_data_sets,
    "SearchDashboards": searching.search_dashboards,
    "SearchAnalyses": searching.search_analyses,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}

# Operations call Athena in this process, which is not allowed on the emulator's event loop.
_threads = ThreadPoolExecutor(4, thread_name_prefix="quicksight-api")


def install(handlers: dict[str, Any]) -> None:
    """Add Quick Sight to the emulator's services, and to what its reset clears."""
    from ministack import app as emulator

    handlers["quicksight"] = handle_request
    emulator._reset_all_state = _clearing(emulator._reset_all_state)


def _clearing(reset_emulator: Callable[[], None]) -> Callable[[], None]:
    def reset() -> None:
        reset_emulator()
        store.reset()
        directory.reset()

    return reset


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> protocol.Response:
    """Answer one HTTP request in the REST-JSON protocol."""
    act = partial(contextvars.copy_context().run, _answer, method, path, query_params, body)
    return await asyncio.get_running_loop().run_in_executor(_threads, act)


def perform(action: str, request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked within this process, and return the answer's members; from a worker thread only.

    Raises
    ------
    QuickSightError
        If it is refused.
    """
    return _done(action, protocol.validated(action, request))


def _done(action: str, request: dict[str, Any]) -> dict[str, Any]:
    account.check_subscribed(action, request)
    if action not in _ACTIONS:
        raise NotOnLaptopError(action)
    return _ACTIONS[action](request)


def _answer(method: str, path: str, query: dict[str, Any], body: bytes) -> protocol.Response:
    request_id = str(uuid.uuid4())
    try:
        action, request = protocol.parse(method, path, query, body)
        if action not in directory.ACTIONS:
            return protocol.success(_done(action, request), request_id)
        account.check_subscribed(action, request)
        return protocol.success(directory.answer(action, request, method, path, query, body), request_id)
    except QuickSightError as error:
        _LOGGER.debug("%s %s refused: %s", method, path, error.message)
        return protocol.refusal(error, request_id)
