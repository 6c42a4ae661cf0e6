"""Partition keys and shards, against AWS's own numbers and the local AWS's arithmetic."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.partition_keys import HASH_KEYS, hash_key, hash_ranges, shard_of, shard_shares


def test_hash_key_is_the_md5_as_a_number() -> None:
    assert hash_key("a") == 0x0CC175B9C0F1B6A831C399E269772661
    assert hash_key("") == 0xD41D8CD98F00B204E9800998ECF8427E


def test_hash_ranges_as_aws_splits_them() -> None:
    # The ranges of describe-stream in the Kinesis developer guide.
    assert hash_ranges(1) == [(0, 340282366920938463463374607431768211455)]
    assert hash_ranges(3) == [
        (0, 113427455640312821154458202477256070484),
        (113427455640312821154458202477256070485, 226854911280625642308916404954512140969),
        (226854911280625642308916404954512140970, 340282366920938463463374607431768211455),
    ]


@given(st.text(max_size=20), st.integers(1, 500))
def test_every_key_lies_in_the_range_of_its_shard(key: str, shard_count: int) -> None:
    first, last = hash_ranges(shard_count)[shard_of(key, shard_count)]
    assert first <= hash_key(key) <= last


@given(st.integers(1, 2000))
def test_ranges_cover_all_keys_without_gap(shard_count: int) -> None:
    ranges = hash_ranges(shard_count)
    assert ranges[0][0] == 0 and ranges[-1][1] == HASH_KEYS - 1
    assert all(end + 1 == start for (_, end), (start, _) in pairwise(ranges))


def test_shares_count_records_not_keys() -> None:
    keys = pd.Series(["hot"] * 9 + ["cold"])
    shares = shard_shares(keys, 2)
    expected = [0.0, 0.0]
    for key in keys:
        expected[shard_of(key, 2)] += 0.1
    assert shares.tolist() == pytest.approx(expected)
    assert shares.index.tolist() == ["shardId-000000000000", "shardId-000000000001"]


def test_shares_of_numbers_and_missing_keys_are_those_of_their_text() -> None:
    numbers, texts = pd.Series([2**62 + 1, 5, 5]), pd.Series([str(2**62 + 1), "5", "5"])
    pd.testing.assert_series_equal(shard_shares(numbers, 4), shard_shares(texts, 4))
    missing = shard_shares(pd.Series([None, "a"], dtype="str"), 4)
    pd.testing.assert_series_equal(missing, shard_shares(pd.Series(["", "a"]), 4))


def test_shards_without_records_have_share_zero() -> None:
    assert shard_shares(pd.Series(["one"]), 16).tolist().count(0.0) == 15
