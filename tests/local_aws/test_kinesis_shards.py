"""Shards: hash ranges, listing, splitting, merging, rescaling, and reading over the seams."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
TOP = 2**128


@pytest.fixture
def make_stream(kinesis: Any) -> Iterator[Callable[[int], str]]:
    """Make streams of so many shards."""
    made = []

    def make(shards: int) -> str:
        made.append(f"sh-{uuid4().hex}")
        kinesis.create_stream(StreamName=made[-1], ShardCount=shards)
        return made[-1]

    yield make
    for name in made:
        kinesis.delete_stream(StreamName=name)


def shard(number: int) -> str:
    return f"shardId-{number:012d}"


def listed(kinesis: Any, stream: str, **more: Any) -> list[dict[str, Any]]:
    shards: list[dict[str, Any]] = kinesis.list_shards(StreamName=stream, **more)["Shards"]
    return shards


def open_ranges(kinesis: Any, stream: str) -> list[tuple[int, int]]:
    ranges = [s["HashKeyRange"] for s in listed(kinesis, stream, ShardFilter={"Type": "AT_LATEST"})]
    return sorted((int(r["StartingHashKey"]), int(r["EndingHashKey"])) for r in ranges)


def numbers(shards: list[dict[str, Any]]) -> list[int]:
    return [int(s["ShardId"].split("-")[1]) for s in shards]


def refusal(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_three_shards_share_the_hash_keys_as_on_aws(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    assert open_ranges(kinesis, make_stream(3)) == [
        (0, 113427455640312821154458202477256070484),
        (113427455640312821154458202477256070485, 226854911280625642308916404954512140969),
        (226854911280625642308916404954512140970, 340282366920938463463374607431768211455),
    ]


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_ranges_touch_and_cover_everything(kinesis: Any, make_stream: Callable[[int], str], count: int) -> None:
    ranges = open_ranges(kinesis, make_stream(count))
    assert [ranges[0][0], ranges[-1][1]] == [0, TOP - 1]
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(ranges))
    assert len(ranges) == count


def test_a_split_closes_the_parent_and_opens_two_children(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(1)
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard(0), NewStartingHashKey=str(TOP // 2))
    parent, left, right = listed(kinesis, stream)
    assert "EndingSequenceNumber" in parent["SequenceNumberRange"]
    assert (
        parent["SequenceNumberRange"]["EndingSequenceNumber"] > parent["SequenceNumberRange"]["StartingSequenceNumber"]
    )
    for child, (first, last) in ((left, (0, TOP // 2 - 1)), (right, (TOP // 2, TOP - 1))):
        assert child["ParentShardId"] == shard(0)
        assert "AdjacentParentShardId" not in child
        assert "EndingSequenceNumber" not in child["SequenceNumberRange"]
        assert child["HashKeyRange"] == {"StartingHashKey": str(first), "EndingHashKey": str(last)}
    assert kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["OpenShardCount"] == 2
    answer = kinesis.put_record(StreamName=stream, Data=b"x", PartitionKey="k", ExplicitHashKey=str(TOP // 2))
    assert answer["ShardId"] == shard(2)


@pytest.mark.parametrize("key", [2, TOP - 2])
def test_a_split_is_possible_from_the_second_hash_key_to_the_last_but_one(
    kinesis: Any, make_stream: Callable[[int], str], key: int
) -> None:
    stream = make_stream(1)
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard(0), NewStartingHashKey=str(key))
    assert open_ranges(kinesis, stream) == [(0, key - 1), (key, TOP - 1)]


@pytest.mark.parametrize("key", [0, 1, TOP - 1, TOP])
def test_a_split_at_or_over_the_edge_is_refused(kinesis: Any, make_stream: Callable[[int], str], key: int) -> None:
    stream = make_stream(1)
    assert refusal(kinesis.split_shard, StreamName=stream, ShardToSplit="shard-0", NewStartingHashKey=str(key)) == (
        "InvalidArgumentException",
        f"NewStartingHashKey {key} used in SplitShard() on shard {shard(0)} in stream {stream} under account {ACCOUNT} "
        f"is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey "
        f"{TOP - 1}.",
    )


def test_a_closed_shard_is_neither_split_nor_merged(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(2)
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard(0), NewStartingHashKey="100")
    expected = (
        "InvalidArgumentException",
        f"Shard {shard(0)} in stream {stream} under account {ACCOUNT} has already been merged or split, "
        "and thus is not eligible for merging or splitting.",
    )
    assert refusal(kinesis.split_shard, StreamName=stream, ShardToSplit=shard(0), NewStartingHashKey="50") == expected
    request = {"StreamName": stream, "ShardToMerge": shard(0), "AdjacentShardToMerge": shard(1)}
    assert refusal(kinesis.merge_shards, **request) == expected


def test_an_unknown_shard_is_told(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(1)
    expected = (
        "ResourceNotFoundException",
        f"Could not find shard {shard(5)} in stream {stream} under account {ACCOUNT}.",
    )
    assert refusal(kinesis.split_shard, StreamName=stream, ShardToSplit="shardId-5", NewStartingHashKey="9") == expected
    request = {"StreamName": stream, "ShardToMerge": shard(0), "AdjacentShardToMerge": shard(5)}
    assert refusal(kinesis.merge_shards, **request) == expected


def test_a_merge_joins_two_adjacent_shards(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(4)
    kinesis.merge_shards(StreamName=stream, ShardToMerge=shard(0), AdjacentShardToMerge=shard(1))
    kinesis.merge_shards(StreamName=stream, ShardToMerge=shard(4), AdjacentShardToMerge=shard(2))
    *_, first, second = listed(kinesis, stream)
    assert (first["ParentShardId"], first["AdjacentParentShardId"]) == (shard(0), shard(1))
    assert (second["ParentShardId"], second["AdjacentParentShardId"]) == (shard(4), shard(2))
    assert open_ranges(kinesis, stream) == [(0, TOP // 4 * 3 - 1), (TOP // 4 * 3, TOP - 1)]


def test_shards_that_do_not_touch_are_not_merged(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(3)
    request = {"StreamName": stream, "ShardToMerge": shard(0), "AdjacentShardToMerge": shard(2)}
    assert refusal(kinesis.merge_shards, **request) == (
        "InvalidArgumentException",
        f"Shards {shard(0)} and {shard(2)} in stream {stream} under account {ACCOUNT} are not an adjacent pair of "
        "shards eligible for merging",
    )


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 4), (2, 3), (3, 2), (4, 2), (4, 5), (5, 3), (3, 3)])
def test_a_new_count_shares_the_hash_keys_equally(
    kinesis: Any, make_stream: Callable[[int], str], before: int, after: int
) -> None:
    stream = make_stream(before)
    answer = kinesis.update_shard_count(StreamName=stream, TargetShardCount=after, ScalingType="UNIFORM_SCALING")
    assert (answer["StreamName"], answer["CurrentShardCount"], answer["TargetShardCount"]) == (stream, before, after)
    starts = [TOP // after * i for i in range(after)]
    assert open_ranges(kinesis, stream) == list(zip(starts, [s - 1 for s in [*starts[1:], TOP]], strict=True))


def test_doubling_splits_each_shard_once(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(2)
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    shards = listed(kinesis, stream)
    assert [s.get("ParentShardId") for s in shards] == [None, None, shard(0), shard(0), shard(1), shard(1)]


def test_a_count_beyond_double_or_below_half_is_refused(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(4)
    up = {"StreamName": stream, "TargetShardCount": 9, "ScalingType": "UNIFORM_SCALING"}
    assert refusal(kinesis.update_shard_count, **up) == (
        "LimitExceededException",
        "UpdateShardCount cannot scale up over double your current open shard count. "
        "Current open shard count: 4, Target shard count: 9",
    )
    assert refusal(kinesis.update_shard_count, **{**up, "TargetShardCount": 1}) == (
        "LimitExceededException",
        "UpdateShardCount cannot scale down below half your current open shard count. "
        "Current open shard count: 4, Target shard count: 1",
    )
    kinesis.update_shard_count(**{**up, "TargetShardCount": 8})
    kinesis.update_shard_count(**{**up, "TargetShardCount": 4})


def test_the_count_changes_ten_times_a_day_at_most(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(1)
    for i in range(10):
        kinesis.update_shard_count(StreamName=stream, TargetShardCount=2 - i % 2, ScalingType="UNIFORM_SCALING")
    request = {"StreamName": stream, "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}
    assert refusal(kinesis.update_shard_count, **request)[0] == "LimitExceededException"


def test_a_reader_follows_a_split_from_parent_to_children(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(1)
    keys = [str(i) for i in range(40)]
    for key in keys[:20]:
        kinesis.put_record(StreamName=stream, Data=key.encode(), PartitionKey=key)
    kinesis.split_shard(StreamName=stream, ShardToSplit=shard(0), NewStartingHashKey=str(TOP // 2))
    for key in keys[20:]:
        kinesis.put_record(StreamName=stream, Data=key.encode(), PartitionKey=key)

    def start(shard_id: str) -> str:
        answer = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
        return str(answer["ShardIterator"])

    first = kinesis.get_records(ShardIterator=start(shard(0)), Limit=15)
    assert "ChildShards" not in first
    last = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert last.get("NextShardIterator") is None
    assert last["MillisBehindLatest"] == 0
    assert last["ChildShards"] == [
        {
            "ShardId": shard(number),
            "ParentShards": [shard(0)],
            "HashKeyRange": {"StartingHashKey": str(low), "EndingHashKey": str(high)},
        }
        for number, low, high in ((1, 0, TOP // 2 - 1), (2, TOP // 2, TOP - 1))
    ]
    parent = [r["PartitionKey"] for r in first["Records"] + last["Records"]]
    children = [
        record["PartitionKey"]
        for child in last["ChildShards"]
        for record in kinesis.get_records(ShardIterator=start(child["ShardId"]))["Records"]
    ]
    assert parent == keys[:20]
    assert sorted(children) == sorted(keys[20:])


def test_shards_are_listed_in_pages(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(5)
    first = kinesis.list_shards(StreamName=stream, MaxResults=2)
    second = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=2)
    third = kinesis.list_shards(NextToken=second["NextToken"])
    assert [numbers(page["Shards"]) for page in (first, second, third)] == [[0, 1], [2, 3], [4]]
    assert "NextToken" not in third
    assert numbers(listed(kinesis, stream, ExclusiveStartShardId=shard(2))) == [3, 4]


def test_a_page_token_and_a_stream_exclude_each_other(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(2)
    token = kinesis.list_shards(StreamName=stream, MaxResults=1)["NextToken"]
    assert refusal(kinesis.list_shards, StreamName=stream, NextToken=token) == (
        "InvalidArgumentException",
        "NextToken and StreamName cannot be provided together.",
    )
    assert refusal(kinesis.list_shards) == (
        "InvalidArgumentException",
        "Either NextToken or StreamName should be provided.",
    )
    assert refusal(kinesis.list_shards, NextToken="made-up")[0] == "InvalidArgumentException"


def test_describe_stream_pages_too(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(150)
    first = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert (len(first["Shards"]), first["HasMoreShards"]) == (100, True)
    rest = kinesis.describe_stream(StreamName=stream, ExclusiveStartShardId=shard(99))["StreamDescription"]
    assert (numbers(rest["Shards"]), rest["HasMoreShards"]) == (list(range(100, 150)), False)
    pages = kinesis.get_paginator("describe_stream").paginate(StreamName=stream, PaginationConfig={"PageSize": 40})
    assert [n for page in pages for n in numbers(page["StreamDescription"]["Shards"])] == list(range(150))


def test_filters_choose_shards_by_the_time_they_were_open(kinesis: Any, make_stream: Callable[[int], str]) -> None:
    stream = make_stream(2)
    created = kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamCreationTimestamp"]
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=1, ScalingType="UNIFORM_SCALING")

    def chosen(**wanted: Any) -> list[int]:
        return numbers(listed(kinesis, stream, ShardFilter=wanted))

    assert chosen(Type="FROM_TRIM_HORIZON") == [0, 1, 2]
    assert chosen(Type="AT_TRIM_HORIZON") == [0, 1]
    assert chosen(Type="AT_LATEST") == [2]
    assert chosen(Type="AFTER_SHARD_ID", ShardId=shard(0)) == [1, 2]
    assert chosen(Type="AT_TIMESTAMP", Timestamp=created.timestamp() - 60) == [0, 1]
    assert chosen(Type="FROM_TIMESTAMP", Timestamp=created.timestamp() - 60) == [0, 1, 2]
    assert chosen(Type="AT_TIMESTAMP", Timestamp=created.timestamp() + 60) == [2]
    assert chosen(Type="FROM_TIMESTAMP", Timestamp=created.timestamp() + 60) == [2]


@pytest.mark.parametrize("kind", ["AFTER_SHARD_ID", "AT_TIMESTAMP", "FROM_TIMESTAMP"])
def test_a_filter_without_its_value_is_refused(kinesis: Any, make_stream: Callable[[int], str], kind: str) -> None:
    code, _ = refusal(kinesis.list_shards, StreamName=make_stream(1), ShardFilter={"Type": kind})
    assert code == "InvalidArgumentException"
