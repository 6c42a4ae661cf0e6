"""PutRecord and PutRecords."""

from __future__ import annotations

import logging
import sys
from hashlib import md5
from typing import Any

from ministack.core.concurrency import esm_wake

from helpers.local.kinesis.api_errors import ApiError, invalid_argument, violation
from helpers.local.kinesis.stored import (
    HASH_KEYS,
    Routes,
    Stream,
    find_stream,
    now_millis,
    record_limit_bytes,
    refuse_if_dry_run,
    routes,
    stream_called,
    stream_name_of,
)
from helpers.local.kinesis.validation import check
from helpers.local.kinesis.wire import blob

logger = logging.getLogger(__name__)

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
MAX_RECORDS = 500
MAX_REQUEST_BYTES = 10 * 2**20
MAX_KEY_CHARACTERS = 256


def put_record(request: dict[str, Any]) -> dict[str, Any]:
    """Add one record to the shard that takes its partition key's hash."""
    check("PutRecord", request)
    _check_keys(request, "")
    stream = find_stream(request)
    key, data = request["PartitionKey"].encode(), blob(request["Data"])
    if len(key) + len(data) > record_limit_bytes(stream):
        raise _too_large("data", record_limit_bytes(stream))
    refuse_if_dry_run(request)
    chosen = routes(stream)
    at = chosen.of(_hash_key(request, key))
    number = chosen.logs[at].append([(key, data)], now_millis())[0]
    _tell(stream, [(request["PartitionKey"], data)])
    return {"ShardId": chosen.shard_ids[at], "SequenceNumber": number, **_encryption(stream)}


def put_records(request: dict[str, Any]) -> dict[str, Any]:
    """Add up to 500 records; those of one shard stay in their order."""
    check("PutRecords", request, skip=frozenset({"Records"}))
    records = request.get("Records")
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_RECORDS:
        check("PutRecords", request)
        raise violation("null at 'records'", "Member must not be null")
    stream = find_stream(request)
    limit = record_limit_bytes(stream)
    chosen = routes(stream)
    shares: list[list[tuple[bytes, bytes]]] = [[] for _ in chosen.logs]
    placed: list[tuple[int, int]] = []
    total = 0
    checked = False
    for i, record in enumerate(records, 1):
        # Checking each record against the service model would cost more than all the rest.
        try:
            key = record["PartitionKey"]
            data = blob(record["Data"])
            usual = 1 <= len(key) <= MAX_KEY_CHARACTERS and "ExplicitHashKey" not in record
            raw_key = key.encode()
        except (KeyError, TypeError, AttributeError):
            usual = False
        if not usual:
            if not checked:
                check("PutRecords", request)
                checked = True
            _check_keys(record, f"records.{i}.member.")
            raw_key = key.encode()
        size = len(raw_key) + len(data)
        if size > limit:
            raise _too_large(f"records.{i}.member.data", limit)
        total += size
        at = chosen.of(_hash_key(record, raw_key))
        placed.append((at, len(shares[at])))
        shares[at].append((raw_key, data))
    if total > MAX_REQUEST_BYTES:
        raise invalid_argument("Records size exceeds 10 MB limit")
    refuse_if_dry_run(request)
    numbers = _append(chosen, shares)
    _tell(stream, [(record["PartitionKey"], shares[at][n][1]) for record, (at, n) in zip(records, placed, strict=True)])
    return {
        "FailedRecordCount": 0,
        "Records": [{"SequenceNumber": numbers[at][n], "ShardId": chosen.shard_ids[at]} for at, n in placed],
        **_encryption(stream),
    }


def put_record_internal(stream_arn: str, partition_key: str, data: bytes) -> bool:
    """Add a record for another service of the emulator; return whether there is such a stream."""
    try:
        stream = stream_called(stream_name_of(stream_arn))
    except ApiError:
        return False
    key = partition_key.encode()
    chosen = routes(stream)
    chosen.logs[chosen.of(_hash_key({}, key))].append([(key, data)], now_millis())
    esm_wake.set()
    return True


def _append(chosen: Routes, shares: list[list[tuple[bytes, bytes]]]) -> list[list[str]]:
    now = now_millis()
    return [log.append(share, now) if share else [] for log, share in zip(chosen.logs, shares, strict=True)]


def _hash_key(record: dict[str, Any], key: bytes) -> int:
    explicit = record.get("ExplicitHashKey")
    if explicit is None:
        return int.from_bytes(md5(key, usedforsecurity=False).digest(), "big")
    hash_key = int(explicit)
    if hash_key >= HASH_KEYS:
        raise invalid_argument(
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
            f"Specified value was {explicit}"
        )
    return hash_key


def _check_keys(record: dict[str, Any], path: str) -> None:
    # The service model leaves the key out because of streams that distribute records by themselves.
    if record.get("PartitionKey") is None:
        raise violation(f"null at '{path}partitionKey'", "Member must not be null")


def _too_large(where: str, limit: int) -> ApiError:
    return violation(f"at '{where}'", f"Member must have length less than or equal to {limit}")


def _encryption(stream: Stream) -> dict[str, str]:
    kind = stream.get("EncryptionType", "NONE")
    return {} if kind == "NONE" else {"EncryptionType": kind}


def _tell(stream: Stream, records: list[tuple[str, bytes]]) -> None:
    """Let Lambda and Firehose, as far as the emulator runs them, know of new records."""
    esm_wake.set()
    firehose = sys.modules.get("ministack.services.firehose")
    if firehose is not None:
        firehose.ingest_from_kinesis_source(stream["StreamARN"], records)
