"""Which of Flink's tasks reads which shard of a Kinesis stream, and how many tasks keep shards apart.

A task that reads two shards takes the time of the one that is ahead for both, and drops the events of
the other as late. Flink's Kinesis source gives a shard to the task whose number is a hash of stream
name and shard id, modulo the number of tasks (`StreamShardHandle.hashCode` and
`KinesisDataFetcher.isThisSubtaskShouldSubscribeTo` of the connector, 1.15 to 4.3).
"""

from __future__ import annotations

from collections.abc import Sequence


def task_of_shard(stream: str, shard_id: str, parallelism: int) -> int:
    """Return the number of the task, from 0, that reads a shard."""
    hashed = _int32(37 * _int32(37 * 17 + _java_hash(stream)) + _java_hash(shard_id))
    return abs(hashed) % parallelism


def parallelism_for(stream: str, shard_ids: Sequence[str]) -> int:
    """Return the least number of tasks with which no two of the shards share one.

    That is the number of shards for a stream of up to ten that was never resharded: their ids follow
    one another, and so do their hashes.
    """
    parallelism = max(1, len(shard_ids))
    while len({task_of_shard(stream, shard, parallelism) for shard in shard_ids}) < len(shard_ids):
        parallelism += 1
    return parallelism


def _java_hash(text: str) -> int:
    """Return `String.hashCode()`; names of streams and shards are ASCII."""
    hashed = 0
    for letter in text.encode("ascii"):
        hashed = 31 * hashed + letter
    return _int32(hashed)


def _int32(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31
