"""Athena's API: every request that the emulator takes for Athena comes here."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from helpers.local.athena import (
    catalogs,
    named_queries,
    prepared,
    query_api,
    submission,
    tags,
    validation,
    workgroups,
)
from helpers.local.athena.api_errors import RequestError, Response, UnknownOperationError, success

_LOGGER = logging.getLogger(__name__)
_TARGET = "AmazonAthena."

_ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "StartQueryExecution": submission.start_query_execution,
    "GetQueryExecution": query_api.get_query_execution,
    "BatchGetQueryExecution": query_api.batch_get_query_execution,
    "ListQueryExecutions": query_api.list_query_executions,
    "StopQueryExecution": query_api.stop_query_execution,
    "GetQueryResults": query_api.get_query_results,
    "GetQueryRuntimeStatistics": query_api.get_query_runtime_statistics,
    "CreateWorkGroup": workgroups.create_work_group,
    "GetWorkGroup": workgroups.get_work_group,
    "ListWorkGroups": workgroups.list_work_groups,
    "UpdateWorkGroup": workgroups.update_work_group,
    "DeleteWorkGroup": workgroups.delete_work_group,
    "ListEngineVersions": workgroups.list_engine_versions,
    "CreateNamedQuery": named_queries.create_named_query,
    "UpdateNamedQuery": named_queries.update_named_query,
    "GetNamedQuery": named_queries.get_named_query,
    "BatchGetNamedQuery": named_queries.batch_get_named_query,
    "ListNamedQueries": named_queries.list_named_queries,
    "DeleteNamedQuery": named_queries.delete_named_query,
    "CreatePreparedStatement": prepared.create_prepared_statement,
    "UpdatePreparedStatement": prepared.update_prepared_statement,
    "GetPreparedStatement": prepared.get_prepared_statement,
    "BatchGetPreparedStatement": prepared.batch_get_prepared_statement,
    "ListPreparedStatements": prepared.list_prepared_statements,
    "DeletePreparedStatement": prepared.delete_prepared_statement,
    "CreateDataCatalog": catalogs.create_data_catalog,
    "GetDataCatalog": catalogs.get_data_catalog,
    "ListDataCatalogs": catalogs.list_data_catalogs,
    "UpdateDataCatalog": catalogs.update_data_catalog,
    "DeleteDataCatalog": catalogs.delete_data_catalog,
    "GetDatabase": catalogs.get_database,
    "ListDatabases": catalogs.list_databases,
    "GetTableMetadata": catalogs.get_table_metadata,
    "ListTableMetadata": catalogs.list_table_metadata,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
}

# Operations may call other services of the emulator, which is not allowed on its event loop.
_threads = ThreadPoolExecutor(8, thread_name_prefix="athena-api")


class NotOnLaptopError(RequestError):
    """AWS has the operation, the local AWS has not."""

    def __init__(self, action: str) -> None:
        super().__init__(f"The local AWS has no {action}: it runs SQL queries, not Spark sessions or capacity.")


def install(handlers: dict[str, Any]) -> None:
    """Put this Athena in the place of the emulator's."""
    handlers["athena"] = handle_request


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> Response:
    """Answer one HTTP request in the JSON 1.1 protocol."""
    context = contextvars.copy_context()
    target = headers.get("x-amz-target", "")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, context.run, _answer, target, body)


def _answer(target: str, body: bytes) -> Response:
    try:
        action = target.removeprefix(_TARGET)
        if not target.startswith(_TARGET):
            raise UnknownOperationError()
        request = _request(body)
        validation.validate(action, request)
        operation = _ACTIONS.get(action)
        if operation is None:
            raise NotOnLaptopError(action)
        return success(operation(request))
    except RequestError as error:
        _LOGGER.debug("%s refused: %s", target, error.message)
        return error.response()


def _request(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise validation.SerializationError("") from error
    if not isinstance(request, dict):
        raise validation.SerializationError("Start of list found where not expected")
    return request
