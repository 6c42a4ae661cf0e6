"""Query executions: their life from QUEUED to an end state, and what the API shows of it.

What an execution shows lives in the emulator's own store as the very `QueryExecution` of the API (keys
that begin with an underscore are ours and not shown), so a reset of the emulator clears it as well.
"""

from __future__ import annotations

import copy
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ministack.services import athena as emulated

from helpers.local import in_process
from helpers.local.athena import parameters, prepared, result_files, statements
from helpers.local.athena.api_errors import RequestError
from helpers.local.athena.errors import ScanLimitError
from helpers.local.athena.model import AthenaQueryError, QueryContext, QueryResult
from helpers.local.athena.result_store import OutputLocation

_LOGGER = logging.getLogger(__name__)

FINAL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")
_CONCURRENT_QUERIES = 4
_SYSTEM_ERROR, _ENGINE_INTERNAL_ERROR = 1, 200  # Athena error catalog
_CANCELLED_BY_USER = "Query cancelled by user"
_SCAN_LIMIT = "Bytes scanned limit was exceeded"

_workers = ThreadPoolExecutor(_CONCURRENT_QUERIES, thread_name_prefix="athena-query")
_lock = threading.Lock()
_cancellations: dict[str, threading.Event] = {}


class ExecutionNotFoundError(RequestError):
    """No query has that id."""

    def __init__(self, query_id: str) -> None:
        super().__init__(f"QueryExecution {query_id} was not found", "QUERY_EXECUTION_NOT_FOUND")


@dataclass(frozen=True)
class Job:
    """What a worker needs to run a query.

    Parameters
    ----------
    statement
        The SQL to run; of an EXECUTE, the prepared statement's.
    parameters
        Values for its `?`, as SQL text.
    context, location
        What the engine runs with, and where results go.
    account, region
        Whose tables and objects the query sees.
    """

    statement: str
    parameters: list[str]
    context: QueryContext
    location: OutputLocation
    account: str
    region: str


def get(query_id: str) -> dict[str, Any]:
    """Return the record of an execution.

    Raises
    ------
    ExecutionNotFoundError
        If no query has that id.
    """
    record: dict[str, Any] | None = emulated._executions.get(query_id)
    if record is None:
        raise ExecutionNotFoundError(query_id)
    return record


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """Return the QueryExecution that the API shows of `record`."""
    with _lock:
        return {key: copy.deepcopy(value) for key, value in record.items() if not key.startswith("_")}


def newest_first(workgroup: str) -> list[dict[str, Any]]:
    """Return the executions of a workgroup, the latest submitted first."""
    records = [record for record in emulated._executions.values() if record["WorkGroup"] == workgroup]
    return records[::-1]


def submit(record: dict[str, Any], job: Job) -> None:
    """Queue a query whose `record` is in state QUEUED."""
    query_id = record["QueryExecutionId"]
    with _lock:
        emulated._executions[query_id] = record
        _cancellations[query_id] = job.context.cancelled
    _workers.submit(_work, record, job)


def stop(record: dict[str, Any]) -> None:
    """Cancel a query; one that has ended stays as it is."""
    if _finish(record, "CANCELLED", _CANCELLED_BY_USER):
        with _lock:
            cancelled = _cancellations.get(record["QueryExecutionId"])
        if cancelled is not None:
            cancelled.set()


def _work(record: dict[str, Any], job: Job) -> None:
    with in_process.scope(job.account, job.region):
        try:
            if _begin(record):
                _run(record, job)
        except Exception as error:
            _LOGGER.exception("Query %s broke", record["QueryExecutionId"])
            reason = f"GENERIC_INTERNAL_ERROR: {error}"
            _fail(record, job, AthenaQueryError(reason, _SYSTEM_ERROR, _ENGINE_INTERNAL_ERROR))
        finally:
            with _lock:
                _cancellations.pop(record["QueryExecutionId"], None)


def _begin(record: dict[str, Any]) -> bool:
    with _lock:
        if record["Status"]["State"] != "QUEUED":
            return False
        record["Status"]["State"] = "RUNNING"
        record["_started"] = time.time()
        queued = record["_started"] - record["Status"]["SubmissionDateTime"]
        record["Statistics"]["QueryQueueTimeInMillis"] = _millis(queued)
        return True


