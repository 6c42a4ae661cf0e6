"""Requests to Flink, and its refusals in one line each."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import Any

from helpers.errors import LabError

POLL_SECONDS = 0.1
_ANSWER_SECONDS = 60
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


def send(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Make one request and return its answer.

    Raises
    ------
    FlinkRefusedError
        If Flink answers with an error.
    FlinkDownError
        If nothing answers.
    """
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


def root_cause(text: str) -> str:
    """Return the innermost cause in a Java stack trace as one line: `SimpleName: message`."""
    causes = list(_CAUSE.finditer(text))
    if not causes:
        return text.strip().splitlines()[0] if text.strip() else "no reason given"
    last = causes[-1]
    return f"{last['name'].rpartition('.')[2]}: {last['text'].strip()}"
