"""The Kinesis service in front of the emulator's: it takes every request but those on resource policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import StreamingResponse
from ministack.services import kinesis as emulator

from helpers.local.kinesis import consumers, fan_out, reading, shards, streams, tags, wire, writing
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.kinesis.stored import expire, new_shards

Answer = tuple[int, dict[str, str], Any]
Action = Callable[[dict[str, Any]], dict[str, Any]]

ACTIONS: dict[str, Action] = {
    "AddTagsToStream": tags.add_tags_to_stream,
    "CreateStream": streams.create_stream,
    "DecreaseStreamRetentionPeriod": streams.decrease_retention,
    "DeleteStream": streams.delete_stream,
    "DeregisterStreamConsumer": consumers.deregister,
    "DescribeLimits": streams.describe_limits,
    "DescribeStream": streams.describe_stream,
    "DescribeStreamConsumer": consumers.describe,
    "DescribeStreamSummary": streams.describe_stream_summary,
    "DisableEnhancedMonitoring": consumers.disable_metrics,
    "EnableEnhancedMonitoring": consumers.enable_metrics,
    "GetRecords": reading.get_records,
    "GetShardIterator": reading.get_shard_iterator,
    "IncreaseStreamRetentionPeriod": streams.increase_retention,
    "ListShards": shards.list_shards,
    "ListStreamConsumers": consumers.list_consumers,
    "ListStreams": streams.list_streams,
    "ListTagsForResource": tags.list_tags_for_resource,
    "ListTagsForStream": tags.list_tags_for_stream,
    "MergeShards": shards.merge_shards,
    "PutRecord": writing.put_record,
    "PutRecords": writing.put_records,
    "RegisterStreamConsumer": consumers.register,
    "RemoveTagsFromStream": tags.remove_tags_from_stream,
    "SplitShard": shards.split_shard,
    "StartStreamEncryption": streams.start_encryption,
    "StopStreamEncryption": streams.stop_encryption,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateMaxRecordSize": streams.update_max_record_size,
    "UpdateShardCount": shards.update_shard_count,
    "UpdateStreamMode": streams.update_stream_mode,
}
POLICY_ACTIONS = frozenset({"PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"})


def install(handlers: dict[str, Any]) -> None:
    """Take the requests to Kinesis, and give the emulator's other services our way to its streams."""
    handlers["kinesis"] = handle
    # CloudFormation makes shards, DynamoDB and others add records through these.
    emulator._build_shards = new_shards
    emulator._expire_records = expire
    emulator.put_record_internal = writing.put_record_internal


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
    """Answer one request: status, headers, body."""
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if action in POLICY_ACTIONS:
        answer: Answer = await emulator.handle_request(method, path, headers, body, query)
        return answer
    content_type = wire.CBOR if "cbor" in headers.get("content-type", "") else wire.JSON
    try:
        request = wire.decode(body, content_type)
        if action == "SubscribeToShard":
            return _stream(fan_out.subscribe(request, content_type))
        if action not in ACTIONS:
            raise ApiError("UnknownOperationException", f"Unknown operation: {action}")
        members = ACTIONS[action](request)
    except ApiError as error:
        return _failure(error, content_type)
    return 200, {"Content-Type": content_type}, wire.encode(members, content_type)


def _stream(response: StreamingResponse) -> Answer:
    return 200, {"Content-Type": "application/vnd.amazon.eventstream"}, response


def _failure(error: ApiError, content_type: str) -> Answer:
    body = wire.encode({"__type": error.code, "message": error.message}, content_type)
    return 400, {"Content-Type": content_type, "x-amzn-ErrorType": error.code}, body
