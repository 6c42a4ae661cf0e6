"""On-failure destinations: the invocation record of a discarded batch, and where it goes.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from ministack import app as emulator
from ministack.core.responses import new_uuid

from helpers.local import in_process
from helpers.local.event_sources.events import Event, iso_millis
from helpers.local.event_sources.invocation import Answer
from helpers.local.event_sources.mapping import Settings
from helpers.local.kinesis.shard_log import Record
from helpers.local.kinesis.stored import now_millis

logger = logging.getLogger(__name__)

RETRIES_EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"
TOO_LARGE = "MaximumPayloadSizeExceeded"


@dataclass(frozen=True)
class Discarded:
    """A batch that the mapping gives up.

    Attributes
    ----------
    condition
        Why, in AWS's word.
    first, last
        Its first and last record; `size` records in all, 0 for the end of a window.
    invokes
        How often the function was called with it.
    answer
        Of the last call, None if there was none.
    """

    condition: str
    first: Record
    last: Record
    size: int
    invokes: int
    answer: Answer | None


def send(uuid: str, shard_id: str, settings: Settings, batch: Discarded, event: Event) -> bool:
    """Send the invocation record of a discarded batch to the mapping's destination.

    Returns
    -------
    Whether there is a destination and it took the record; a destination that refuses is logged, as the
    batch is discarded all the same.
    """
    arn = settings.destination
    if arn is None:
        return False
    record = _invocation_record(shard_id, settings, batch)
    try:
        if arn.split(":")[2] in ("sqs", "sns"):
            deliver(arn, json.dumps(record))
        else:
            bucket = arn.split(":", 5)[5].partition("/")[0]
            body = json.dumps({**record, "payload": json.dumps(event)}).encode()
            in_process.s3_request("PUT", bucket, _object_key(uuid, shard_id), body)
    except in_process.ServiceCallError as error:
        logger.warning("The on-failure destination %s of mapping %s refused a record: %s", arn, uuid, error)
        return False
    return True


def deliver(arn: str, text: str, attributes: dict[str, tuple[str, str]] | None = None) -> None:
    """Send a message, with attributes of a type and a value each, to the queue or topic of an ARN.

    Raises
    ------
    ServiceCallError
        If there is none, or it refuses the message.
    """
    if arn.split(":")[2] == "sqs":
        _send_message(arn.split(":", 5)[5], text, attributes or {})
    else:
        _publish(arn, text, attributes or {})


def _invocation_record(shard_id: str, settings: Settings, batch: Discarded) -> dict[str, Any]:
    answer = batch.answer
    response = {}
    # Records that are too old tell nothing of the calls before.
    if answer is not None and answer.reached and batch.condition != TOO_OLD:
        response["responseContext"] = {
            "statusCode": 200,
            "executedVersion": answer.version,
            "functionError": "Unhandled" if answer.error else None,
        }
    return {
        "requestContext": {
            "requestId": answer.request_id if answer is not None else new_uuid(),
            "functionArn": settings.function_arn,
            "condition": batch.condition,
            # Of records that are too old AWS says 1, called or not.
            "approximateInvokeCount": 1 if batch.condition == TOO_OLD else batch.invokes,
        },
        **response,
        "version": "1.0",
        "timestamp": iso_millis(now_millis()),
        "KinesisBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": batch.first.sequence_number,
            "endSequenceNumber": batch.last.sequence_number,
            "approximateArrivalOfFirstRecord": iso_millis(batch.first.arrival),
            "approximateArrivalOfLastRecord": iso_millis(batch.last.arrival),
            "batchSize": batch.size,
            "streamArn": settings.source_arn,
        },
    }


def _object_key(uuid: str, shard_id: str) -> str:
    moment = datetime.now(UTC)
    return f"aws/lambda/{uuid}/{shard_id}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{new_uuid()}"


def _send_message(queue: str, body: str, attributes: dict[str, tuple[str, str]]) -> None:
    url = in_process.call("sqs", "GetQueueUrl", {"QueueName": queue})["QueueUrl"]
    request: dict[str, Any] = {"QueueUrl": url, "MessageBody": body}
    if attributes:
        request["MessageAttributes"] = {
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()
        }
    in_process.call("sqs", "SendMessage", request)


def _publish(topic_arn: str, message: str, attributes: dict[str, tuple[str, str]]) -> None:
    request = {"Action": "Publish", "Version": "2010-03-31", "TopicArn": topic_arn, "Message": message}
    for number, (name, (kind, value)) in enumerate(attributes.items(), 1):
        entry = f"MessageAttributes.entry.{number}"
        request |= {f"{entry}.Name": name, f"{entry}.Value.DataType": kind, f"{entry}.Value.StringValue": value}
    headers = {"content-type": "application/x-www-form-urlencoded", "host": "127.0.0.1"}
    status, _, answer = emulator.call_service_handler_sync(
        emulator.SERVICE_HANDLERS["sns"], "POST", "/", headers, urlencode(request).encode(), {}
    )
    if status >= 400:
        text = bytes(answer).decode("utf-8", "replace")
        code = text.partition("<Code>")[2].partition("</Code>")[0] or "InternalError"
        raise in_process.ServiceCallError(code, text.partition("<Message>")[2].partition("</Message>")[0])
