"""GetShardIterator and GetRecords."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id

from helpers.local.kinesis import iterators, sequence
from helpers.local.kinesis.api_errors import ApiError, invalid_argument, shard_does_not_exist, shard_not_found
from helpers.local.kinesis.shard_log import Record
from helpers.local.kinesis.stored import (
    Shard,
    Stream,
    find_stream,
    is_open,
    now_millis,
    refuse_if_dry_run,
    shard_number,
    stream_called,
    stream_name_of,
)
from helpers.local.kinesis.validation import check
from helpers.local.kinesis.wire import Timestamp

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
MAX_RECORDS = 10_000
MAX_ANSWER_BYTES = 10 * 2**20


def get_shard_iterator(request: dict[str, Any]) -> dict[str, Any]:
    """Return an iterator at a place of a shard."""
    check("GetShardIterator", request)
    stream, shard_id, shard = _shard_to_read(request)
    place = start_place(
        stream["StreamName"],
        shard_id,
        shard,
        request["ShardIteratorType"],
        request.get("StartingSequenceNumber"),
        request.get("Timestamp"),
    )
    refuse_if_dry_run(request)
    return {"ShardIterator": iterators.issue(stream["StreamName"], shard_id, place)}


def get_records(request: dict[str, Any]) -> dict[str, Any]:
    """Return the records from an iterator's place on, and an iterator at the place after them."""
    check("GetRecords", request)
    iterator = iterators.redeem(request["ShardIterator"])
    try:
        stream = stream_called(iterator.stream)
        shard = stream["shards"][iterator.shard_id]
    except (ApiError, KeyError) as error:
        raise shard_does_not_exist(iterator.shard_id, iterator.stream) from error
    refuse_if_dry_run(request)
    log = shard["records"]
    place = max(iterator.place, log.start)
    records = log.read(place, request.get("Limit", MAX_RECORDS), MAX_ANSWER_BYTES)
    after = min(place + len(records), log.end) if records else min(place, log.end)
    answer: dict[str, Any] = {
        "Records": [shown(stream, record) for record in records],
        "MillisBehindLatest": millis_behind_latest(shard, after),
    }
    if after == log.end and not is_open(shard):
        return {**answer, "NextShardIterator": None, "ChildShards": child_shards(stream, iterator.shard_id)}
    return {**answer, "NextShardIterator": iterators.issue(iterator.stream, iterator.shard_id, after)}


def start_place(
    stream: str, shard_id: str, shard: Shard, kind: str, number: str | None, moment_seconds: float | None
) -> int:
    """Return the place in a shard where a reader starts.

    Parameters
    ----------
    kind
        A `ShardIteratorType`.
    number
        Sequence number, for the two kinds that need one.
    moment_seconds
        Seconds since the epoch, for `AT_TIMESTAMP`.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if kind, number and moment do not fit together, the number is not
        one of this shard, or the moment lies in the future.
    """
    log = shard["records"]
    if kind == "AT_TIMESTAMP":
        return int(log.place_at(_moment(moment_seconds)))
    if (number is None) != (kind in ("TRIM_HORIZON", "LATEST")):
        given = "no StartingSequenceNumber" if number is None else "also a StartingSequenceNumber"
        raise invalid_argument(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or "
            f"(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and {given}."
        )
    if kind == "TRIM_HORIZON":
        return int(log.start)
    if kind == "LATEST":
        return int(log.end)
    # The record of sequence place n is the n-th, and stands at n - 1.
    place = _sequence_place(stream, shard_id, shard, number or "")
    return min(place if kind == "AFTER_SEQUENCE_NUMBER" else max(place - 1, 0), int(log.end))


def millis_behind_latest(shard: Shard, place: int) -> int:
    """Return how long ago the record before `place` arrived, 0 at the tip of the shard."""
    log = shard["records"]
    if place >= log.end:
        return 0
    return max(1, now_millis() - int(log.arrival_of(max(place - 1, log.start))))


def child_shards(stream: Stream, shard_id: str) -> list[dict[str, Any]]:
    """Return the shards that took over from a closed one, as `ChildShards`."""
    return [
        {
            "ShardId": child_id,
            "ParentShards": [p for p in (child["parent_shard_id"], child["adjacent_parent_shard_id"]) if p],
            "HashKeyRange": {
                "StartingHashKey": child["starting_hash_key"],
                "EndingHashKey": child["ending_hash_key"],
            },
        }
        for child_id, child in stream["shards"].items()
        if shard_id in (child["parent_shard_id"], child["adjacent_parent_shard_id"])
    ]


def shown(stream: Stream, record: Record) -> dict[str, Any]:
    """Return a record as readers get it."""
    members: dict[str, Any] = {
        "SequenceNumber": record.sequence_number,
        "ApproximateArrivalTimestamp": Timestamp(record.arrival),
        "Data": record.data,
        "PartitionKey": record.key,
    }
    if stream.get("EncryptionType", "NONE") != "NONE":
        members["EncryptionType"] = stream["EncryptionType"]
    return members


def _shard_to_read(request: dict[str, Any]) -> tuple[Stream, str, Shard]:
    asked = request["ShardId"]
    name = request.get("StreamName") or (stream_name_of(request["StreamARN"]) if "StreamARN" in request else None)
    try:
        shard_id = f"shardId-{shard_number(asked):012d}"
    except ValueError as error:
        raise shard_not_found(asked, str(name)) from error
    try:
        stream = find_stream(request)
    except ApiError as error:
        if error.code != "ResourceNotFoundException":
            raise
        raise shard_does_not_exist(shard_id, str(name)) from error
    shard = stream["shards"].get(shard_id)
    if shard is None:
        raise shard_does_not_exist(shard_id, stream["StreamName"])
    return stream, shard_id, shard


def _moment(seconds: float | None) -> int:
    if seconds is None:
        raise invalid_argument(
            "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. "
            "Current request has no timestamp parameter."
        )
    moment, now = int(seconds * 1000), now_millis()
    if moment > now:
        raise invalid_argument(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {moment}, currentTimestampInMillis: {now}"
        )
    return moment


def _sequence_place(stream: str, shard_id: str, shard: Shard, number: str) -> int:
    used = (
        f"StartingSequenceNumber {number} used in GetShardIterator on shard {shard_id} in stream {stream} "
        f"under account {get_account_id()} is invalid"
    )
    try:
        found = sequence.parse(number)
    except ValueError as error:
        raise invalid_argument(f"{used}.") from error
    if found.shard != shard_number(shard_id):
        raise invalid_argument(
            f"Invalid StartingSequenceNumber. It encodes shardId-{found.shard:012d}, "
            f"while it was used in a call to a shard with {shard_id}"
        )
    if found.created_seconds != sequence.parse(shard["starting_sequence_number"]).created_seconds:
        raise invalid_argument(f"{used} because it did not come from this stream.")
    return found.place
