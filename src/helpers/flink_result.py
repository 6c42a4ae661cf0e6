"""One statement on its way through Flink's SQL gateway, and the result that its changelog builds."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.flink_rest import (
    POLL_SECONDS,
    RECOVERY_SECONDS,
    FlinkRefusedError,
    SessionLostError,
    StatementFailedError,
    root_cause,
    send,
)

_BEGIN_SECONDS = 30.0
_SESSION_LOST = re.compile(r"Session '[^']*' does not exist")


@dataclass(frozen=True)
class Change:
    """One row of a changelog; `kind` is `INSERT`, `UPDATE_BEFORE`, `UPDATE_AFTER` or `DELETE`."""

    kind: str
    values: tuple[Any, ...]


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


class Bounds:
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


class Operation:
    """One statement on its way through the gateway."""

    def __init__(self, gateway_url: str, session_url: str, statement: str) -> None:
        self._statement = statement
        self._gateway_url = gateway_url
        handle = self._call("POST", f"{session_url}/statements", {"statement": statement})["operationHandle"]
        self._url = f"{session_url}/operations/{handle}"
        self.columns: list[str] = []
        self.job_id: str | None = None

    def __enter__(self) -> Operation:
        return self

    def __exit__(self, *_: object) -> None:
        # Closing an operation that still reads also cancels its query.
        self._call("DELETE", f"{self._url}/close")

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
                time.sleep(POLL_SECONDS)

    def _call(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            return send(method, url, body, patience_seconds=RECOVERY_SECONDS)
        except FlinkRefusedError as error:
            if _SESSION_LOST.search(error.text):
                raise SessionLostError() from error
            raise StatementFailedError(self._statement, root_cause(error.text)) from error


def _frozen(fields: list[Any]) -> tuple[Any, ...]:
    return tuple(json.dumps(field) if isinstance(field, (list, dict)) else field for field in fields)
