"""The AWS clients of a function: no call may use up the function's time."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

_CONNECT_SECONDS, _READ_SECONDS = 2, 5


def dynamodb() -> Any:
    """Return a client whose calls are repeated on a failure: each of ours may be."""
    return _client("dynamodb", 4)


def sns() -> Any:
    """Return a client that never repeats a call by itself.

    A publish without an answer may have been one; repeated unseen it would double the alert.
    """
    return _client("sns", 1)


def _client(service: str, attempts: int) -> Any:
    retries = {"mode": "standard", "total_max_attempts": attempts}
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries=retries)
    return boto3.client(service, config=config)
