"""Flink SQL from Python: run a statement, get its rows as a frame, look after the jobs.

Speaks the REST API of Flink's SQL gateway (version 3) and of its job manager:
https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/dev/table/sql-gateway/rest/
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from helpers.flink_rest import (
    POLL_SECONDS,
    RECOVERY_SECONDS,
    FlinkDownError,
    FlinkRefusedError,
    SessionLostError,
    StatementFailedError,
    root_cause,
    send,
)
from helpers.flink_result import Bounds, Operation, Table

__all__ = ["FlinkDownError", "FlinkRefusedError", "FlinkSession", "Job", "SessionLostError", "StatementFailedError"]

logger = logging.getLogger(__name__)

_NO_CHECKPOINTS = "Exceeded checkpoint tolerable failure threshold"


@dataclass(frozen=True)
class Job:
    """One job of the cluster; `state` such as `RUNNING`, `FINISHED`, `FAILED`, `CANCELED`."""

    job_id: str
    name: str
    state: str


class FlinkSession:
    """A session of the SQL gateway: tables and settings made in it last as long as it does.

    A job manager or a gateway that was killed is waited for until it is up again, `RECOVERY_SECONDS` at the
    most. The job manager then goes on with its jobs; the gateway's sessions are gone.

    Parameters
    ----------
    gateway_url
        URL of the SQL gateway.
    rest_url
        URL of the job manager's REST API and web page.

    Raises
    ------
    FlinkDownError
        If the gateway does not answer.
    """

    def __init__(self, gateway_url: str, rest_url: str) -> None:
        self._rest_url = rest_url
        self._gateway_url = gateway_url
        self._url = f"{gateway_url}/v3/sessions/{send('POST', f'{gateway_url}/v3/sessions', {})['sessionHandle']}"

    def execute(self, statement: str) -> str | None:
        """Run one statement to its end, or until its job is submitted, and return the job's id.

        Raises
        ------
        StatementFailedError
            With the root cause in one line.
        SessionLostError
            If the gateway was started again in the meantime.
        """
        with Operation(self._gateway_url, self._url, statement) as operation:
            for _ in operation.pages(lambda: False):
                pass
            return operation.job_id

    def query(
        self,
        statement: str,
        *,
        rows: int | None = None,
        seconds: float | None = None,
        quiet_seconds: float | None = None,
    ) -> pd.DataFrame:
        """Run a query and return its result as it stands when it ends or a bound is reached.

        Parameters
        ----------
        statement
            A SELECT, SHOW or DESCRIBE.
        rows
            Stop when the result holds this many rows.
        seconds
            Stop after this time.
        quiet_seconds
            Stop when nothing has changed for this time; before the first change, a job is given
            half a minute more to begin.

        Returns
        -------
        DataFrame
            Columns as the query names them; values as Flink's JSON gives them.

        Raises
        ------
        StatementFailedError
            With the root cause in one line.
        """
        return deque(self._follow(statement, Bounds(rows, seconds, quiet_seconds)), maxlen=1)[0].frame()

    def updates(
        self,
        statement: str,
        *,
        rows: int | None = None,
        seconds: float | None = None,
        quiet_seconds: float | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Run a query as `query` does and yield its result, whole, each time it has changed and at its end.

        Raises
        ------
        StatementFailedError
            With the root cause in one line.
        """
        for table in self._follow(statement, Bounds(rows, seconds, quiet_seconds)):
            yield table.frame()

    def _follow(self, statement: str, bounds: Bounds) -> Iterator[Table]:
        table = Table()
        with self._operation(statement) as operation:
            for page in operation.pages(lambda: bounds.reached(len(table))):
                table.columns = operation.columns
                for change in page:
                    table.apply(change)
                    if bounds.is_full(len(table)):
                        break
                if page:
                    bounds.changed()
                    yield table
                elif operation.job_id is not None and (cause := self.failure(operation.job_id)):
                    # A job that fails is started again for ever, and its query would wait as long.
                    raise StatementFailedError(statement, cause)
            yield table

    def jobs(self) -> list[Job]:
        """Return the cluster's jobs, the newest first."""
        found = self._ask("GET", "jobs/overview")["jobs"]
        return [
            Job(job["jid"], job["name"], job["state"])
            for job in sorted(found, key=lambda job: job["start-time"], reverse=True)
        ]

    def cancel(self, job_id: str) -> None:
        """Cancel a job and wait until it has ended."""
        self._ask("PATCH", f"jobs/{job_id}?mode=cancel")
        while self.state(job_id) not in ("CANCELED", "FINISHED", "FAILED"):
            time.sleep(POLL_SECONDS)

    def state(self, job_id: str) -> str:
        """Return the state of a job."""
        return str(self._ask("GET", f"jobs/{job_id}")["state"])

    def began(self, job_id: str) -> datetime:
        """Return when a job began to run."""
        millis = self._ask("GET", f"jobs/{job_id}")["timestamps"]["RUNNING"]
        return datetime.fromtimestamp(millis / 1000, UTC)

    def checkpoint(self, job_id: str) -> str | None:
        """Return where a job's latest checkpoint is, to resume from; None if it has none yet."""
        latest = self._ask("GET", f"jobs/{job_id}/checkpoints")["latest"]
        # A job manager that was started again has restored a checkpoint before it has made one.
        found = latest["completed"] or latest["restored"]
        return str(found["external_path"]) if found else None

    def failure(self, job_id: str) -> str | None:
        """Return the root cause of a job's latest failure in one line, None if it never failed."""
        history = self._ask("GET", f"jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        if not history:
            return None
        cause = root_cause(history[0]["stacktrace"])
        # Flink's own words then send the reader to a page which has not the cause either.
        return self._no_checkpoints() if _NO_CHECKPOINTS in cause else cause

    def _no_checkpoints(self) -> str:
        entries: Any = self._ask("GET", "jobmanager/config")
        folder = next(entry["value"] for entry in entries if entry["key"] == "execution.checkpointing.dir")
        return f"Flink cannot write its checkpoints to {folder}: is the disk full, or the folder gone?"

    @contextmanager
    def _operation(self, statement: str) -> Iterator[Operation]:
        """Run a query; its job ends with it, also if the gateway that was to end it was killed."""
        operation = Operation(self._gateway_url, self._url, statement)
        try:
            with operation:
                yield operation
        except SessionLostError:
            if operation.job_id is not None:
                self.cancel(operation.job_id)
            raise

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        return send(method, f"{self._rest_url}/{path}", patience_seconds=RECOVERY_SECONDS)

    def close(self) -> None:
        """End the session; its jobs go on."""
        try:
            send("DELETE", self._url)
        except FlinkRefusedError as error:
            logger.debug("the session is gone already: %s", error)
