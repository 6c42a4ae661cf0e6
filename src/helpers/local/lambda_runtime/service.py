"""Python functions run by the lab's own runtime; everything else of Lambda stays the emulator's."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.lambda_runtime import INVOKE_DEPTH_HEADER
from ministack.services import lambda_svc as emulator

from helpers.local.lambda_runtime import execution, logs
from helpers.local.lambda_runtime.pool import Pool

Answer = tuple[int, dict[str, str], Any]
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_PAYLOAD_BYTES = 6 * 2**20
# In seconds and MB.
_LIMITS = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]


def install(handlers: dict[str, Any]) -> None:
    """Run Python functions in environments of the lab's own."""
    pool = Pool()
    emulator._execute_function_warm = execution.executing(pool, emulator._execute_function_warm)
    emulator._emit_lambda_logs = logs.emitting(emulator._emit_lambda_logs)
    emulator.invalidate_worker = _retiring(pool, emulator.invalidate_worker)
    emulator.reset = _clearing(pool, emulator.reset)
    handlers["lambda"] = _counting_calls(handlers["lambda"])


def _counting_calls(emulated: Handler) -> Handler:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        refusal = _refusal(method, path, body)
        if refusal is not None:
            return refusal
        # How often functions have called each other comes in the tracing header of AWS's clients.
        depth = execution.inbound_depth(headers.get("x-amzn-trace-id", ""))
        if depth is not None:
            headers = {**headers, INVOKE_DEPTH_HEADER.lower(): str(depth)}
        return await emulated(method, path, headers, body, query)

    return handle


def _refusal(method: str, path: str, body: bytes) -> Answer | None:
    """Return the answer to a request that Lambda does not take and the emulator would, None for any other."""
    parts = path.strip("/").split("/")
    if parts[1:2] != ["functions"]:
        return None
    if method == "POST" and parts[3:] == ["invocations"]:
        return _payload_refusal(body)
    if (method == "POST" and len(parts) == 2) or (method == "PUT" and parts[3:] == ["configuration"]):
        return _limit_refusal(body)
    return None


def _payload_refusal(body: bytes) -> Answer | None:
    if len(body) > MAX_PAYLOAD_BYTES:
        return _error(
            413,
            "RequestEntityTooLargeException",
            f"Request must be smaller than {MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation",
        )
    try:
        json.loads(body or b"null")
    except ValueError as error:
        return _error(
            400,
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {error}",
        )
    return None


def _limit_refusal(body: bytes) -> Answer | None:
    try:
        given = json.loads(body)
    except ValueError:
        # Not for us to say.
        return None
    for name, (least, most) in _LIMITS.items():
        value = given.get(name)
        if not isinstance(value, int) or least <= value <= most:
            continue
        bound = f"less than or equal to {most}" if value > most else f"greater than or equal to {least}"
        return _error(
            400,
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy "
            f"constraint: Member must have value {bound}",
        )
    return None


def _error(status: int, code: str, message: str) -> Answer:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status, headers, json.dumps({"message": message}).encode()


def _retiring(pool: Pool, emulated: Callable[..., None]) -> Callable[..., None]:
    def retire(name: str, qualifier: str | None = None, account: str | None = None, region: str | None = None) -> None:
        emulated(name, qualifier=qualifier, account=account, region=region)

        def belongs(arn: str) -> bool:
            fields = arn.split(":")
            wanted = (region, account, name, qualifier)
            return all(
                want is None or want == got for want, got in zip(wanted, (*fields[3:5], *fields[6:8]), strict=True)
            )

        pool.retire(belongs)

    return retire


def _clearing(pool: Pool, emulated: Callable[[], None]) -> Callable[[], None]:
    def reset() -> None:
        emulated()
        pool.clear()

    return reset
