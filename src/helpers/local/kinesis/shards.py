"""ListShards, and the actions that change the shards of a stream."""

from __future__ import annotations

import base64
import binascii
import json
from itertools import pairwise
from typing import Any

from ministack.core.responses import get_account_id

from helpers.local.kinesis import sequence
from helpers.local.kinesis.api_errors import ApiError, invalid_argument, on_demand
from helpers.local.kinesis.stored import (
    Shard,
    Stream,
    check_shard_quota,
    find_shard,
    find_stream,
    is_on_demand,
    is_open,
    new_shard,
    now_millis,
    open_shards,
    reroute,
    shard_number,
    stream_called,
    uniform_bounds,
)
from helpers.local.kinesis.validation import check

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html
MAX_LISTED = 1000
TOKEN_MILLIS = 300_000
# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
COUNT_CHANGES_A_DAY = 10
MAX_SHARDS = 10_000
_DAY_MILLIS = 86_400_000


def described(shard_id: str, shard: Shard) -> dict[str, Any]:
    """Return a shard as listings show it."""
    numbers = {"StartingSequenceNumber": shard["starting_sequence_number"]}
    if not is_open(shard):
        numbers["EndingSequenceNumber"] = shard["ending_sequence_number"]
    members: dict[str, Any] = {
        "ShardId": shard_id,
        "HashKeyRange": {"StartingHashKey": shard["starting_hash_key"], "EndingHashKey": shard["ending_hash_key"]},
        "SequenceNumberRange": numbers,
    }
    if shard["parent_shard_id"]:
        members["ParentShardId"] = shard["parent_shard_id"]
    if shard["adjacent_parent_shard_id"]:
        members["AdjacentParentShardId"] = shard["adjacent_parent_shard_id"]
    return members


def list_shards(request: dict[str, Any]) -> dict[str, Any]:
    check("ListShards", request)
    token = request.get("NextToken")
    named = "StreamName" in request or "StreamARN" in request
    if token is None and not named:
        raise invalid_argument("Either NextToken or StreamName should be provided.")
    if token is not None and named:
        raise invalid_argument("NextToken and StreamName cannot be provided together.")
    if token is not None:
        name, after, wanted = _redeem(token)
        stream = stream_called(name)
    else:
        stream = find_stream(request)
        after, wanted = request.get("ExclusiveStartShardId", ""), request.get("ShardFilter")
    shards = [(key, shard) for key, shard in stream["shards"].items() if key > after]
    if wanted is not None:
        shards = [(key, shard) for key, shard in shards if _passes(wanted, stream, key, shard)]
    page = shards[: min(request.get("MaxResults", MAX_LISTED), MAX_LISTED)]
    answer: dict[str, Any] = {"Shards": [described(key, shard) for key, shard in page]}
    if len(shards) > len(page):
        answer["NextToken"] = _token(stream["StreamName"], page[-1][0], wanted)
    return answer


def split_shard(request: dict[str, Any]) -> dict[str, Any]:
    check("SplitShard", request)
    stream = find_stream(request)
    shard_id, shard = find_shard(stream, request["ShardToSplit"])
    if is_on_demand(stream):
        raise on_demand(stream["StreamName"])
    _check_open(stream, shard_id, shard)
    at = int(request["NewStartingHashKey"])
    first, last = int(shard["starting_hash_key"]), int(shard["ending_hash_key"])
    if not first + 1 < at < last:
        raise invalid_argument(
            f"NewStartingHashKey {at} used in SplitShard() on shard {shard_id} in stream {stream['StreamName']} "
            f"under account {get_account_id()} is not both greater than one plus the shard's StartingHashKey {first} "
            f"and less than the shard's EndingHashKey {last}."
        )
    check_shard_quota(1)
    _split(stream, shard_id, at)
    return {}


def merge_shards(request: dict[str, Any]) -> dict[str, Any]:
    check("MergeShards", request)
    stream = find_stream(request)
    pair = [find_shard(stream, request[member]) for member in ("ShardToMerge", "AdjacentShardToMerge")]
    if is_on_demand(stream):
        raise on_demand(stream["StreamName"])
    for shard_id, shard in pair:
        _check_open(stream, shard_id, shard)
    (first_id, first), (second_id, second) = pair
    if not (_touch(first, second) or _touch(second, first)):
        raise invalid_argument(
            f"Shards {first_id} and {second_id} in stream {stream['StreamName']} under account {get_account_id()} "
            "are not an adjacent pair of shards eligible for merging"
        )
    _merge(stream, first_id, second_id)
    return {}


def update_shard_count(request: dict[str, Any]) -> dict[str, Any]:
    """Split and merge until the wanted number of shards share the hash keys equally."""
    check("UpdateShardCount", request)
    stream = find_stream(request)
    if is_on_demand(stream):
        raise on_demand(stream["StreamName"])
    current, target = len(open_shards(stream)), request["TargetShardCount"]
    _check_target(stream, current, target)
    stream["count_changes"] = [*_changes_today(stream), now_millis()]
    _reshard(stream, target)
    return {
        "StreamName": stream["StreamName"],
        "CurrentShardCount": current,
        "TargetShardCount": target,
        "StreamARN": stream["StreamARN"],
    }


