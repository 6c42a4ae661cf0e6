"""The task that reads a shard, in cases where it is known; what Flink really does is tested in `zeppelin/`."""

from __future__ import annotations

import pytest

from helpers.shard_tasks import parallelism_for, task_of_shard


def shard(number: int) -> str:
    return f"shardId-{number:012d}"


def test_one_task_reads_every_shard() -> None:
    assert {task_of_shard("events", shard(n), 1) for n in range(50)} == {0}


@pytest.mark.parametrize("shards", range(1, 11))
@pytest.mark.parametrize("stream", ["ecommerce-lab-events", "x", "a-name.with_all-that-is_allowed.9"])
def test_up_to_ten_shards_of_a_stream_never_split_need_a_task_each(stream: str, shards: int) -> None:
    assert parallelism_for(stream, [shard(n) for n in range(shards)]) == shards


@pytest.mark.parametrize(
    "numbers", [[0, 10], [9, 10], [1, 2, 3, 17], [0, 12, 24, 36], list(range(7, 19))], ids=lambda numbers: str(numbers)
)
def test_no_two_shards_share_a_task_after_splits(numbers: list[int]) -> None:
    shards = [shard(n) for n in numbers]
    parallelism = parallelism_for("events", shards)
    assert len({task_of_shard("events", s, parallelism) for s in shards}) == len(shards)
    if parallelism > len(shards):
        fewer = parallelism - 1
        assert len({task_of_shard("events", s, fewer) for s in shards}) < len(shards)


def test_shards_whose_hashes_agree_modulo_their_number_need_more_tasks() -> None:
    # The last digit counts once in the hash, the one before it 31 times: 0 and 10 differ by 31, an odd number,
    # 0 and 2 by 2, an even one.
    assert parallelism_for("events", [shard(0), shard(10)]) == 2
    assert parallelism_for("events", [shard(0), shard(2)]) == 3


def test_no_shard_still_needs_a_task() -> None:
    assert parallelism_for("events", []) == 1


def test_a_task_is_one_of_those_there_are() -> None:
    tasks = {task_of_shard(f"stream-{n}", shard(n), 7) for n in range(500)}
    assert tasks == set(range(7))
