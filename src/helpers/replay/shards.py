"""The shards of a stream."""

from __future__ import annotations

from typing import Any


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
