"""Athena's operations by their names in the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.local.athena import (
    catalogs,
    named_queries,
    prepared,
    query_api,
    submission,
    tags,
    workgroups,
)

OPERATIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
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
