"""Flink SQL from Python: run a statement, get its rows as a frame, look after the jobs.

Speaks the REST API of Flink's SQL gateway (version 3) and of its job manager:
https://nightlies.apache.org/flink/flink-docs-release-1.20/docs/dev/table/sql-gateway/rest/
"""

from __future__ import annotations

import json
import logging
import math
import re
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.errors import LabError

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_ANSWER_SECONDS = 60
_BEGIN_SECONDS = 10.0
# How Flink marks the levels of a failure in its texts.
_CAUSE = re.compile(r"^(?:Caused by: )?(?P<name>[\w.$]+(?:Exception|Error|Throwable)): (?P<text>.+)$", re.MULTILINE)


class FlinkDownError(LabError):
    """Flink does not answer."""

    def __init__(self, url: str) -> None:
        super().__init__(f"Flink does not answer at {url}: start it with `make up` (or `python -m helpers up`).")


class FlinkRefusedError(LabError):
    """Flink refused a request, say for a job or a session that it does not know."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Flink refused the request: {root_cause(text)}.")
        self.text = text


class StatementFailedError(LabError):
    """Flink refused a statement, or the job that it became failed."""

    def __init__(self, statement: str, cause: str) -> None:
        first = " ".join(statement.split())[:80]
        super().__init__(f"Flink could not run `{first}`: {cause}")


@dataclass(frozen=True)
class Change:
    """One row of a changelog; `kind` is `INSERT`, `UPDATE_BEFORE`, `UPDATE_AFTER` or `DELETE`."""

    kind: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Job:
    """One job of the cluster; `state` such as `RUNNING`, `FINISHED`, `FAILED`, `CANCELED`."""

    job_id: str
    name: str
    state: str


class FlinkSession:
    """A session of the SQL gateway: tables and settings made in it last as long as it does.

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
        self._url = f"{gateway_url}/v3/sessions/{_send('POST', f'{gateway_url}/v3/sessions', {})['sessionHandle']}"

    def execute(self, statement: str) -> str | None:
        """Run one statement to its end, or until its job is submitted, and return the job's id.

        Raises
        ------
        StatementFailedError
            With the root cause in one line.
        """
        with _Operation(self, statement) as operation:
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
            Stop when nothing has changed for this time; before the first change, a job is given ten
            seconds more to begin.

        Returns
        -------
        DataFrame
            Columns as the query names them; values as Flink's JSON gives them.

        Raises
        ------
        StatementFailedError
            With the root cause in one line.
        """
        return deque(self._follow(statement, _Bounds(rows, seconds, quiet_seconds)), maxlen=1)[0].frame()

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
        for table in self._follow(statement, _Bounds(rows, seconds, quiet_seconds)):
            yield table.frame()

    def _follow(self, statement: str, bounds: _Bounds) -> Iterator[Table]:
        table = Table()
        with _Operation(self, statement) as operation:
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
        found = _send("GET", f"{self._rest_url}/jobs/overview")["jobs"]
        return [
            Job(job["jid"], job["name"], job["state"])
            for job in sorted(found, key=lambda job: job["start-time"], reverse=True)
        ]

    def cancel(self, job_id: str) -> None:
        """Cancel a job and wait until it has ended."""
        _send("PATCH", f"{self._rest_url}/jobs/{job_id}?mode=cancel")
        while self.state(job_id) not in ("CANCELED", "FINISHED", "FAILED"):
            time.sleep(_POLL_SECONDS)

    def state(self, job_id: str) -> str:
        """Return the state of a job."""
        return str(_send("GET", f"{self._rest_url}/jobs/{job_id}")["state"])

    def checkpoint(self, job_id: str) -> str | None:
        """Return where a job's latest checkpoint is, to resume from; None if it has none yet."""
        latest = _send("GET", f"{self._rest_url}/jobs/{job_id}/checkpoints")["latest"]["completed"]
        return str(latest["external_path"]) if latest else None

    def failure(self, job_id: str) -> str | None:
        """Return the root cause of a job's latest failure in one line, None if it never failed."""
        history = _send("GET", f"{self._rest_url}/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return root_cause(history[0]["stacktrace"]) if history else None

    def close(self) -> None:
        """End the session; its jobs go on."""
        try:
            _send("DELETE", self._url)
        except FlinkRefusedError as error:
            logger.debug("the session is gone already: %s", error)


class Table:
    """A result that a changelog builds: rows come, change and go."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self._rows: dict[int, tuple[Any, ...]] = {}
        # Where equal rows are, the latest last.
        self._places: dict[tuple[Any, ...], list[int]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._rows)

    def apply(self, change: Change) -> None:
        """Add or take away one row."""
        if change.kind in ("INSERT", "UPDATE_AFTER"):
            self._rows[self._next] = change.values
            self._places.setdefault(change.values, []).append(self._next)
            self._next += 1
            return
        places = self._places[change.values]
        del self._rows[places.pop()]
        if not places:
            del self._places[change.values]

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame, the latest last."""
        return pd.DataFrame(list(self._rows.values()), columns=self.columns)


class _Bounds:
    """How far to follow a result that may never end."""

    def __init__(self, rows: int | None, seconds: float | None, quiet_seconds: float | None) -> None:
        self._rows, self._quiet_seconds = rows, quiet_seconds
        self._deadline = math.inf if seconds is None else time.monotonic() + seconds
        self._last_change = time.monotonic() + _BEGIN_SECONDS

    def changed(self) -> None:
        self._last_change = time.monotonic()

    def reached(self, rows: int) -> bool:
        """Say whether a result of so many rows is to be followed no further."""
        now = time.monotonic()
        quiet = self._quiet_seconds is not None and now - self._last_change > self._quiet_seconds
        return quiet or now > self._deadline or self.is_full(rows)

    def is_full(self, rows: int) -> bool:
        """Say whether the result has as many rows as are wanted."""
        return self._rows is not None and rows >= self._rows


class _Operation:
    """One statement on its way through the gateway."""

    def __init__(self, session: FlinkSession, statement: str) -> None:
        self._statement = statement
        self._gateway_url = session._gateway_url
        handle = self._call("POST", f"{session._url}/statements", {"statement": statement})["operationHandle"]
        self._url = f"{session._url}/operations/{handle}"
        self.columns: list[str] = []
        self.job_id: str | None = None

    def __enter__(self) -> _Operation:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing an operation that still reads also cancels its query.
        _send("DELETE", f"{self._url}/close")

    def pages(self, stop: Callable[[], bool]) -> Iterator[list[Change]]:
        """Yield the changes page by page until the result ends or `stop` says so."""
        address: str | None = f"{self._url}/result/0?rowFormat=JSON"
        # The first page may come before the result has its columns.
        while address is not None and not (self.columns and stop()):
            page = self._call("GET", address)
            self.job_id = page.get("jobID", self.job_id)
            results = page.get("results", {})
            self.columns = [column["name"] for column in results.get("columns", [])] or self.columns
            changes = [Change(row["kind"], _frozen(row["fields"])) for row in results.get("data", [])]
            yield changes
            following = page.get("nextResultUri")
            address = f"{self._gateway_url}{following}" if following else None
            if not changes and address is not None:
                time.sleep(_POLL_SECONDS)

    def _call(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return _send(method, url, body)
        except FlinkRefusedError as error:
            raise StatementFailedError(self._statement, root_cause(error.text)) from error


def root_cause(text: str) -> str:
    """Return the innermost cause in a Java stack trace as one line: `SimpleName: message`."""
    causes = list(_CAUSE.finditer(text))
    if not causes:
        return text.strip().splitlines()[0] if text.strip() else "no reason given"
    last = causes[-1]
    return f"{last['name'].rpartition('.')[2]}: {last['text'].strip()}"


def _frozen(fields: list[Any]) -> tuple[Any, ...]:
    return tuple(json.dumps(field) if isinstance(field, (list, dict)) else field for field in fields)


def _send(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise FlinkRefusedError("\n".join(json.loads(error.read())["errors"])) from error
    except OSError as error:
        raise FlinkDownError(url) from error
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
