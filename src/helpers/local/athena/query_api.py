"""The operations on query executions, but for StartQueryExecution."""

from __future__ import annotations

from typing import Any

from helpers.local.athena import executions, result_pages, workgroups
from helpers.local.athena.api_errors import RequestError
from helpers.local.athena.pages import page


class QueryStateError(RequestError):
    """Results were asked of a query that has none, or none yet."""

    def __init__(self, state: str) -> None:
        super().__init__(
            f"Query did not finish successfully. Final query state: {state}"
            if state in executions.FINAL_STATES
            else f"Query has not yet finished. Current state: {state}",
            "INVALID_QUERY_EXECUTION_STATE",
        )


def get_query_execution(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetQueryExecution."""
    return {"QueryExecution": executions.shown(executions.get(request["QueryExecutionId"]))}


def batch_get_query_execution(request: dict[str, Any]) -> dict[str, Any]:
    """Answer BatchGetQueryExecution; ids without a query come back as unprocessed."""
    found, missing = [], []
    for query_id in request["QueryExecutionIds"]:
        try:
            found.append(executions.shown(executions.get(query_id)))
        except executions.ExecutionNotFoundError as error:
            missing.append(
                {
                    "QueryExecutionId": query_id,
                    "ErrorCode": error.athena_code,
                    "ErrorMessage": error.message,
                }
            )
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}


def list_query_executions(request: dict[str, Any]) -> dict[str, Any]:
    """Answer ListQueryExecutions: one workgroup's queries, the latest first."""
    name = workgroups.get(request.get("WorkGroup") or workgroups.PRIMARY)["Name"]
    ids = [record["QueryExecutionId"] for record in executions.newest_first(name)]
    listed, token = page(ids, request, 50)
    return {"QueryExecutionIds": listed, **token}


def stop_query_execution(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StopQueryExecution; a query that has ended stays as it is."""
    executions.stop(executions.get(request["QueryExecutionId"]))
    return {}


def get_query_results(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetQueryResults; checks come in AWS's order: id, page size, state, token."""
    record = executions.get(request["QueryExecutionId"])
    if (request.get("MaxResults") or 0) > result_pages.MAX_ROWS:
        raise result_pages.MaxResultsError()
    state = executions.shown(record)["Status"]["State"]
    if state == "CANCELLED":
        raise result_pages.ResultNotFoundError()
    if state != "SUCCEEDED":
        raise QueryStateError(state)
    if request.get("QueryResultType") == "DATA_MANIFEST":
        return result_pages.manifest_page(record["Statistics"].get("DataManifestLocation"), request)
    rows_written = record["_rows"][1] is not None
    answer = result_pages.result_page(record["_file"], rows_written, request)
    count = record["_update_count"]
    return answer | ({} if count is None else {"UpdateCount": count})


def get_query_runtime_statistics(request: dict[str, Any]) -> dict[str, Any]:
    """Answer GetQueryRuntimeStatistics: the timeline always, rows and bytes once the query has ended well."""
    record = executions.get(request["QueryExecutionId"])
    shown = executions.shown(record)
    timeline = {key: value for key, value in shown["Statistics"].items() if key.endswith("InMillis")}
    statistics: dict[str, Any] = {"Timeline": timeline}
    if shown["Status"]["State"] == "SUCCEEDED":
        returned, written = record["_rows"]
        scanned = shown["Statistics"]["DataScannedInBytes"]
        statistics["Rows"] = {"InputBytes": scanned, "OutputRows": returned if written is None else written}
    return {"QueryRuntimeStatistics": statistics}
