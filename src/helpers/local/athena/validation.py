"""Athena's answers to requests that its API model does not allow."""

from __future__ import annotations

from typing import Any

from helpers.local import request_validation
from helpers.local.athena.api_errors import RequestError, UnknownOperationError


class SerializationError(RequestError):
    """The body is no JSON object, or a member of it has the wrong JSON type."""

    def __init__(self, message: str) -> None:
        super().__init__(message, None, "SerializationException")


def validate(action: str, request: dict[str, Any]) -> None:
    """Check `request` against the input shape of `action`.

    Raises
    ------
    RequestError
        `InvalidRequestException` naming every violated constraint, `SerializationException` for a
        wrong JSON type, `UnknownOperationException` for an action that Athena does not have.
    """
    try:
        message = request_validation.violations("athena", action, request)
    except request_validation.UnknownOperationError as error:
        raise UnknownOperationError() from error
    except request_validation.SerializationError as error:
        raise SerializationError(str(error)) from error
    if message is not None:
        raise RequestError(message)
