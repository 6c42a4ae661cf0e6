"""The emulator's services, called from code that runs inside its own process.

What stands in front of the emulator (Athena, crawlers) reads tables and objects through this
module alone. Calls go through the emulator's own request handlers, so validation, encryption and
notifications stay as they are for outside callers; only object bodies are read directly, because a
query over a large file would otherwise copy it through HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ministack import app as emulator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import s3 as s3_service

from helpers.local.aws_error import AwsError

_JSON_TARGETS = {
    "glue": "AWSGlue",
    "athena": "AmazonAthena",
    "kinesis": "Kinesis_20131202",
    "logs": "Logs_20140328",
    "sqs": "AmazonSQS",
}


class ServiceCallError(AwsError):
    """An emulated service refused an in-process call."""


@dataclass(frozen=True)
class StoredObject:
    """One S3 object as a listing shows it; `size` in bytes, `last_modified` in ISO 8601."""

    bucket: str
    key: str
    size: int
    etag: str
    last_modified: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Return a context in which calls act for `account` in `region`."""
    return request_scope(account, region)


def call(service: str, action: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Call `action` of a JSON service and return its answer; from a worker thread only.

    Raises
    ------
    ServiceCallError
        If the service answers with an error.
    """
    headers = {"x-amz-target": f"{_JSON_TARGETS[service]}.{action}", "content-type": "application/x-amz-json-1.1"}
    status, _, body = emulator.call_service_handler_sync(
        emulator.SERVICE_HANDLERS[service], "POST", "/", headers, json.dumps(payload).encode(), {}
    )
    answer: dict[str, Any] = json.loads(body) if body else {}
    if status >= 400:
        code = str(answer.get("__type", "InternalFailure")).rpartition("#")[2]
        raise ServiceCallError(code, str(answer.get("message") or answer.get("Message") or ""))
    return answer


def pages(service: str, action: str, payload: dict[str, Any], key: str) -> Iterator[Any]:
    """Yield the items under `key` of every page of a paginated action."""
    token: str | None = None
    while True:
        answer = call(service, action, {**payload, **({"NextToken": token} if token else {})})
        yield from answer.get(key, [])
        token = answer.get("NextToken")
        if not token:
            return


def bucket_exists(bucket: str) -> bool:
    return bucket in s3_service._buckets


def list_objects(bucket: str, prefix: str = "") -> list[StoredObject]:
    """Return the current objects under `prefix`, in key order; empty if there is no such bucket."""
    held = s3_service._buckets.get(bucket)
    if held is None:
        return []
    return [
        StoredObject(bucket, key, record["size"], record["etag"].strip('"'), record["last_modified"])
        for key, record in sorted(held["objects"].copy().items())
        if key.startswith(prefix)
    ]


def stored_object(bucket: str, key: str) -> StoredObject:
    """Return one object as a listing shows it.

    Raises
    ------
    ServiceCallError
        `NoSuchKey` if there is no such object.
    """
    record = _record(bucket, key)
    return StoredObject(bucket, key, record["size"], record["etag"].strip('"'), record["last_modified"])


def read_object(bucket: str, key: str) -> memoryview:
    """Return the bytes of an object, without copying them.

    Raises
    ------
    ServiceCallError
        `NoSuchKey` if there is no such object.
    """
    record = _record(bucket, key)
    return memoryview(s3_service._read_body(bucket, key, record))


def _record(bucket: str, key: str) -> dict[str, Any]:
    """Return what the emulator keeps of an object; refused with `NoSuchKey` if there is none."""
    held = s3_service._buckets.get(bucket)
    record: dict[str, Any] | None = held["objects"].get(key) if held else None
    if record is None:
        raise ServiceCallError("NoSuchKey", f"The specified key does not exist: s3://{bucket}/{key}")
    return record


def s3_request(method: str, bucket: str, key: str, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
    """Send one S3 request on an object (PUT, DELETE) through the emulator's own handler.

    Raises
    ------
    ServiceCallError
        If S3 refuses it.
    """
    path = f"/{bucket}/{key}"
    # S3 takes a request without a caller for an anonymous one, and refuses it where access is checked.
    caller = f"AWS4-HMAC-SHA256 Credential={get_account_id()}/20000101/{get_region()}/s3/aws4_request"
    given = {"host": "127.0.0.1", "authorization": caller, **(headers or {})}
    status, _, answer = emulator.call_service_handler_sync(
        emulator.SERVICE_HANDLERS["s3"], method, path, given, body, {}
    )
    if status >= 400:
        text = bytes(answer).decode("utf-8", "replace")
        code = text.partition("<Code>")[2].partition("</Code>")[0] or "InternalError"
        raise ServiceCallError(code, text.partition("<Message>")[2].partition("</Message>")[0])
