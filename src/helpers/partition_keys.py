"""Which shard a partition key lands on, worked out without a stream.

Kinesis takes the MD5 of the key as a 128-bit number, and each shard owns a range of these numbers:
https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html#partition-key
"""

from __future__ import annotations

import hashlib

import pandas as pd

HASH_KEYS = 2**128


def hash_key(partition_key: str) -> int:
    """Return the 128-bit number that Kinesis makes of a partition key: its MD5, read as big-endian."""
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest(), "big")


def hash_ranges(shard_count: int) -> list[tuple[int, int]]:
    """Return first and last hash key of each shard of a new stream, as CreateStream splits them.

    All shards get 2^128 // `shard_count` keys, and the last one the remainder as well.
    """
    size = HASH_KEYS // shard_count
    starts = [i * size for i in range(shard_count)]
    return list(zip(starts, [start - 1 for start in starts[1:]] + [HASH_KEYS - 1], strict=True))


def shard_of(partition_key: str, shard_count: int) -> int:
    """Return the index of the key's shard, from 0, in a stream that was never resharded."""
    return min(hash_key(partition_key) // (HASH_KEYS // shard_count), shard_count - 1)


def shard_shares(keys: pd.Series, shard_count: int) -> pd.Series:
    """Return the share of the records that each shard would get.

    Parameters
    ----------
    keys
        One partition key a record, of any type: its text is the key. All missing ones count as one
        key, `""`; Kinesis itself refuses an empty key, so `helpers.replay` sends such events by user.
    shard_count
        Shards of the stream.

    Returns
    -------
    Series
        float64, sums to 1, indexed by shard id (`shardId-000000000000`), shards without records included.
    """
    counts = keys.astype("str").fillna("").value_counts()
    shards = counts.index.map(lambda key: shard_of(key, shard_count))
    ids = [f"shardId-{i:012d}" for i in range(shard_count)]
    per_shard = counts.groupby(shards).sum().reindex(range(shard_count), fill_value=0)
    return pd.Series(per_shard.to_numpy() / len(keys), index=pd.Index(ids, name="shard"), name="share")
