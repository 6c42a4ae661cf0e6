"""What a call leaves in CloudWatch Logs: the function's entries between those of the platform.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_region
from ministack.services import cloudwatch_logs

from helpers.local.lambda_runtime.invocation import Invocation

logger = logging.getLogger(__name__)

_MIB = 2**20
_MOST_REMEMBERED = 1000

_written: OrderedDict[str, tuple[str, list[str]]] = OrderedDict()
_lock = threading.Lock()


def remember(request_id: str, log_stream: str, entries: list[str]) -> None:
    """Note what a request logs, and in its environment's log stream."""
    with _lock:
        _written[request_id] = log_stream, entries
        while len(_written) > _MOST_REMEMBERED:
            _written.popitem(last=False)


def init_start(config: dict[str, Any]) -> str:
    """Return the entry that an environment begins with.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
    """
    runtime = str(config.get("Runtime", ""))
    version = runtime.replace("python", "python:") + ".v1"
    return f"INIT_START Runtime Version: {version}\tRuntime Version ARN: {runtime_version_arn(runtime)}\n"


def runtime_version_arn(runtime: str) -> str:
    """Return the ARN of a runtime's version, of which there is one here."""
    return f"arn:aws:lambda:{get_region()}::runtime:{hashlib.sha256(runtime.encode()).hexdigest()}"


def entries(config: dict[str, Any], request_id: str, invocation: Invocation) -> list[str]:
    """Return all entries of a call, up to REPORT."""
    millis = invocation.seconds * 1000
    init = invocation.init_seconds * 1000
    billed = math.ceil(millis + init)
    report = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {millis:.2f} ms",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {config.get('MemorySize', 128)} MB",
        f"Max Memory Used: {math.ceil(invocation.peak_bytes / _MIB)} MB",
    ]
    if init:
        report.append(f"Init Duration: {init:.2f} ms")
    if invocation.status == "timeout":
        report.append("Status: timeout")
    elif isinstance(invocation.result, dict) and invocation.result.get("errorType") == "Runtime.ExitError":
        report.append(f"Status: error\tError Type: {invocation.log[-1].splitlines()[-1]}")
    return [
        *invocation.init_log,
        f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}\n",
        *invocation.log,
        f"END RequestId: {request_id}\n",
        "\t".join(report) + "\t\n",
    ]


def emitting(emulated: Callable[..., None]) -> Callable[..., None]:
    """Return what writes a call's entries: to its environment's stream if it has one, else as the emulator does."""

    def emit(
        function: dict[str, Any],
        request_id: str,
        log_text: str,
        error: bool,
        duration_ms: int,
        *,
        log_source: str | None = None,
    ) -> None:
        with _lock:
            written = _written.pop(request_id, None)
        if written is None:
            emulated(function, request_id, log_text, error, duration_ms, log_source=log_source)
            return
        config = function.get("config") or function
        group_name = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        try:
            _append(group_name, *written)
        except Exception:
            logger.warning("The log of request %s of %s caused an error", request_id, group_name, exc_info=True)

    return emit


def _append(group_name: str, stream_name: str, messages: list[str]) -> None:
    now = int(time.time() * 1000)
    groups = cloudwatch_logs._log_groups
    if group_name not in groups:
        groups[group_name] = {
            "arn": cloudwatch_logs._make_group_arn(group_name),
            "creationTime": now,
            "retentionInDays": None,
            "tags": {},
            "subscriptionFilters": {},
            "streams": {},
        }
    stream = groups[group_name]["streams"].setdefault(
        stream_name,
        {
            "events": [],
            "uploadSequenceToken": "1",
            "creationTime": now,
            "firstEventTimestamp": None,
            "lastEventTimestamp": None,
            "lastIngestionTime": None,
        },
    )
    events = [{"timestamp": now, "message": message, "ingestionTime": now} for message in messages]
    cloudwatch_logs._append_log_events(stream, events)
    cloudwatch_logs._fanout_to_subscription_filters(
        group_name, stream_name, [{"timestamp": now, "message": message} for message in messages]
    )
