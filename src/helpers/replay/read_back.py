"""Read a stream back, shard by shard, to hold what arrived against what was sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from functions.shared.kpl import user_records
from helpers.replay.shards import list_shards
from helpers.replay.ticks import is_tick

# GetRecords answers 5 times a second for each shard:
# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
_PAUSE_SECONDS = 0.2


def count_records(kinesis: Any, stream: str, since: datetime | None = None) -> dict[str, int]:
    """Count the records of each shard, closed shards included; the ticks of a replay are no traffic.

    Parameters
    ----------
    kinesis
        boto3 client.
    stream
        Name of the stream.
    since
        Count only what arrived from this time on; None for all that the stream still keeps.

    Returns
    -------
    dict
        Records by shard id, in the order of the ids.
    """
    ids = [shard["ShardId"] for shard in list_shards(kinesis, stream)]
    return {shard: sum(1 for _ in read_shard(kinesis, stream, shard, since)) for shard in ids}


def read_shard(
    kinesis: Any,
    stream: str,
    shard: str,
    since: datetime | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[dict[str, Any]]:
    """Hand out a shard's records, as GetRecords gives them, until its tip or its end.

    The ticks of a replay are left out, and what the Kinesis Producer Library has put together is taken apart: each
    record in it has its own data and partition key, and the sequence number of the whole.

    An empty answer is no tip: only `MillisBehindLatest` of 0, or no next iterator, is.
    """
    start = {"ShardIteratorType": "TRIM_HORIZON"} if since is None else {
        "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": since
    }  # fmt: skip
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)["ShardIterator"]
    while iterator:
        try:
            answer = kinesis.get_records(ShardIterator=iterator, Limit=10_000)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ProvisionedThroughputExceededException":
                raise
            sleep(_PAUSE_SECONDS)
            continue
        for record in answer["Records"]:
            for key, data in user_records(record["Data"], record["PartitionKey"]):
                if not is_tick(data):
                    yield record | {"PartitionKey": key, "Data": data}
        if answer["MillisBehindLatest"] == 0:
            return
        iterator = answer.get("NextShardIterator")
