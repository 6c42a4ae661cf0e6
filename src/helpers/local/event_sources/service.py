"""Requests on event source mappings of Kinesis streams; all others stay the emulator's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import lambda_svc as emulator

from helpers.local.event_sources import cloudformation, lifecycle, mapping, validation
from helpers.local.event_sources.api_errors import ApiError, mapping_in_use, mapping_not_found
from helpers.local.event_sources.mapping import Record

Answer = tuple[int, dict[str, str], Any]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

_PATH = "event-source-mappings"
# How long a change waits for the one before it, where AWS refuses it at once.
_PATIENCE_SECONDS = 10.0


def install(handlers: dict[str, Any]) -> None:
    """Take the requests on Kinesis mappings, and the polling of their streams."""
    handlers["lambda"] = _front(handlers["lambda"])
    emulator._poll_kinesis = lambda: False
    emulator._esm_response = _shown_by(emulator._esm_response)
    handlers["cloudformation"] = cloudformation.preparing(handlers["cloudformation"])


def _front(emulated: Handler) -> Handler:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        parts = path.strip("/").split("/")
        if len(parts) < 2 or parts[1] != _PATH:
            return await emulated(method, path, headers, body, query)
        try:
            request = json.loads(body) if body else {}
            return await _answer(method, parts[2] if len(parts) > 2 else None, request) or await emulated(
                method, path, headers, body, query
            )
        except ValueError:
            return _failure(ApiError("InvalidRequestContentException", "Could not parse request body into json."))
        except ApiError as error:
            return _failure(error)

    return handle


async def _answer(method: str, uuid: str | None, request: Record) -> Answer | None:
    """Return the answer, None if the emulator is to give it."""
    if uuid is None:
        if method != "POST":
            return None
        if not _is_ours(request):
            validation.check_other_source(request)
            return None
        return _success(202, lifecycle.create(request))
    record = mapping.find(uuid)
    if record is None:
        if emulator._esms.get(uuid) is not None:
            return None
        raise mapping_not_found()
    if method == "GET":
        return _success(200, record)
    if method == "PUT":
        await _settled(record, "update")
        lifecycle.update(record, request)
        return _success(202, record)
    if method == "DELETE":
        await _settled(record, "delete")
        lifecycle.delete(record)
        return _success(202, record)
    return None


def _is_ours(request: Record) -> bool:
    arn = request.get("EventSourceArn")
    if not arn:
        if request.get("SelfManagedEventSource"):
            return False
        raise ApiError("InvalidParameterValueException", "Unrecognized event source.")
    return mapping.is_kinesis(str(arn))


async def _settled(record: Record, verb: str) -> None:
    """Wait until no change of the mapping is under way.

    Raises
    ------
    ApiError
        `ResourceInUseException` if that takes too long, `ResourceNotFoundException` if it was deleted.
    """
    limit = time.monotonic() + _PATIENCE_SECONDS
    while record["State"] in mapping.TRANSIENT:
        if record["State"] == "Deleting" or time.monotonic() > limit:
            raise mapping_in_use(verb)
        await asyncio.sleep(0.02)


def _shown_by(emulated: Callable[[Record], Record]) -> Callable[[Record], Record]:
    def show(record: Record) -> Record:
        return mapping.shown(record) if mapping.is_kinesis(record.get("EventSourceArn", "")) else emulated(record)

    return show


def _success(status: int, record: Record) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(mapping.shown(record)).encode()


def _failure(error: ApiError) -> Answer:
    body: dict[str, str] = {"Message" if error.status == 404 else "message": error.message}
    if error.code != "ValidationException":
        body["Type"] = "User"
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return error.status, headers, json.dumps(body).encode()
