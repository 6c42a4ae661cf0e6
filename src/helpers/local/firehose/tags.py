"""Tags and server-side encryption of delivery streams, and the list of streams."""

from __future__ import annotations

from typing import Any

from helpers.local.firehose import streams
from helpers.local.firehose.api_errors import invalid_argument, not_active


def tag(request: dict[str, Any]) -> dict[str, Any]:
    with streams.lock:
        stream = _present(request["DeliveryStreamName"])
        stream.tags = streams.checked_tags(request["Tags"], stream.tags)
    return {}


def untag(request: dict[str, Any]) -> dict[str, Any]:
    with streams.lock:
        stream = _present(request["DeliveryStreamName"])
        stream.tags = {key: value for key, value in stream.tags.items() if key not in request["TagKeys"]}
    return {}


def list_tags(request: dict[str, Any]) -> dict[str, Any]:
    stream = streams.found(request["DeliveryStreamName"])
    after = request.get("ExclusiveStartTagKey", "")
    tags = [{"Key": key, "Value": value} for key, value in sorted(stream.tags.items()) if key > after]
    page = tags[: request.get("Limit", streams.MAX_TAGS)]
    return {"Tags": page, "HasMoreTags": len(tags) > len(page)}


def start_encryption(request: dict[str, Any]) -> dict[str, Any]:
    stream = _encryptable(request["DeliveryStreamName"])
    given = request.get("DeliveryStreamEncryptionConfigurationInput") or {"KeyType": "AWS_OWNED_CMK"}
    stream.encryption = streams.encrypted(given)
    return {}


def stop_encryption(request: dict[str, Any]) -> dict[str, Any]:
    stream = _encryptable(request["DeliveryStreamName"])
    stream.encryption = streams.encrypted(None)
    return {}


def _present(name: str) -> streams.DeliveryStream:
    stream = streams.found(name)
    if stream.deleted:
        raise not_active(name)
    return stream


def _encryptable(name: str) -> streams.DeliveryStream:
    stream = streams.changeable(name)
    if stream.source is not None:
        raise invalid_argument(
            "Server-side encryption cannot be changed on a KinesisStreamAsSource delivery stream: encrypt its source."
        )
    return stream
