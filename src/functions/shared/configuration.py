"""What a function is told by its environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


class MissingVariableError(RuntimeError):
    """An environment variable is missing, or no whole number where one must be."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Environment variable {name} is missing or not as it must be: set it on the function.")


@dataclass(frozen=True)
class Configuration:
    """Table, topic and thresholds.

    Parameters
    ----------
    table
        DynamoDB table of windows, keyed by `user_id` (number) and `window_start` (string).
    topic_arn
        SNS topic of the alerts.
    alert_over
        A window with more actions than this raises an alert.
    window_seconds
        Length of the tumbling windows.
    keep_days
        Days after which DynamoDB may delete a window (its TTL attribute is `expires_at`).
    """

    table: str
    topic_arn: str
    alert_over: int
    window_seconds: int
    keep_days: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Configuration:
        """Read `TABLE`, `TOPIC_ARN`, `ALERT_OVER`, `WINDOW_SECONDS` and `KEEP_DAYS`.

        Raises
        ------
        MissingVariableError
            If one is missing, or a number is none.
        """

        def text(name: str) -> str:
            if not environ.get(name):
                raise MissingVariableError(name)
            return environ[name]

        def number(name: str) -> int:
            if not text(name).isdigit() or int(text(name)) < 1:
                raise MissingVariableError(name)
            return int(text(name))

        return cls(
            text("TABLE"), text("TOPIC_ARN"), number("ALERT_OVER"), number("WINDOW_SECONDS"), number("KEEP_DAYS")
        )
