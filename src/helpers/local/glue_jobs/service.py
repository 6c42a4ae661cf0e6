"""The requests about Python shell jobs come here; Spark jobs, and all else of Glue, go on to who had them before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import glue as emulator

from helpers.local.glue.errors import CatalogError, ExistsError, InvalidInputError, NotFoundError
from helpers.local.glue.service import Handler, Response, answer
from helpers.local.glue_jobs import runs

PYTHON_SHELL = "pythonshell"


def install(handlers: dict[str, Any]) -> None:
    """Put Python shell jobs that really run in front of Glue."""
    before: Handler = handlers["glue"]

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        action = headers.get("x-amz-target", "").removeprefix("AWSGlue.")
        if action not in _ACTIONS or not _is_ours(action, body):
            return await before(method, path, headers, body, query_params)
        return answer(_ACTIONS[action], action, body)

    handlers["glue"] = handle_request


def _is_ours(action: str, body: bytes) -> bool:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return False
    if action == "CreateJob":
        return bool((request.get("Command") or {}).get("Name") == PYTHON_SHELL)
    job = emulator._jobs.get(request.get("JobName"))
    return job is None or job["Command"].get("Name") == PYTHON_SHELL


def create_job(request: dict[str, Any]) -> dict[str, Any]:
    """Answer CreateJob for a Python shell job."""
    name, command = request["Name"], request["Command"]
    if name in emulator._jobs:
        raise ExistsError("Job")
    if not command.get("ScriptLocation", "").startswith("s3://"):
        raise InvalidInputError("ScriptLocation of a Python shell job must be an S3 path.")
    capacity = request.get("MaxCapacity", runs.LEAST_CAPACITY)
    if capacity not in (runs.LEAST_CAPACITY, 1):
        raise InvalidInputError("MaxCapacity of a Python shell job must be 0.0625 or 1.")
    if "WorkerType" in request or "NumberOfWorkers" in request:
        raise InvalidInputError("Worker Type and Number of Workers are not supported for Job Command pythonshell.")
    emulator._create_job(request)
    held = emulator._jobs[name]
    for member in ("NumberOfWorkers", "WorkerType"):
        held.pop(member, None)
    held |= {
        "MaxCapacity": capacity,
        "ExecutionProperty": request.get("ExecutionProperty") or {"MaxConcurrentRuns": 1},
    }
    if request.get("Tags"):
        emulator._tags[emulator._arn("job", name)] = dict(request["Tags"])
    return {"Name": name}


def _delete_job(request: dict[str, Any]) -> dict[str, Any]:
    name = request["JobName"]
    emulator._jobs.pop(name, None)
    emulator._job_runs.pop(name, None)
    emulator._tags.pop(emulator._arn("job", name), None)
    return {"JobName": name}


def _start_job_run(request: dict[str, Any]) -> dict[str, Any]:
    job = emulator._jobs.get(request["JobName"])
    if job is None:
        raise NotFoundError("Failed to start job run due to missing metadata")
    return {"JobRunId": runs.start(job, request)}


def _get_job_run(request: dict[str, Any]) -> dict[str, Any]:
    for run in emulator._job_runs.get(request["JobName"], []):
        if run["Id"] == request["RunId"]:
            return {"JobRun": runs.shown(run)}
    raise NotFoundError(f"Job Run {request['RunId']} not found for job {request['JobName']}")


def _get_job_runs(request: dict[str, Any]) -> dict[str, Any]:
    if request["JobName"] not in emulator._jobs:
        raise NotFoundError(f"Job {request['JobName']} not found.")
    newest = list(reversed(emulator._job_runs.get(request["JobName"], [])))
    first = int(request.get("NextToken") or 0)
    page = newest[first : first + request.get("MaxResults", 200)]
    more = first + len(page) < len(newest)
    return {"JobRuns": [runs.shown(run) for run in page], **({"NextToken": str(first + len(page))} if more else {})}


def _batch_stop_job_run(request: dict[str, Any]) -> dict[str, Any]:
    name, done, failed = request["JobName"], [], []
    for run_id in request["JobRunIds"]:
        try:
            runs.stop(name, run_id)
            done.append({"JobName": name, "JobRunId": run_id})
        except CatalogError as error:
            detail = {"ErrorCode": error.code, "ErrorMessage": error.message}
            failed.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": detail})
    return {"SuccessfulSubmissions": done, "Errors": failed}


_ACTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "CreateJob": create_job,
    "DeleteJob": _delete_job,
    "StartJobRun": _start_job_run,
    "GetJobRun": _get_job_run,
    "GetJobRuns": _get_job_runs,
    "BatchStopJobRun": _batch_stop_job_run,
}
