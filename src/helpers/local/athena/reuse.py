"""Query result reuse: a query that was asked before is answered from the stored result.

Conditions as in "Reuse query results in Athena" of the Athena User Guide: same query string, workgroup,
database, catalog, parameters and result configuration; SELECT or EXECUTE; not older than asked for; the
result still in S3. Of several, the latest.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.services import athena as emulated

from helpers.local.athena import executions, result_store

_DEFAULT_MAX_AGE_MINUTES = 60
_COMPARED = (
    "Query",
    "QueryExecutionContext",
    "ExecutionParameters",
    "WorkGroup",
    "SubstatementType",
    "_configuration",
)


def answer_from_previous(record: dict[str, Any]) -> bool:
    """Finish the new execution `record` with a stored result, if there is one that serves.

    Returns
    -------
    bool
        Whether there was one; else the query has to run.
    """
    by_age = (record["ResultReuseConfiguration"] or {}).get("ResultReuseByAgeConfiguration") or {}
    if not by_age.get("Enabled") or record["SubstatementType"] not in ("SELECT", "EXECUTE"):
        return False
    if "ManagedQueryResultsConfiguration" in record:
        return False
    age = by_age.get("MaxAgeInMinutes")
    oldest = time.time() - (_DEFAULT_MAX_AGE_MINUTES if age is None else age) * 60
    previous = next(
        (held for held in executions.newest_first(record["WorkGroup"]) if _serves(held, record, oldest)), None
    )
    if previous is None:
        return False
    now = time.time()
    elapsed = max(0, round((now - record["Status"]["SubmissionDateTime"]) * 1000))
    record["ResultConfiguration"] = dict(previous["ResultConfiguration"])
    record["Status"] |= {"State": "SUCCEEDED", "CompletionDateTime": round(now, 3)}
    record["Statistics"] = {
        "DataScannedInBytes": 0,
        "EngineExecutionTimeInMillis": 0,
        "QueryQueueTimeInMillis": 0,
        "ServicePreProcessingTimeInMillis": elapsed,
        "ServiceProcessingTimeInMillis": 0,
        "TotalExecutionTimeInMillis": elapsed,
        "ResultReuseInformation": {"ReusedPreviousResult": True},
    }
    record |= {key: previous[key] for key in ("_file", "_update_count", "_rows")}
    emulated._executions[record["QueryExecutionId"]] = record
    return True


def _serves(held: dict[str, Any], record: dict[str, Any], oldest: float) -> bool:
    return (
        held["Status"]["State"] == "SUCCEEDED"
        and held["Status"]["CompletionDateTime"] >= oldest
        and not held["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
        and all(held.get(key) == record.get(key) for key in _COMPARED)
        and result_store.read(held["_file"]) is not None
    )
