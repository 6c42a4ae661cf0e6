"""The shards of a stream."""

from __future__ import annotations

from typing import Any

from helpers.replay.errors import NoSuchStreamError


def list_shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Return every shard of a stream as ListShards describes it, closed ones included, by id."""
    answer = kinesis.list_shards(StreamName=stream)
    shards: list[dict[str, Any]] = answer["Shards"]
    while token := answer.get("NextToken"):
        answer = kinesis.list_shards(NextToken=token)
        shards += answer["Shards"]
    return sorted(shards, key=lambda shard: str(shard["ShardId"]))


def open_shards(kinesis: Any, stream: str) -> list[dict[str, Any]]:
    """Return the shards that take records, by id."""
    return [
        shard for shard in list_shards(kinesis, stream) if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
    ]


def stream_created(kinesis: Any, stream: str) -> str:
    """Return when a stream was made, in milliseconds since the epoch: another one of the same name differs in it.

    Raises
    ------
    NoSuchStreamError
        If there is no such stream.
    """
    try:
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException as error:
        raise NoSuchStreamError(stream) from error
    return str(round(summary["StreamCreationTimestamp"].timestamp() * 1000))
