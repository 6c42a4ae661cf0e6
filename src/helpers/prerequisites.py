"""What a notebook needs from the notebooks before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from helpers.errors import LabError

_MISSING_CODES = frozenset(
    {"404", "NoSuchBucket", "NoSuchKey", "NotFound", "ResourceNotFoundException", "EntityNotFoundException"}
)


class MissingPrerequisiteError(LabError):
    """Something that an earlier notebook makes is not there."""

    def __init__(self, what: str, notebook: str) -> None:
        super().__init__(f"There is no {what} yet: run notebook {notebook} first.")


@contextmanager
def made_by(notebook: str, what: str) -> Iterator[None]:
    """Say which notebook to run first if AWS answers that something does not exist.

    Raises
    ------
    MissingPrerequisiteError
        In the place of AWS's error.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING_CODES or (code == "InvalidRequestException" and "not found" in str(error).lower()):
            raise MissingPrerequisiteError(what, notebook) from None
        raise


def require(call: Callable[..., Any], notebook: str, what: str, **arguments: Any) -> Any:
    """Call AWS for something that an earlier notebook made, and return the answer.

    Raises
    ------
    MissingPrerequisiteError
        If it is not there.
    """
    with made_by(notebook, what):
        return call(**arguments)
