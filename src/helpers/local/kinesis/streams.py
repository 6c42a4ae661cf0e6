"""Streams: create, describe, list, change, delete.

Every change is done when the call returns: the answers' statuses are those of AWS after its work. A
stream that was CREATING for a moment would make botocore's waiters sleep 10 s.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import kinesis as emulator

from helpers.local.kinesis import tags
from helpers.local.kinesis.api_errors import ApiError, invalid_argument
from helpers.local.kinesis.shards import described
from helpers.local.kinesis.stored import (
    DEFAULT_RECORD_KIB,
    DEFAULT_RETENTION_HOURS,
    Stream,
    all_streams,
    check_shard_quota,
    find_stream,
    is_on_demand,
    new_shards,
    now_millis,
    open_shards,
    shard_quota,
    stream_arn,
)
from helpers.local.kinesis.validation import check
from helpers.local.kinesis.wire import Timestamp

# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
ON_DEMAND_SHARDS = 4
MAX_ON_DEMAND_STREAMS = 50
MAX_LISTED = 100
MIN_RETENTION_HOURS, MAX_RETENTION_HOURS = 24, 8760
MODE_CHANGES_A_DAY = 2
_DAY_MILLIS = 86_400_000


def create_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("CreateStream", request)
    name = request["StreamName"]
    usual = "PROVISIONED" if "ShardCount" in request else "ON_DEMAND"
    mode = request.get("StreamModeDetails", {}).get("StreamMode", usual)
    if mode == "PROVISIONED" and "ShardCount" not in request:
        raise ApiError("ValidationException", "ShardCount must be specified for a stream in PROVISIONED mode.")
    if mode == "ON_DEMAND" and "ShardCount" in request:
        raise ApiError("ValidationException", "ShardCount must not be specified for a stream in ON_DEMAND mode.")
    if name in emulator._streams:
        raise ApiError("ResourceInUseException", f"Stream {name} under account {get_account_id()} already exists.")
    count = request.get("ShardCount", ON_DEMAND_SHARDS)
    check_shard_quota(count)
    if mode == "ON_DEMAND":
        _check_on_demand_quota()
    given = request.get("Tags", {})
    tags.check_tags(given)
    emulator._streams[name] = {
        "StreamName": name,
        "StreamARN": stream_arn(name),
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": mode},
        "RetentionPeriodHours": DEFAULT_RETENTION_HOURS,
        "shards": new_shards(count),
        "tags": dict(given),
        "CreationTimestamp": time.time(),
        "EncryptionType": "NONE",
        "MaxRecordSizeInKiB": request.get("MaxRecordSizeInKiB", DEFAULT_RECORD_KIB),
    }
    return {}


def delete_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("DeleteStream", request)
    stream = find_stream(request)
    arn = stream["StreamARN"]
    consumers = [key for key, consumer in emulator._consumers.items() if consumer["StreamARN"] == arn]
    if consumers and not request.get("EnforceConsumerDeletion"):
        raise ApiError(
            "ResourceInUseException",
            f"Stream {stream['StreamName']} under account {get_account_id()} has registered consumers.",
        )
    for key in consumers:
        del emulator._consumers[key]
        emulator._resource_policies.pop(key, None)
    emulator._resource_policies.pop(arn, None)
    # Who still holds the stream, such as a subscription, sees its end.
    stream["StreamStatus"] = "DELETING"
    del emulator._streams[stream["StreamName"]]
    return {}


def describe_stream(request: dict[str, Any]) -> dict[str, Any]:
    check("DescribeStream", request)
    stream = find_stream(request)
    after = request.get("ExclusiveStartShardId", "")
    shards = [described(key, shard) for key, shard in stream["shards"].items() if key > after]
    page = shards[: min(request.get("Limit", MAX_LISTED), MAX_LISTED)]
    description = {**_common(stream), "Shards": page, "HasMoreShards": len(shards) > len(page)}
    return {"StreamDescription": description}


def describe_stream_summary(request: dict[str, Any]) -> dict[str, Any]:
    check("DescribeStreamSummary", request)
    stream = find_stream(request)
    consumers = [c for c in emulator._consumers.values() if c["StreamARN"] == stream["StreamARN"]]
    return {
        "StreamDescriptionSummary": {
            **_common(stream),
            "OpenShardCount": len(open_shards(stream)),
            "ConsumerCount": len(consumers),
            "MaxRecordSizeInKiB": stream.get("MaxRecordSizeInKiB", DEFAULT_RECORD_KIB),
        }
    }


def list_streams(request: dict[str, Any]) -> dict[str, Any]:
    check("ListStreams", request)
    after = request.get("NextToken") or request.get("ExclusiveStartStreamName") or ""
    found = [stream for name, stream in all_streams().items() if name > after]
    page = found[: min(request.get("Limit", MAX_LISTED), MAX_LISTED)]
    more = len(found) > len(page)
    return {
        "StreamNames": [stream["StreamName"] for stream in page],
        "StreamSummaries": [
            {
                "StreamName": stream["StreamName"],
                "StreamARN": stream["StreamARN"],
                "StreamStatus": stream["StreamStatus"],
                "StreamModeDetails": stream["StreamModeDetails"],
                "StreamCreationTimestamp": _created(stream),
            }
            for stream in page
        ],
        "HasMoreStreams": more,
        **({"NextToken": page[-1]["StreamName"]} if more else {}),
    }


def describe_limits(request: dict[str, Any]) -> dict[str, Any]:
    streams = all_streams().values()
    return {
        "ShardLimit": shard_quota(),
        "OpenShardCount": sum(len(open_shards(stream)) for stream in streams),
        "OnDemandStreamCount": sum(map(is_on_demand, streams)),
        "OnDemandStreamCountLimit": MAX_ON_DEMAND_STREAMS,
    }


def increase_retention(request: dict[str, Any]) -> dict[str, Any]:
    check("IncreaseStreamRetentionPeriod", request)
    stream = find_stream(request)
    hours = _retention_hours(request)
    if hours < stream["RetentionPeriodHours"]:
        raise _retention_error(stream, hours, "shorter", "DecreaseRetentionPeriod")
    stream["RetentionPeriodHours"] = hours
    return {}


def decrease_retention(request: dict[str, Any]) -> dict[str, Any]:
    check("DecreaseStreamRetentionPeriod", request)
    stream = find_stream(request)
    hours = _retention_hours(request)
    if hours > stream["RetentionPeriodHours"]:
        raise _retention_error(stream, hours, "longer", "IncreaseRetentionPeriod")
    stream["RetentionPeriodHours"] = hours
    return {}


def update_stream_mode(request: dict[str, Any]) -> dict[str, Any]:
    check("UpdateStreamMode", request)
    stream = find_stream(request)
    mode = request["StreamModeDetails"]["StreamMode"]
    if mode == stream["StreamModeDetails"]["StreamMode"]:
        return {}
    if mode == "ON_DEMAND":
        _check_on_demand_quota()
    today = [moment for moment in stream.get("mode_changes", []) if moment > now_millis() - _DAY_MILLIS]
    if len(today) >= MODE_CHANGES_A_DAY:
        raise ApiError(
            "LimitExceededException",
            f"Stream {stream['StreamName']} under account {get_account_id()} has switched its capacity mode "
            f"{MODE_CHANGES_A_DAY} times within the last 24 hours.",
        )
    stream["mode_changes"] = [*today, now_millis()]
    stream["StreamModeDetails"] = {"StreamMode": mode}
    return {}


def update_max_record_size(request: dict[str, Any]) -> dict[str, Any]:
    check("UpdateMaxRecordSize", request)
    find_stream(request)["MaxRecordSizeInKiB"] = request["MaxRecordSizeInKiB"]
    return {}


def start_encryption(request: dict[str, Any]) -> dict[str, Any]:
    check("StartStreamEncryption", request)
    stream = find_stream(request)
    if request["EncryptionType"] != "KMS":
        raise invalid_argument("EncryptionType must be KMS.")
    stream.update(EncryptionType="KMS", KeyId=request["KeyId"])
    return {}


def stop_encryption(request: dict[str, Any]) -> dict[str, Any]:
    check("StopStreamEncryption", request)
    stream = find_stream(request)
    stream["EncryptionType"] = "NONE"
    stream.pop("KeyId", None)
    return {}


def _common(stream: Stream) -> dict[str, Any]:
    return {
        "StreamName": stream["StreamName"],
        "StreamARN": stream["StreamARN"],
        "StreamStatus": stream["StreamStatus"],
        "StreamModeDetails": stream["StreamModeDetails"],
        "RetentionPeriodHours": stream["RetentionPeriodHours"],
        "StreamCreationTimestamp": _created(stream),
        "EnhancedMonitoring": [{"ShardLevelMetrics": stream.get("ShardLevelMetrics", [])}],
        "EncryptionType": stream.get("EncryptionType", "NONE"),
        **({"KeyId": stream["KeyId"]} if stream.get("KeyId") else {}),
    }


def _created(stream: Stream) -> Timestamp:
    return Timestamp(int(stream["CreationTimestamp"] * 1000))


def _retention_hours(request: dict[str, Any]) -> int:
    hours: int = request["RetentionPeriodHours"]
    requested = f"Requested retention period ({hours} hours) is too"
    if hours < MIN_RETENTION_HOURS:
        raise invalid_argument(f"Minimum allowed retention period is {MIN_RETENTION_HOURS} hours. {requested} short.")
    if hours > MAX_RETENTION_HOURS:
        raise invalid_argument(f"Maximum allowed retention period is {MAX_RETENTION_HOURS} hours. {requested} long.")
    return hours


def _retention_error(stream: Stream, hours: int, wrong: str, other_action: str) -> ApiError:
    return invalid_argument(
        f"Requested retention period ({hours} hours) for stream {stream['StreamName']} can not be {wrong} than "
        f"existing retention period ({stream['RetentionPeriodHours']} hours). Use {other_action} API."
    )


def _check_on_demand_quota() -> None:
    if sum(map(is_on_demand, all_streams().values())) >= MAX_ON_DEMAND_STREAMS:
        raise ApiError(
            "LimitExceededException",
            f"This request would exceed the on-demand stream limit ({MAX_ON_DEMAND_STREAMS}) "
            f"for the account {get_account_id()}.",
        )
