"""Waiting for something that AWS does in its own time: a condition, never a clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from helpers.errors import LabError

_Found = TypeVar("_Found")

# A new role is known everywhere after some seconds; until then services say that they cannot take it.
_ROLE_SECONDS = 60.0
# How Lambda, Firehose, Flink and Glue say it, by error code.
_ABOUT_THE_ROLE = {
    "InvalidParameterValueException": ("role",),
    "InvalidArgumentException": ("unable to assume", "is not authorized to perform", "sufficient privileges"),
    "InvalidInputException": ("unable to assume",),
}


class TookTooLongError(LabError):
    """What was waited for did not come."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"Waited {seconds:.0f} s for {what}, in vain: look for the cause, then run this cell again.")


def until(
    ask: Callable[[], _Found],
    what: str,
    seconds: float,
    pause_seconds: float = 0.1,
    sleep: Callable[[float], None] = time.sleep,
) -> _Found:
    """Ask again and again until the answer is truthy, and return it.

    Parameters
    ----------
    ask
        Asks AWS.
    what
        What is waited for, for the message.
    seconds
        When to give up.
    pause_seconds
        Between two questions; doubled each time up to 2 s.

    Raises
    ------
    TookTooLongError
        If it did not come.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = ask()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise TookTooLongError(what, seconds)
        sleep(pause_seconds)
        pause_seconds = min(2 * pause_seconds, 2.0)


def once_the_role_is_known(
    call: Callable[..., Any], sleep: Callable[[float], None] = time.sleep, **arguments: Any
) -> Any:
    """Call AWS with a role that may be new; while the service says that it cannot take the role, call again.

    Raises
    ------
    botocore.exceptions.ClientError
        Any other error, and this one after a minute.
    """
    deadline = time.monotonic() + _ROLE_SECONDS
    while True:
        try:
            return call(**arguments)
        except ClientError as error:
            words = _ABOUT_THE_ROLE.get(error.response["Error"]["Code"], ())
            if not any(word in str(error) for word in words) or time.monotonic() >= deadline:
                raise
        sleep(2.0)
