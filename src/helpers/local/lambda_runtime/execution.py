"""Calls of Python functions: in place of the emulator's way to run them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc

from helpers.local.lambda_runtime import logs
from helpers.local.lambda_runtime.invocation import Invocation
from helpers.local.lambda_runtime.pool import Pool, timeout_of

# The id of the request that calls for it, which the function sees, the log and the answer have.
asked_request_id: ContextVar[str | None] = ContextVar("asked_request_id", default=None)
# What the caller says of itself: a JSON object, in base64.
client_context: ContextVar[str | None] = ContextVar("client_context", default=None)

Result = dict[str, Any]
Execute = Callable[[dict[str, Any], Any, str], Result]


def executing(pool: Pool, emulated: Execute) -> Execute:
    """Return what runs a function; `emulated` runs those that are not for us."""

    def execute(function: dict[str, Any], event: Any, emulated_id: str) -> Result:
        config = function.get("config") or function
        code = function.get("code_zip")
        if not code or not _is_ours(config):
            return emulated(function, event, emulated_id)
        request_id = asked_request_id.get() or emulated_id
        key, environment = pool.acquire(config, code)
        request = {
            "event": event,
            "request_id": request_id,
            "function_arn": config["FunctionArn"],
            "trace_id": _trace_id(config),
            "client_context": client_context.get(),
        }
        try:
            invocation = environment.invoke(request, timeout_of(config))
        finally:
            pool.release(key, environment)
        entries = logs.entries(config, request_id, invocation)
        begun = [logs.init_start(config)] if invocation.init_seconds else []
        logs.remember(emulated_id, environment.log_stream, [*begun, *entries])
        return _result(request_id, invocation, entries)

    return execute


def _is_ours(config: dict[str, Any]) -> bool:
    special = (config.get("DurableConfig") or {}).get("Enabled") or lambda_svc._durable_ctx.get()
    snapshot = (config.get("SnapStart") or {}).get("OptimizationStatus") == "On"
    return str(config.get("Runtime", "")).startswith("python") and not special and not snapshot


def _result(request_id: str, invocation: Invocation, entries: list[str]) -> Result:
    result: Result = {
        "body": invocation.result,
        "log": "".join(entries),
        # It is complete: the emulator adds no lines of its own.
        "log_source": "rie",
        "request_id": request_id,
    }
    if invocation.status != "success":
        result.update(error=True, function_error="Unhandled")
    return result


def _trace_id(config: dict[str, Any]) -> str:
    """Return the tracing header of a call; its lineage counts the calls that led to it, as AWS's does."""
    sampled = 1 if (config.get("TracingConfig") or {}).get("Mode") == "Active" else 0
    root = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    depth = lambda_svc._invoke_depth.get()
    return f"Root={root};Parent={secrets.token_hex(8)};Sampled={sampled};Lineage={depth}:{secrets.token_hex(4)}:0"


def inbound_depth(trace_id: str) -> int | None:
    """Return how many calls of functions led to a request, from its tracing header."""
    for part in trace_id.split(";"):
        name, _, value = part.partition("=")
        if name == "Lineage" and value.partition(":")[0].isdigit():
            return int(value.partition(":")[0])
    return None
