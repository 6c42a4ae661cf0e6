"""Requests to Flink, and its refusals in one line each."""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from typing import Any

from helpers.errors import LabError

POLL_SECONDS = 0.1
# A part of Flink that was killed is started again and has taken up its jobs within about ten seconds.
RECOVERY_SECONDS = 30.0
_ANSWER_SECONDS = 60
# What a job manager says that is up and has yet to become the leader or to take up its jobs.
_RECOVERING = ("ongoing leader election", "UnavailableDispatcherOperationException")
# How Flink marks the levels of a failure in its texts.
_CAUSE = re.compile(r"^(?:Caused by: )?(?P<name>[\w.$]+(?:Exception|Error|Throwable)): (?P<text>.+)$", re.MULTILINE)


class FlinkDownError(LabError):
    """Flink does not answer; `taken` says whether it may have taken the request all the same."""

    def __init__(self, url: str, *, taken: bool = False) -> None:
        super().__init__(f"Flink does not answer at {url}: start it with `make up` (or `python -m helpers up`).")
        self.taken = taken


class FlinkRefusedError(LabError):
    """Flink refused a request, say for a job or a session that it does not know."""

    def __init__(self, text: str) -> None:
        super().__init__(f"Flink refused the request: {root_cause(text)}.")
        self.text = text


class SessionLostError(LabError):
    """The SQL gateway no longer knows a session: it was started again, or nobody used the session for long."""

    def __init__(self) -> None:
        super().__init__(
            "The SQL gateway has lost this session and its tables (running jobs go on): "
            "make a new one with `flink = lab.flink()` and run the cells that made its tables again."
        )


class StatementFailedError(LabError):
    """Flink refused a statement, or the job that it became failed."""

    def __init__(self, statement: str, cause: str) -> None:
        first = " ".join(statement.split())[:80]
        super().__init__(f"Flink could not run `{first}`: {cause}")


def send(method: str, url: str, body: dict[str, Any] | None = None, *, patience_seconds: float = 0.0) -> dict[str, Any]:
    """Make one request and return its answer.

    Parameters
    ----------
    method, url, body
        The request; the body is sent as JSON.
    patience_seconds
        How long to ask again while nothing answers; a POST that Flink may have taken is not sent twice.

    Raises
    ------
    FlinkRefusedError
        If Flink answers with an error.
    FlinkDownError
        If nothing answers.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return _send_once(method, url, body)
        except FlinkDownError as error:
            if time.monotonic() >= deadline or (method == "POST" and error.taken):
                raise
        time.sleep(POLL_SECONDS)


def _send_once(method: str, url: str, body: dict[str, Any] | None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        reason = "\n".join(json.loads(error.read())["errors"])
        if any(words in reason for words in _RECOVERING):
            raise FlinkDownError(url) from error
        raise FlinkRefusedError(reason) from error
    except (OSError, http.client.HTTPException) as error:
        raise FlinkDownError(url, taken=not _is_refused(error)) from error
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def _is_refused(error: Exception) -> bool:
    return isinstance(getattr(error, "reason", error), ConnectionRefusedError)


def root_cause(text: str) -> str:
    """Return the innermost cause in a Java stack trace as one line: `SimpleName: message`."""
    causes = list(_CAUSE.finditer(text))
    if not causes:
        return text.strip().splitlines()[0] if text.strip() else "no reason given"
    last = causes[-1]
    return f"{last['name'].rpartition('.')[2]}: {last['text'].strip()}"
