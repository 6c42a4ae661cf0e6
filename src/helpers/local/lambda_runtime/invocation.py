"""What comes of one call of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Invocation:
    """What came of one event.

    Attributes
    ----------
    result
        The function's answer, or its error as the `errorType` and `errorMessage` of AWS.
    status
        `success`, `error` or `timeout`.
    init_log, log
        Entries of the log from the start of the environment and from the call, as CloudWatch Logs has them: a line
        that the function printed each; what comes through `logging` and errors are one entry for all their lines.
    seconds, init_seconds
        Time that the handler took, and before it the start of the environment, 0 if it was warm.
    peak_bytes
        Greatest memory seen.
    """

    result: Any
    status: str
    init_log: list[str]
    log: list[str]
    seconds: float
    init_seconds: float
    peak_bytes: int
