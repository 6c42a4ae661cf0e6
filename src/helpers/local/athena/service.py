"""Athena's API: every request that the emulator takes for Athena comes here."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from helpers.local.athena import validation
from helpers.local.athena.api_errors import RequestError, Response, UnknownOperationError, success

_LOGGER = logging.getLogger(__name__)
_TARGET = "AmazonAthena."

# Operations may call other services of the emulator, which is not allowed on its event loop.
_threads = ThreadPoolExecutor(8, thread_name_prefix="athena-api")


class NotOnLaptopError(RequestError):
    """AWS has the operation, the local AWS has not."""

    def __init__(self, action: str) -> None:
        super().__init__(f"The local AWS has no {action}: it runs SQL queries, not Spark sessions or capacity.")


def install(handlers: dict[str, Any]) -> None:
    """Put this Athena in the place of the emulator's."""
    handlers["athena"] = handle_request


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
) -> Response:
    """Answer one HTTP request in the JSON 1.1 protocol."""
    context = contextvars.copy_context()
    target = headers.get("x-amz-target", "")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_threads, context.run, _answer, target, body)


def _answer(target: str, body: bytes) -> Response:
    try:
        action = target.removeprefix(_TARGET)
        if not target.startswith(_TARGET):
            raise UnknownOperationError()
        request = _request(body)
        validation.validate(action, request)
        # The libraries of SQL take a third of a start's time, and many a local AWS is never asked.
        from helpers.local.athena.operations import OPERATIONS

        operation = OPERATIONS.get(action)
        if operation is None:
            raise NotOnLaptopError(action)
        return success(operation(request))
    except RequestError as error:
        _LOGGER.debug("%s refused: %s", target, error.message)
        return error.response()


def _request(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise validation.SerializationError("") from error
    if not isinstance(request, dict):
        raise validation.SerializationError("Start of list found where not expected")
    return request
