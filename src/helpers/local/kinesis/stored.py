"""Streams and shards as they are kept: in the emulator's own store, in its shape.

Other parts of the emulator (Lambda's event source mappings, CloudFormation) find them there.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import kinesis as emulator

from helpers.local.kinesis import sequence
from helpers.local.kinesis.api_errors import (
    dry_run,
    invalid_argument,
    shard_limit,
    shard_not_found,
    stream_not_found,
)
from helpers.local.kinesis.shard_log import ShardLog

Stream = dict[str, Any]
Shard = dict[str, Any]

HASH_KEYS = 2**128
DEFAULT_RETENTION_HOURS = 24
DEFAULT_RECORD_KIB = 1024
# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
_SHARD_QUOTA = {"us-east-1": 20_000, "us-west-2": 20_000, "eu-west-1": 20_000}
_SHARD_QUOTA_ELSEWHERE = 1_000


def now_millis() -> int:
    return time.time_ns() // 1_000_000


def all_streams() -> dict[str, Stream]:
    """Return the streams of the calling account and region, by name."""
    return {name: emulator._streams[name] for name in sorted(emulator._streams.keys())}


def find_stream(request: dict[str, Any]) -> Stream:
    """Return the stream that a request names, by name or ARN.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if it names none or two, `ResourceNotFoundException` if there is
        no such stream.
    """
    name, arn = request.get("StreamName"), request.get("StreamARN")
    if name is None and arn is None:
        raise invalid_argument("Either StreamName or StreamARN must be provided.")
    if arn is None:
        return stream_called(str(name))
    named = stream_name_of(arn)
    if name is not None and name != named:
        raise invalid_argument(f"StreamARN {arn} does not match StreamName {name}.")
    return stream_called(named)


def stream_called(name: str) -> Stream:
    """Return a stream by name, without what its retention period has ended.

    Raises
    ------
    ApiError
        `ResourceNotFoundException` if there is no such stream.
    """
    stream: Stream | None = emulator._streams.get(name)
    if stream is None:
        raise stream_not_found(name)
    expire(stream)
    return stream


def stream_name_of(arn: str) -> str:
    """Return the name in the ARN of a stream, or of one of its consumers.

    Raises
    ------
    ApiError
        `ResourceNotFoundException` if the ARN is of another account or region.
    """
    fields = arn.split(":", 5)
    name = fields[5].split("/")[1]
    if fields[3] != get_region() or fields[4] != get_account_id():
        raise stream_not_found(name)
    return name


def stream_arn(name: str) -> str:
    return f"arn:aws:kinesis:{get_region()}:{get_account_id()}:stream/{name}"


def is_on_demand(stream: Stream) -> bool:
    return bool(stream["StreamModeDetails"]["StreamMode"] == "ON_DEMAND")


def record_limit_bytes(stream: Stream) -> int:
    """Return how large a record's data and key may be together."""
    return int(stream.get("MaxRecordSizeInKiB", DEFAULT_RECORD_KIB)) * 1024


def new_shards(count: int) -> dict[str, Shard]:
    """Return the first shards of a stream, with the hash keys shared out as AWS does."""
    now = now_millis()
    bounds = uniform_bounds(count)
    return dict(new_shard(i, bounds[i], bounds[i + 1] - 1, now) for i in range(count))


