"""Job runs, kept where the emulator keeps its own: from STARTING to their end, with their log.

https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html
"""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import glue as emulator

from helpers.local import in_process
from helpers.local.glue.errors import CatalogError, InvalidInputError, NotFoundError
from helpers.local.glue_jobs.process import Ended, execute
from helpers.local.in_process import ServiceCallError
from helpers.local.log_stream import make_log_stream, put_log_events
from helpers.local.ports import HOST

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/glue/latest/dg/add-job-python.html
LOG_GROUP = "/aws-glue/python-jobs"
LEAST_CAPACITY = 0.0625
DEFAULT_TIMEOUT_MINUTES = 2880
_OVER = ("STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT")
_LOG_BATCH = 1000

JobRun = dict[str, Any]
# Guards the runs' states; by id of the run, who wants to stop it sets the event.
lock = threading.RLock()
_stopped: dict[str, threading.Event] = {}


def start(job: dict[str, Any], request: dict[str, Any]) -> str:
    """Start a run of a Python shell job and return its id.

    Raises
    ------
    CatalogError
        `ConcurrentRunsExceededException` if as many run as may.
    """
    name = job["Name"]
    with lock:
        runs: list[JobRun] = emulator._job_runs.setdefault(name, [])
        most = (job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns", 1)
        if sum(run["JobRunState"] not in _OVER for run in runs) >= most:
            raise CatalogError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
        run = _new_run(job, request, f"jr_{secrets.token_hex(32)}")
        runs.append(run)
    arguments = {**(job.get("DefaultArguments") or {}), **(request.get("Arguments") or {})}
    arguments |= job.get("NonOverridableArguments") or {}
    scope = (get_account_id(), get_region())
    threading.Thread(target=_work, args=(job, run, arguments, scope), name=f"glue-job-{name}", daemon=True).start()
    return str(run["Id"])


def shown(run: JobRun) -> JobRun:
    """Return a run as the API shows it: without what it does not have yet."""
    with lock:
        return {name: value for name, value in run.items() if value not in (None, "")}


def stop(job: str, run_id: str) -> None:
    """Ask a run to end.

    Raises
    ------
    CatalogError
        If there is no such run, or it has ended.
    """
    with lock:
        run = next((run for run in emulator._job_runs.get(job, []) if run["Id"] == run_id), None)
        if run is None:
            raise NotFoundError(f"Job Run {run_id} not found for job {job}")
        if run["JobRunState"] in _OVER:
            raise InvalidInputError(f"Job run {run_id} is in state {run['JobRunState']} and cannot be stopped.")
        run["JobRunState"] = "STOPPING"
        _stopped[run_id].set()


def _new_run(job: dict[str, Any], request: dict[str, Any], run_id: str, attempt: int = 0) -> JobRun:
    now = time.time()
    _stopped[run_id] = threading.Event()
    capacity = request.get("MaxCapacity") or job.get("MaxCapacity") or LEAST_CAPACITY
    return {
        "Id": run_id,
        "Attempt": attempt,
        "JobName": job["Name"],
        "StartedOn": round(now, 3),
        "LastModifiedOn": round(now, 3),
        "JobRunState": "STARTING",
        "Arguments": request.get("Arguments") or {},
        "PredecessorRuns": [],
        "AllocatedCapacity": 0,
        "ExecutionTime": 0,
        "Timeout": request.get("Timeout") or job.get("Timeout") or DEFAULT_TIMEOUT_MINUTES,
        "MaxCapacity": capacity,
        "LogGroupName": LOG_GROUP,
        "GlueVersion": job.get("GlueVersion", "3.0"),
    }


def _work(job: dict[str, Any], run: JobRun, arguments: dict[str, str], scope: tuple[str, str]) -> None:
    """Run a job, again after a failure as often as it may be retried."""
    first = run["Id"]
    with in_process.scope(*scope):
        for attempt in range(1, int(job.get("MaxRetries") or 0) + 2):
            _attempt(job, run, arguments)
            if run["JobRunState"] != "FAILED" or attempt > int(job.get("MaxRetries") or 0):
                return
            with lock:
                again = _new_run(job, {"Arguments": run["Arguments"]}, f"{first}_attempt_{attempt}", attempt)
                again["PreviousRunId"] = run["Id"]
                emulator._job_runs.setdefault(job["Name"], []).append(again)
                run = again


def _attempt(job: dict[str, Any], run: JobRun, arguments: dict[str, str]) -> None:
    with lock:
        if run["JobRunState"] == "STARTING":
            run["JobRunState"] = "RUNNING"
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="glue-job-", ignore_cleanup_errors=True) as folder:
            script = _script(job["Command"]["ScriptLocation"], Path(folder))
            ended = execute(script, arguments, _environment(), run["Timeout"] * 60, _stopped[run["Id"]])
    except (ServiceCallError, OSError) as error:
        ended = Ended("FAILED", str(error), "", str(error))
    _log(f"{LOG_GROUP}/output", run["Id"], ended.output)
    _log(f"{LOG_GROUP}/error", run["Id"], ended.errors)
    with lock:
        now = round(time.time(), 3)
        run |= {"CompletedOn": now, "LastModifiedOn": now, "ExecutionTime": round(time.monotonic() - began)}
        if ended.message is not None:
            run["ErrorMessage"] = ended.message
        # Last, so that whoever reads the end reads the rest as well.
        run["JobRunState"] = ended.state


def _script(location: str, folder: Path) -> Path:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    path = folder / (Path(key).name or "script.py")
    path.write_bytes(in_process.read_object(bucket, key))
    return path


def _environment() -> dict[str, str]:
    account, region = get_account_id(), get_region()
    return {
        "AWS_ENDPOINT_URL": f"http://{HOST}:{os.environ['GATEWAY_PORT']}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        # The emulator takes a key of twelve digits for the account it acts for.
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def _log(group: str, stream: str, text: str) -> None:
    """Write what a job printed to CloudWatch Logs; a job does not fail because of its log."""
    lines = [line for line in text.splitlines() if line]
    now = int(time.time() * 1000)
    try:
        make_log_stream(group, stream)
        for start_at in range(0, len(lines), _LOG_BATCH):
            events = [{"timestamp": now, "message": line} for line in lines[start_at : start_at + _LOG_BATCH]]
            put_log_events(group, stream, events)
    except ServiceCallError as error:
        logger.warning("The log of job run %s is lost: %s", stream, error)
