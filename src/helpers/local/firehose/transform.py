"""Records through the transforming Lambda function.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html; codes and texts of failures:
https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from ministack import app as emulator

from helpers.local.firehose.processing import LambdaStep
from helpers.local.firehose.records import Record

_RETRY_SECONDS = 0.2
_MOST_RETRY_SECONDS = 2.0
_RESULTS = ("Ok", "Dropped", "ProcessingFailed")
_FUNCTION_ERROR = (
    "Lambda.FunctionError",
    "The Lambda function was successfully invoked but it returned an error result.",
)
_BAD_OUTPUT = (
    "Lambda.FunctionError",
    "Check your function and make sure the output is in required format. In addition to that, make sure the processed "
    "records contain valid result status of Dropped, Ok, or ProcessingFailed",
)
_NOT_JSON = (
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow the "
    "status model required by Firehose.",
)
_DUPLICATED = (
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record ID. Ensure that the Lambda function returns unique record IDs "
    "for each record.",
)
_MISSING = (
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
)
_FAILED = ("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
_REFUSALS = {
    "ResourceNotFoundException": (
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist.",
    ),
    "TooManyRequestsException": (
        "Lambda.InvokeLimitExceeded",
        "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
    ),
}


@dataclass(frozen=True)
class Failure:
    """Why records could not be transformed; `ended` in milliseconds since the epoch."""

    code: str
    message: str
    attempts: int
    ended: int


@dataclass(frozen=True)
class Outcome:
    """What became of one record: `failure` is None for one that is kept or dropped."""

    record: Record
    dropped: bool = False
    failure: Failure | None = None
    partition_keys: Mapping[str, str] | None = None


class _InvocationError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def transformed(
    step: LambdaStep,
    envelope: dict[str, Any],
    records: list[Record],
) -> list[Outcome]:
    """Return what the function makes of a batch; a batch that it cannot take fails as a whole.

    Parameters
    ----------
    envelope
        The event's members beside `invocationId` and `records`.
    """
    ids = {f"{uuid.uuid4().int:039d}{number:017d}": record for number, record in enumerate(records)}
    items = [_item(record_id, record) for record_id, record in ids.items()]
    attempts = 0
    while True:
        attempts += 1
        try:
            answer = _invoke(step.arn, {"invocationId": str(uuid.uuid4()), **envelope, "records": items})
            break
        except _InvocationError as error:
            if attempts > step.retries:
                return _all_failed(records, (error.code, error.message), attempts)
            time.sleep(min(_RETRY_SECONDS * 2 ** (attempts - 1), _MOST_RETRY_SECONDS))
    return _outcomes(answer, ids, attempts)


def _item(record_id: str, record: Record) -> dict[str, Any]:
    item: dict[str, Any] = {
        "recordId": record_id,
        "approximateArrivalTimestamp": record.arrival,
        "data": base64.b64encode(record.data).decode("ascii"),
    }
    if record.origin is not None:
        item["kinesisRecordMetadata"] = {
            "sequenceNumber": record.origin.sequence_number,
            "subsequenceNumber": record.origin.subsequence,
            "partitionKey": record.origin.partition_key,
            "shardId": record.origin.shard_id,
            "approximateArrivalTimestamp": record.arrival,
        }
    return item


def _invoke(arn: str, event: dict[str, Any]) -> bytes:
    """Return the function's answer."""
    function, _, qualifier = arn.partition(":function:")[2].partition(":")
    query = {"Qualifier": [qualifier]} if qualifier else {}
    path = f"/2015-03-31/functions/{quote(function or arn, safe='')}/invocations"
    headers = {"x-amz-invocation-type": "RequestResponse", "content-type": "application/json"}
    status, answered, body = emulator.call_service_handler_sync(
        emulator.SERVICE_HANDLERS["lambda"], "POST", path, headers, json.dumps(event).encode(), query
    )
    body = bytes(body)
    if status >= 400:
        code, message = _refusal(answered, body)
        raise _InvocationError(*_REFUSALS.get(code, (f"Lambda.{code}", message)))
    if any(name.lower() == "x-amz-function-error" for name in answered):
        raise _InvocationError(*_FUNCTION_ERROR)
    return body


def _refusal(headers: dict[str, str], body: bytes) -> tuple[str, str]:
    try:
        answer = json.loads(body)
    except ValueError:
        return "InternalServerError", body.decode("utf-8", "replace")
    codes = [value for name, value in headers.items() if name.lower() == "x-amzn-errortype"]
    code = codes[0] if codes else "InternalServerError"
    return code, str(answer.get("message") or answer.get("Message") or "")


def _outcomes(answer: bytes, ids: dict[str, Record], attempts: int) -> list[Outcome]:
    records = list(ids.values())
    try:
        returned = json.loads(answer)
    except ValueError:
        return _all_failed(records, _NOT_JSON, attempts)
    items = returned.get("records") if isinstance(returned, dict) else None
    if not isinstance(items, list) or not all(_is_well_formed(item) for item in items):
        return _all_failed(records, _BAD_OUTPUT, attempts)
    by_id = {item["recordId"]: item for item in items}
    if len(by_id) < len(items):
        return _all_failed(records, _DUPLICATED, attempts)
    return [_outcome(record, by_id.get(record_id), attempts) for record_id, record in ids.items()]


def _is_well_formed(item: Any) -> bool:
    if not isinstance(item, dict) or item.get("result") not in _RESULTS or not isinstance(item.get("recordId"), str):
        return False
    if item["result"] != "Ok":
        return True
    try:
        base64.b64decode(item["data"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        return False
    return True


def _outcome(record: Record, item: dict[str, Any] | None, attempts: int) -> Outcome:
    if item is None:
        return Outcome(record, failure=_failure(_MISSING, attempts))
    if item["result"] == "ProcessingFailed":
        return Outcome(record, failure=_failure(_FAILED, attempts))
    if item["result"] == "Dropped":
        return Outcome(record, dropped=True)
    keys = (item.get("metadata") or {}).get("partitionKeys") or {}
    values = {str(key): "" if value is None else str(value) for key, value in keys.items()}
    return Outcome(replace(record, data=base64.b64decode(item["data"])), partition_keys=values)


def _all_failed(records: list[Record], why: tuple[str, str], attempts: int) -> list[Outcome]:
    failure = _failure(why, attempts)
    return [Outcome(record, failure=failure) for record in records]


def _failure(why: tuple[str, str], attempts: int) -> Failure:
    return Failure(*why, attempts, time.time_ns() // 1_000_000)