def uniform_bounds(count: int) -> list[int]:
    """Return where each of `count` equal ranges of hash keys starts, and where the last one ends."""
    return [HASH_KEYS // count * i for i in range(count)] + [HASH_KEYS]


def new_shard(
    number: int, first: int, last: int, created: int, parent: str | None = None, adjacent: str | None = None
) -> tuple[str, Shard]:
    """Return a shard and its id.

    Parameters
    ----------
    number
        The shard's number in its stream.
    first, last
        Hash keys that it takes, both included.
    created
        When, in milliseconds since the epoch.
    parent, adjacent
        Ids of the shards that it comes from.
    """
    seconds = created // 1000
    return f"shardId-{number:012d}", {
        "records": ShardLog(seconds, number),
        "starting_hash_key": str(first),
        "ending_hash_key": str(last),
        "starting_sequence_number": str(sequence.Sequence(seconds, number, 0, seconds)),
        "ending_sequence_number": None,
        "parent_shard_id": parent,
        "adjacent_parent_shard_id": adjacent,
        "created": created,
        "closed": None,
    }


def shard_number(shard_id: str) -> int:
    """Return the number in a shard's id; AWS takes `7` and `any-7` for `shardId-000000000007`.

    Raises
    ------
    ValueError
        If there is no number of 31 bits in it.
    """
    digits = shard_id.split("-")[1] if "-" in shard_id else shard_id
    if not re.fullmatch(r"[0-9]+", digits) or int(digits) >= 2**31:
        raise ValueError(f"not a shard: {shard_id}")
    return int(digits)


def find_shard(stream: Stream, shard_id: str) -> tuple[str, Shard]:
    """Return a shard to split or merge, and its full id.

    Raises
    ------
    ApiError
        `ResourceNotFoundException` if there is no such shard.
    """
    try:
        full = f"shardId-{shard_number(shard_id):012d}"
    except ValueError as error:
        raise shard_not_found(shard_id, stream["StreamName"]) from error
    shard = stream["shards"].get(full)
    if shard is None:
        raise shard_not_found(full, stream["StreamName"])
    return full, shard


def is_open(shard: Shard) -> bool:
    return shard.get("closed") is None


def open_shards(stream: Stream) -> dict[str, Shard]:
    """Return the shards that take records, by id."""
    return {shard_id: shard for shard_id, shard in stream["shards"].items() if is_open(shard)}


def check_shard_quota(additional: int) -> None:
    """Raise `LimitExceededException` if the account may not have so many more shards."""
    current = sum(len(open_shards(stream)) for stream in all_streams().values())
    quota = shard_quota()
    if current + additional > quota:
        raise shard_limit(current, quota, additional)


def shard_quota() -> int:
    return _SHARD_QUOTA.get(get_region(), _SHARD_QUOTA_ELSEWHERE)


@dataclass(frozen=True)
class Routes:
    """Which shard takes which hash keys: the open shards in the order of their ranges."""

    firsts: list[int]
    shard_ids: list[str]
    logs: list[ShardLog]

    def of(self, hash_key: int) -> int:
        """Return the place, in the lists, of the shard that takes `hash_key`."""
        return bisect_right(self.firsts, hash_key) - 1


def routes(stream: Stream) -> Routes:
    """Return the routes of a stream; kept until `reroute`."""
    kept: Routes | None = stream.get("routes")
    if kept is None:
        ordered = sorted(open_shards(stream).items(), key=lambda item: int(item[1]["starting_hash_key"]))
        kept = stream["routes"] = Routes(
            [int(shard["starting_hash_key"]) for _, shard in ordered],
            [shard_id for shard_id, _ in ordered],
            [shard["records"] for _, shard in ordered],
        )
    return kept


def reroute(stream: Stream) -> None:
    """Forget the routes, after the shards have changed."""
    stream.pop("routes", None)


def expire(stream: Stream) -> None:
    """Forget the records that are older than the retention period, and closed shards without any."""
    oldest = now_millis() - stream["RetentionPeriodHours"] * 3_600_000
    gone = []
    for shard_id, shard in stream["shards"].items():
        shard["records"].forget_before(oldest)
        if not is_open(shard) and shard["closed"] < oldest:
            gone.append(shard_id)
    if gone:
        # A new dictionary: others may be iterating over the old one.
        stream["shards"] = {key: shard for key, shard in stream["shards"].items() if key not in gone}


def refuse_if_dry_run(request: dict[str, Any]) -> None:
    """Raise the error that answers a request which was only to be checked."""
    if request.get("DryRun"):
        raise dry_run()
