"""PutRecord and PutRecordBatch.

https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
"""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any

from ministack.core.responses import get_account_id

from helpers.local.firehose import processing, streams
from helpers.local.firehose.api_errors import ApiError, invalid_argument, not_found, not_permitted_on_source, too_long
from helpers.local.firehose.failures import now_millis
from helpers.local.firehose.records import arrived
from helpers.local.firehose.reporting import Reporter

MAX_RECORD_BYTES = 1_024_000
MAX_BATCH_BYTES = 4 << 20
_ID_BYTES = 165


def put_record(request: dict[str, Any]) -> dict[str, Any]:
    data = _data(request["Record"], "record.data")
    stream = _open(request["DeliveryStreamName"])
    _take(stream, [data])
    return {"RecordId": _record_id(), "Encrypted": _is_encrypted(stream)}


def put_record_batch(request: dict[str, Any]) -> dict[str, Any]:
    items = [_data(item, f"records.{number}.member.data") for number, item in enumerate(request["Records"], start=1)]
    if sum(map(len, items)) > MAX_BATCH_BYTES:
        raise invalid_argument("Records size exceeds 4 MB limit")
    stream = _open(request["DeliveryStreamName"])
    _take(stream, items)
    return {
        "FailedPutCount": 0,
        "Encrypted": _is_encrypted(stream),
        "RequestResponses": [{"RecordId": _record_id()} for _ in items],
    }


def _data(record: dict[str, Any], where: str) -> bytes:
    try:
        data = base64.b64decode(record["Data"], validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise ApiError("SerializationException", f"The value at '{where}' can not be converted to a Blob") from error
    if len(data) > MAX_RECORD_BYTES:
        raise too_long(where, MAX_RECORD_BYTES)
    return data


def _open(name: str) -> streams.DeliveryStream:
    """Return the stream of that name if it takes records."""
    stream = streams.found(name)
    if stream.source is not None:
        raise not_permitted_on_source()
    if stream.status != "ACTIVE":
        raise not_found(name)
    if processing.parsed(stream.configuration["ProcessingConfiguration"]).decompress:
        raise ApiError(
            "InvalidSourceException",
            f"Put to Firehose failed for AccountId: {get_account_id()}, FirehoseName: {name} because the request is "
            "not originating from CloudWatch.",
        )
    return stream


def _take(stream: streams.DeliveryStream, items: list[bytes]) -> None:
    now = now_millis()
    stream.worker.put([arrived(data, now) for data in items])
    reporter = Reporter(stream.name, stream.arn)
    reporter.count("IncomingRecords", len(items))
    reporter.count("IncomingBytes", sum(map(len, items)), "Bytes")


def _is_encrypted(stream: streams.DeliveryStream) -> bool:
    return bool(stream.encryption["Status"] == "ENABLED")


def _record_id() -> str:
    return base64.b64encode(secrets.token_bytes(_ID_BYTES)).decode("ascii")