def _check_target(stream: Stream, current: int, target: int) -> None:
    counts = f"Current open shard count: {current}, Target shard count: {target}"
    problem = None
    if target > MAX_SHARDS:
        problem = f"Target shard count or number of open shards cannot be greater than {MAX_SHARDS}. {counts}"
    elif target > 2 * current:
        problem = f"UpdateShardCount cannot scale up over double your current open shard count. {counts}"
    elif 2 * target < current:
        problem = f"UpdateShardCount cannot scale down below half your current open shard count. {counts}"
    elif len(_changes_today(stream)) >= COUNT_CHANGES_A_DAY:
        problem = (
            f"UpdateShardCount cannot be called more than {COUNT_CHANGES_A_DAY} times in a rolling 24-hour period "
            f"for stream {stream['StreamName']}."
        )
    if problem is not None:
        raise ApiError("LimitExceededException", problem)
    check_shard_quota(max(0, target - current))


def _changes_today(stream: Stream) -> list[int]:
    return [moment for moment in stream.get("count_changes", []) if moment > now_millis() - _DAY_MILLIS]


def _reshard(stream: Stream, target: int) -> None:
    bounds = uniform_bounds(target)
    for bound in bounds[:-1]:
        shard_id, shard = _open_at(stream, bound)
        if int(shard["starting_hash_key"]) != bound:
            _split(stream, shard_id, bound)
    for bound, next_bound in pairwise(bounds):
        shard_id, shard = _open_at(stream, bound)
        while int(shard["ending_hash_key"]) + 1 < next_bound:
            _merge(stream, shard_id, _open_at(stream, int(shard["ending_hash_key"]) + 1)[0])
            shard_id, shard = _open_at(stream, bound)


def _open_at(stream: Stream, hash_key: int) -> tuple[str, Shard]:
    return next(
        (shard_id, shard)
        for shard_id, shard in open_shards(stream).items()
        if int(shard["starting_hash_key"]) <= hash_key <= int(shard["ending_hash_key"])
    )


def _split(stream: Stream, shard_id: str, at: int) -> None:
    shard = stream["shards"][shard_id]
    now = now_millis()
    number = _next_number(stream)
    first, last = int(shard["starting_hash_key"]), int(shard["ending_hash_key"])
    children = [new_shard(number, first, at - 1, now, shard_id), new_shard(number + 1, at, last, now, shard_id)]
    _replace(stream, [shard_id], children, now)


def _merge(stream: Stream, shard_id: str, adjacent_id: str) -> None:
    pair = [stream["shards"][shard_id], stream["shards"][adjacent_id]]
    now = now_millis()
    first = min(int(shard["starting_hash_key"]) for shard in pair)
    last = max(int(shard["ending_hash_key"]) for shard in pair)
    _replace(
        stream, [shard_id, adjacent_id], [new_shard(_next_number(stream), first, last, now, shard_id, adjacent_id)], now
    )


def _replace(stream: Stream, parents: list[str], children: list[tuple[str, Shard]], now: int) -> None:
    for shard_id in parents:
        shard = stream["shards"][shard_id]
        begun = sequence.parse(shard["starting_sequence_number"])
        shard["ending_sequence_number"] = str(
            sequence.Sequence(begun.created_seconds, begun.shard, sequence.LAST_PLACE, now // 1000)
        )
        shard["closed"] = now
    stream["last_number"] = shard_number(children[-1][0])
    # A new dictionary: others may be iterating over the old one.
    stream["shards"] = {**stream["shards"], **dict(children)}
    reroute(stream)
    for shard_id in parents:
        stream["shards"][shard_id]["records"].wake()


def _next_number(stream: Stream) -> int:
    # A number is not given twice, though its shard may have expired.
    newest = max(shard_number(shard_id) for shard_id in stream["shards"])
    return int(max(newest, stream.get("last_number", 0))) + 1


def _touch(lower: Shard, upper: Shard) -> bool:
    return int(lower["ending_hash_key"]) + 1 == int(upper["starting_hash_key"])


def _check_open(stream: Stream, shard_id: str, shard: Shard) -> None:
    if not is_open(shard):
        raise invalid_argument(
            f"Shard {shard_id} in stream {stream['StreamName']} under account {get_account_id()} has already been "
            "merged or split, and thus is not eligible for merging or splitting."
        )


def _passes(wanted: dict[str, Any], stream: Stream, shard_id: str, shard: Shard) -> bool:
    kind = wanted["Type"]
    if kind == "AFTER_SHARD_ID":
        if "ShardId" not in wanted:
            raise invalid_argument("ShardId must be specified for a shard filter of type AFTER_SHARD_ID.")
        return bool(shard_id > wanted["ShardId"])
    if kind == "FROM_TRIM_HORIZON":
        return True
    if kind == "AT_LATEST":
        return is_open(shard)
    # At the trim horizon of a young stream its first shards are open, however short they lived.
    horizon = max(
        now_millis() - stream["RetentionPeriodHours"] * 3_600_000, min(s["created"] for s in stream["shards"].values())
    )
    moment = horizon
    if kind in ("AT_TIMESTAMP", "FROM_TIMESTAMP"):
        if "Timestamp" not in wanted:
            raise invalid_argument(f"Timestamp must be specified for a shard filter of type {kind}.")
        moment = max(horizon, int(wanted["Timestamp"] * 1000))
    alive = is_open(shard) or bool(shard["closed"] >= moment)
    return alive if kind == "FROM_TIMESTAMP" else alive and bool(shard["created"] <= moment)


def _token(stream: str, after: str, wanted: dict[str, Any] | None) -> str:
    return base64.b64encode(json.dumps([now_millis(), stream, after, wanted]).encode()).decode("ascii")


def _redeem(token: str) -> tuple[str, str, dict[str, Any] | None]:
    try:
        issued, stream, after, wanted = json.loads(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid_argument("Invalid NextToken.") from error
    if now_millis() - issued > TOKEN_MILLIS:
        raise ApiError("ExpiredNextTokenException", "NextToken has expired. Tokens expire after 300 seconds.")
    return stream, after, wanted
