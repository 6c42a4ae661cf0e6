"""Firehose in front of the emulator's: delivery streams to S3 are ours, those to anything else stay the emulator's."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.services import firehose as emulator

from helpers.local import request_validation
from helpers.local.aws_error import AwsError
from helpers.local.firehose import putting, streams, tags
from helpers.local.firehose.api_errors import ApiError

logger = logging.getLogger(__name__)

_CONTENT_TYPE = "application/x-amz-json-1.1"

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]
Action = Callable[[dict[str, Any]], dict[str, Any]]

_ACTIONS: dict[str, Action] = {
    "CreateDeliveryStream": streams.create,
    "DeleteDeliveryStream": streams.delete,
    "DescribeDeliveryStream": streams.describe,
    "ListTagsForDeliveryStream": tags.list_tags,
    "PutRecord": putting.put_record,
    "PutRecordBatch": putting.put_record_batch,
    "StartDeliveryStreamEncryption": tags.start_encryption,
    "StopDeliveryStreamEncryption": tags.stop_encryption,
    "TagDeliveryStream": tags.tag,
    "UntagDeliveryStream": tags.untag,
    "UpdateDestination": streams.update_destination,
}


def install(handlers: dict[str, Any]) -> None:
    """Take the requests to Firehose, and let CloudFormation make streams here as well."""
    emulated: Handler = handlers["firehose"]
    elsewhere = {"create": emulator._create_delivery_stream, "delete": emulator._delete_delivery_stream}

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = request_validation.parsed("firehose", action, body)
        except AwsError as error:
            return _refusal(error)
        if action == "ListDeliveryStreams":
            return _answer(_listed, request)
        if action not in _ACTIONS or not _is_ours(action, request):
            return await emulated(method, path, headers, body, query_params)
        return _answer(_ACTIONS[action], request)

    def create_for_cloudformation(request: dict[str, Any]) -> Response:
        if streams.takes(request):
            return _answer(streams.create_or_replace, request)
        return elsewhere["create"](request)

    def delete_for_cloudformation(request: dict[str, Any]) -> Response:
        if streams.find(request["DeliveryStreamName"]) is not None:
            return _answer(streams.delete, request)
        return elsewhere["delete"](request)

    handlers["firehose"] = handle_request
    emulator._create_delivery_stream = create_for_cloudformation
    emulator._delete_delivery_stream = delete_for_cloudformation


def _is_ours(action: str, request: dict[str, Any]) -> bool:
    name = request["DeliveryStreamName"]
    if action == "CreateDeliveryStream":
        return (streams.takes(request) and name not in emulator._streams) or streams.find(name) is not None
    return streams.find(name) is not None or name not in emulator._streams


def _answer(act: Action, request: dict[str, Any]) -> Response:
    try:
        return 200, {"Content-Type": _CONTENT_TYPE}, json.dumps(act(request)).encode()
    except ApiError as error:
        return _refusal(error)


def _refusal(error: AwsError) -> Response:
    logger.debug("%s: %s", error.code, error.message)
    headers = {"Content-Type": _CONTENT_TYPE, "x-amzn-errortype": error.code}
    return 400, headers, json.dumps({"__type": error.code, "message": error.message}).encode()


def _listed(request: dict[str, Any]) -> dict[str, Any]:
    kind = request.get("DeliveryStreamType")
    others = [name for name, stream in emulator._streams.items() if kind in (None, stream["type"])]
    after = request.get("ExclusiveStartDeliveryStreamName", "")
    found = sorted(name for name in [*streams.names(kind), *others] if name > after)
    page = found[: request.get("Limit", streams.DEFAULT_LISTED)]
    return {"DeliveryStreamNames": page, "HasMoreDeliveryStreams": len(found) > len(page)}