def _run(record: dict[str, Any], job: Job) -> None:
    try:
        result = _result(record, job)
        if job.context.cancelled.is_set():
            return
        record["_executed"] = time.time()
        record["StatementType"], record["SubstatementType"] = _final_types(record, result)
        result_files.write(job.location, job.context.query_id, record["SubstatementType"], result)
    except ScanLimitError:
        record["Statistics"]["DataScannedInBytes"] = job.context.bytes_cutoff or 0
        _finish(record, "CANCELLED", _SCAN_LIMIT)
    except AthenaQueryError as error:
        if not job.context.cancelled.is_set():
            _fail(record, job, error)
    else:
        _succeed(record, job, result)


def _result(record: dict[str, Any], job: Job) -> QueryResult:
    if record["SubstatementType"] in prepared.STATEMENTS:
        return prepared.run(job.statement, record["WorkGroup"])
    # Its libraries take half of a start's time, and many a local AWS never runs a query.
    from helpers.local.athena import engine

    statements.check(job.statement, job.context)
    return engine.run(job.statement, job.context, parameters.values_for(job.statement, job.parameters))


def _final_types(record: dict[str, Any], result: QueryResult) -> tuple[str, str]:
    # An EXECUTE stays one, whatever it runs; the engine knows best that a DESCRIBE met a view.
    if record["SubstatementType"] == "EXECUTE" and result.rows_written is None:
        return record["StatementType"], "EXECUTE"
    return result.statement_type, result.substatement_type


def _succeed(record: dict[str, Any], job: Job, result: QueryResult) -> None:
    substatement = record["SubstatementType"]
    name = result_files.file_name(job.context.query_id, substatement)
    with _lock:
        record["_file"] = job.location.folder + name
        record["_update_count"] = update_count(result)
        record["_rows"] = (len(result.rows), result.rows_written)
        record["Statistics"]["DataScannedInBytes"] = result.bytes_scanned
        if not job.location.is_managed:
            record["ResultConfiguration"]["OutputLocation"] = record["_file"]
        manifest = result_files.manifest_name(job.context.query_id, substatement)
        if manifest is not None:
            record["Statistics"]["DataManifestLocation"] = job.location.folder + manifest
    _finish(record, "SUCCEEDED")


def update_count(result: QueryResult) -> int | None:
    """Return the UpdateCount that GetQueryResults shows: none for DDL and for what Hive describes."""
    if result.rows_written is not None:
        return result.rows_written
    hive = result.substatement_type in ("EXPLAIN", "DESCRIBE_TABLE", "SHOW_CREATE_TABLE")
    return None if hive or result.statement_type == "DDL" else 0


def _fail(record: dict[str, Any], job: Job, error: AthenaQueryError) -> None:
    try:
        result_files.write_failure(job.location, job.context.query_id, record["SubstatementType"], error.reason)
    except AthenaQueryError as unwritten:
        _LOGGER.info("The reason of a failed query could not be written: %s", unwritten.reason)
    details = {
        "ErrorCategory": error.category,
        "ErrorType": error.error_type,
        "Retryable": False,
        "ErrorMessage": error.reason,
    }
    _finish(record, "FAILED", error.reason, details)


def _finish(record: dict[str, Any], state: str, reason: str | None = None, error: dict[str, Any] | None = None) -> bool:
    now = time.time()
    with _lock:
        status = record["Status"]
        if status["State"] in FINAL_STATES:
            return False
        submitted = status["SubmissionDateTime"]
        started = record.get("_started", now)
        executed = record.get("_executed", now)
        record["Statistics"] = {
            "DataScannedInBytes": 0,
            **record["Statistics"],
            "EngineExecutionTimeInMillis": _millis(executed - started),
            "QueryQueueTimeInMillis": _millis(started - submitted),
            "QueryPlanningTimeInMillis": 0,
            "ServicePreProcessingTimeInMillis": record.get("_preprocessing_millis", 0),
            "ServiceProcessingTimeInMillis": _millis(now - executed),
            "TotalExecutionTimeInMillis": _millis(now - submitted),
        }
        status |= {"CompletionDateTime": round(now, 3)}
        if reason is not None:
            status["StateChangeReason"] = reason
        if error is not None:
            status["AthenaError"] = error
        # Last, so that whoever reads a final state reads all that belongs to it.
        status["State"] = state
        return True


def _millis(seconds: float) -> int:
    return max(0, round(seconds * 1000))
