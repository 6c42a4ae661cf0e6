"""Python functions run by the lab's own runtime; everything else of Lambda stays the emulator's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack import app as gateway
from ministack.core.lambda_runtime import INVOKE_DEPTH_HEADER
from ministack.services import lambda_svc as emulator

from helpers.local.lambda_runtime import answers, asynchronous, execution, invoke_config, logs, operations, refusals
from helpers.local.lambda_runtime.answers import Answer
from helpers.local.lambda_runtime.api_errors import LambdaError
from helpers.local.lambda_runtime.pool import Pool

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def install(handlers: dict[str, Any]) -> None:
    """Run Python functions in environments of the lab's own."""
    pool = Pool()
    emulator._execute_function_warm = execution.executing(pool, emulator._execute_function_warm)
    emulator._emit_lambda_logs = logs.emitting(emulator._emit_lambda_logs)
    emulator.invalidate_worker = _retiring(pool, emulator.invalidate_worker)
    emulator.invoke_async_with_retry = asynchronous.invoke
    gateway._dispatch_service_request = _noting_request_ids(gateway._dispatch_service_request)
    invoke_config.install()
    emulator.reset = _clearing(pool, emulator.reset)
    handlers["lambda"] = _front(handlers["lambda"])


def _front(emulated: Handler) -> Handler:
    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        found = operations.parse(method, path, headers, query, body)
        if found is None or "EventSourceMapping" in found[0]:
            return await emulated(method, path, headers, body, query)
        operation, request = found
        try:
            refusals.check(operation, request)
            if operation == "Invoke":
                refusals.check_payload(body, asynchronous=request.get("InvocationType") == "Event")
        except LambdaError as error:
            return answers.refused(error)
        if operation == "UpdateFunctionEventInvokeConfig":
            name, derived = emulator._resolve_request_scoped_name_and_qualifier(request["FunctionName"])
            return invoke_config.update(name, derived or request.get("Qualifier"), request)
        if operation == "Invoke":
            execution.asked_request_id.set(_request_id.get())
            execution.client_context.set(request.get("ClientContext"))
        # How often functions have called each other comes in the tracing header of AWS's clients.
        depth = execution.inbound_depth(headers.get("x-amzn-trace-id", ""))
        if depth is not None:
            headers = {**headers, INVOKE_DEPTH_HEADER.lower(): str(depth)}
        return answers.shaped(operation, request, await emulated(method, path, headers, body, query))

    return handle


def _noting_request_ids(emulated: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return what dispatches requests, noting the id that the answer will have: the function sees the same."""

    async def dispatch(
        method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str, *more: Any, **named: Any
    ) -> Any:
        _request_id.set(request_id)
        return await emulated(method, path, headers, body, query, request_id, *more, **named)

    return dispatch


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
