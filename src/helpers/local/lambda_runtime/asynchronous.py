"""Asynchronous calls: repeated after an error, given up after some time, and their outcome sent on.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ministack import app as gateway
from ministack.core.responses import new_uuid
from ministack.services import lambda_svc as emulator

from helpers.local import in_process
from helpers.local.event_sources import destinations
from helpers.local.lambda_runtime import execution, invoke_config

logger = logging.getLogger(__name__)

Record = dict[str, Any]
Result = dict[str, Any]

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
DEFAULT_RETRIES = 2
DEFAULT_AGE_SECONDS = 21_600
# AWS waits a minute, then two; after a throttled call a second, then twice as long each time.
_PAUSE_SECONDS = 1.0
_MOST_ERROR_CHARACTERS = 1024


@dataclass(frozen=True)
class Outcome:
    """How an event ended; `result` is that of the last call, None if the function was never called."""

    condition: str
    calls: int
    result: Result | None


def invoke(function: Record, event: Any) -> None:
    """Call a function with an event in the background; replaces the emulator's way to do so."""
    context = contextvars.copy_context()
    if execution.asked_request_id.get() is None:
        context.run(execution.asked_request_id.set, new_uuid())
    threading.Thread(target=context.run, args=(_run, function, event), daemon=True).start()


def _run(function: Record, event: Any) -> None:
    config = function.get("config") or function
    account, region = emulator._account_region_from_function_config(config)
    with in_process.scope(account, region):
        fields = str(config["FunctionArn"]).split(":")
        qualifier = fields[7] if len(fields) > 7 else invoke_config.LATEST
        settings = invoke_config.config_of(config["FunctionName"], qualifier)
        outcome = _called(function, event, settings)
        try:
            _send_on(config, qualifier, settings, event, outcome)
        except in_process.ServiceCallError as error:
            logger.warning("The outcome of an event for %s was refused: %s", config["FunctionName"], error)


def _called(function: Record, event: Any, settings: Record) -> Outcome:
    retries = settings.get("MaximumRetryAttempts", DEFAULT_RETRIES)
    until = time.monotonic() + settings.get("MaximumEventAgeInSeconds", DEFAULT_AGE_SECONDS)
    calls, pauses = 0, 0
    result: Result | None = None
    while True:
        if _reserved(function) == 0:
            return Outcome("ZeroReservedConcurrency", calls, None)
        latest = emulator._execute_function(function, event)
        if not latest.get("throttle"):
            calls, result = calls + 1, latest
            if not latest.get("error"):
                return Outcome("Success", calls, result)
            if calls > retries:
                return Outcome("RetriesExhausted", calls, result)
        pause = _PAUSE_SECONDS * 2**pauses
        pauses += 1
        if time.monotonic() + pause > until:
            return Outcome("EventAgeExceeded", calls, result)
        time.sleep(pause)


def _reserved(function: Record) -> int | None:
    config = function.get("config") or function
    base = emulator._functions.get(config["FunctionName"]) or function
    reserved: int | None = emulator._reserved_concurrency(base, config)
    return reserved


def _send_on(config: Record, qualifier: str, settings: Record, event: Any, outcome: Outcome) -> None:
    kind = "OnSuccess" if outcome.condition == "Success" else "OnFailure"
    target = ((settings.get("DestinationConfig") or {}).get(kind) or {}).get("Destination")
    if target:
        _deliver(target, config, _invocation_record(config, qualifier, event, outcome))
    queue = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if queue and kind == "OnFailure":
        destinations.deliver(queue, json.dumps(event), _failure_attributes(outcome))


def _invocation_record(config: Record, qualifier: str, event: Any, outcome: Outcome) -> Record:
    base_arn = ":".join(str(config["FunctionArn"]).split(":")[:7])
    record: Record = {
        "version": "1.0",
        "timestamp": _now(),
        "requestContext": {
            "requestId": execution.asked_request_id.get(),
            "functionArn": f"{base_arn}:{qualifier}",
            "condition": outcome.condition,
            "approximateInvokeCount": outcome.calls,
        },
        "requestPayload": event,
    }
    if outcome.result is not None:
        failed = {"functionError": "Unhandled"} if outcome.result.get("error") else {}
        version = str(config.get("Version", invoke_config.LATEST))
        record["responseContext"] = {"statusCode": 200, "executedVersion": version, **failed}
        record["responsePayload"] = outcome.result.get("body")
    return record


def _failure_attributes(outcome: Outcome) -> dict[str, tuple[str, str]]:
    body = (outcome.result or {}).get("body")
    message = str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
    return {
        "RequestID": ("String", str(execution.asked_request_id.get())),
        "ErrorCode": ("Number", "200" if outcome.result else "429"),
        "ErrorMessage": ("String", message[:_MOST_ERROR_CHARACTERS] or outcome.condition),
    }


def _deliver(arn: str, config: Record, record: Record) -> None:
    service = arn.split(":")[2]
    if service == "lambda":
        target, _, _ = emulator._get_func_record_for_ref(arn)
        if target is not None:
            context = contextvars.copy_context()
            context.run(execution.asked_request_id.set, None)
            context.run(invoke, target, record)
    elif service == "events":
        _put_event(arn, record)
    elif service == "s3":
        moment = datetime.now(UTC)
        key = f"aws/lambda/async/{config['FunctionName']}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{new_uuid()}"
        in_process.s3_request("PUT", arn.split(":", 5)[5], key, json.dumps(record).encode())
    else:
        destinations.deliver(arn, json.dumps(record))


def _put_event(bus_arn: str, record: Record) -> None:
    kind = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
    entry = {
        "EventBusName": bus_arn,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {kind}",
        "Resources": [bus_arn, record["requestContext"]["functionArn"]],
        "Detail": json.dumps(record),
    }
    headers = {"x-amz-target": "AWSEvents.PutEvents", "content-type": "application/x-amz-json-1.1"}
    body = json.dumps({"Entries": [entry]}).encode()
    gateway.call_service_handler_sync(gateway.SERVICE_HANDLERS["events"], "POST", "/", headers, body, {})


def _now() -> str:
    moment = datetime.now(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
