"""Requests on event source mappings of Kinesis streams; all others stay the emulator's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc as emulator

from helpers.local.event_sources import mapping, runner, validation
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
    emulator._init_stream_position = _adopting(emulator._init_stream_position)


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
        if method != "POST" or not _is_ours(request):
            return None
        return _success(202, _create(request))
    record = mapping.find(uuid)
    if record is None:
        if emulator._esms.get(uuid) is not None:
            return None
        raise mapping_not_found()
    if method == "GET":
        return _success(200, record)
    if method == "PUT":
        changes = validation.check_update(request)
        await _settled(record, "update")
        return _success(202, _update(record, request, changes))
    if method == "DELETE":
        await _settled(record, "delete")
        runner.change(record, "Deleting")
        return _success(202, record)
    return None


def _is_ours(request: Record) -> bool:
    arn = request.get("EventSourceArn")
    if not arn:
        if request.get("SelfManagedEventSource"):
            return False
        raise ApiError("InvalidParameterValueException", "Unrecognized event source.")
    return mapping.is_kinesis(str(arn))


def _create(request: Record) -> Record:
    function = validation.check_create(request)
    record = mapping.new_record(request, *function)
    emulator._esms[record["UUID"]] = record
    runner.start(record)
    return record


def _update(record: Record, request: Record, function: tuple[str, str | None] | None) -> Record:
    mapping.complete(record, request)
    if "FilterCriteria" in request and not (request["FilterCriteria"] or {}).get("Filters"):
        record.pop("FilterCriteria", None)
    if function is not None:
        record["FunctionName"], record["Qualifier"] = function
        record["FunctionArn"] = emulator._func_arn(function[0]) + (f":{function[1]}" if function[1] else "")
    enabled = request.get("Enabled")
    state = "Updating"
    if enabled is not None and enabled != mapping.is_enabled(record):
        record["Enabled"] = enabled
        state = "Enabling" if enabled else "Disabling"
    runner.change(record, state)
    return record


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


def _adopting(emulated: Callable[[str, str, str], None]) -> Callable[[str, str, str], None]:
    def begin(uuid: str, source_arn: str, starting: str) -> None:
        """CloudFormation puts its mappings into the store by itself, and then calls this."""
        record = mapping.find(uuid)
        if record is None:
            emulated(uuid, source_arn, starting)
            return
        mapping.complete(record, {})
        record["EventSourceMappingArn"] = emulator._esm_arn(uuid)
        mapping.touch(record, "Creating")
        runner.start(record)

    return begin


def _success(status: int, record: Record) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(mapping.shown(record)).encode()


def _failure(error: ApiError) -> Answer:
    body: dict[str, str] = {"message": error.message}
    if error.code != "ValidationException":
        body["Type"] = "User"
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code, "x-amzn-RequestId": new_uuid()}
    return error.status, headers, json.dumps(body).encode()
