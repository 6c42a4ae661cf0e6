"""One synchronous call of a mapping's function, and what its answer means for the batch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import lambda_svc

from helpers.local.event_sources.events import Event
from helpers.local.event_sources.mapping import CALL_FAILED, Settings


@dataclass(frozen=True)
class Answer:
    """What came of a call.

    Attributes
    ----------
    reached
        False if the function did not run: throttled, or no longer there.
    error
        Whether the function ended with an error, a time-out or its process's end.
    payload
        What the function returned.
    problem
        For `LastProcessingResult`, where the call failed.
    """

    reached: bool
    error: bool
    payload: Any
    request_id: str
    version: str
    problem: str


class Verdict(Enum):
    """How a batch fared."""

    DONE = auto()
    FAILED = auto()
    PARTLY = auto()
    NOT_REACHED = auto()


@dataclass(frozen=True)
class Outcome:
    """A batch's verdict; `first_failed` is the place in the batch where to go on, `state` the window's."""

    verdict: Verdict
    first_failed: int = 0
    state: Any = None


def function_role(settings: Settings) -> str:
    """Return the execution role of the function, empty if the function is gone."""
    _, config = lambda_svc._get_func_record_for_qualifier(settings.function_name, settings.qualifier)
    return str((config or {}).get("Role", ""))


def invoke(settings: Settings, event: Event) -> Answer:
    """Call the function and wait for its answer; within the mapping's account and region."""
    record, config = lambda_svc._get_func_record_for_qualifier(settings.function_name, settings.qualifier)
    if record is None or config is None:
        problem = f"PROBLEM: Function not found: {settings.function_arn}"
        return Answer(False, True, None, new_uuid(), "$LATEST", problem)
    # The function sees the name that the mapping calls it by.
    called = {**record, "config": {**config, "FunctionArn": settings.function_arn}}
    if "concurrency" not in called:
        called["concurrency"] = (lambda_svc._functions.get(settings.function_name) or {}).get("concurrency")
    began = time.monotonic()
    result = lambda_svc._execute_function(called, event)
    throttled, error = bool(result.get("throttle")), bool(result.get("error"))
    if not throttled:
        duration_ms = (time.monotonic() - began) * 1000
        lambda_svc._emit_lambda_metrics(settings.function_name, duration_ms, error, False)
    return Answer(
        not throttled,
        error,
        result.get("body"),
        result.get("request_id") or new_uuid(),
        str(config.get("Version", "$LATEST")),
        CALL_FAILED,
    )


def judge(answer: Answer, sequence_numbers: list[str], settings: Settings) -> Outcome:
    """Return what an answer means for the batch of these sequence numbers.

    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
    """
    if not answer.reached:
        return Outcome(Verdict.NOT_REACHED)
    if answer.error:
        return Outcome(Verdict.FAILED)
    payload = answer.payload
    state = None
    if settings.tumbling_window_seconds:
        if not isinstance(payload, dict) or "state" not in payload:
            return Outcome(Verdict.FAILED)
        state = payload["state"] if payload["state"] is not None else {}
    if not settings.reports_item_failures:
        return Outcome(Verdict.DONE, state=state)
    failed = _first_failed(payload, sequence_numbers)
    if failed is None:
        return Outcome(Verdict.DONE, state=state)
    if failed == 0:
        return Outcome(Verdict.FAILED)
    return Outcome(Verdict.PARTLY, failed, state)


def _first_failed(payload: Any, sequence_numbers: list[str]) -> int | None:
    """Return the place of the first record reported as failed, 0 if the report cannot be read."""
    if payload in (None, "", [], {}):
        return None
    if not isinstance(payload, dict):
        return 0
    reported = payload.get("batchItemFailures")
    if reported in (None, []):
        return None
    if not isinstance(reported, list):
        return 0
    places = {number: place for place, number in enumerate(sequence_numbers)}
    found = []
    for item in reported:
        identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
        place = places.get(identifier) if isinstance(identifier, str) else None
        if place is None:
            return 0
        found.append(place)
    return min(found)
