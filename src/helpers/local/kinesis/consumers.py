"""Consumers with enhanced fan-out, and shard-level metrics."""

from __future__ import annotations

import time
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import kinesis as emulator

from helpers.local.kinesis import tags
from helpers.local.kinesis.api_errors import ApiError, invalid_argument
from helpers.local.kinesis.stored import find_stream
from helpers.local.kinesis.validation import check
from helpers.local.kinesis.wire import Timestamp

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
MAX_CONSUMERS = 20
MAX_LISTED = 100
METRICS = (
    "IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords", "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded", "IteratorAgeMilliseconds",
)  # fmt: skip

Consumer = dict[str, Any]


def register(request: dict[str, Any]) -> dict[str, Any]:
    check("RegisterStreamConsumer", request)
    stream = find_stream(request)
    arn, name = stream["StreamARN"], request["ConsumerName"]
    others = _of_stream(arn)
    if any(other["ConsumerName"] == name for other in others):
        raise ApiError(
            "ResourceInUseException",
            f"Consumer {name} under stream {stream['StreamName']} already exists for account {get_account_id()}.",
        )
    if len(others) >= MAX_CONSUMERS:
        raise ApiError(
            "LimitExceededException",
            f"Stream {stream['StreamName']} under account {get_account_id()} has the maximum of {MAX_CONSUMERS} "
            "registered consumers.",
        )
    given = request.get("Tags", {})
    tags.check_tags(given)
    now = time.time()
    consumer: Consumer = {
        "ConsumerName": name,
        "ConsumerARN": f"{arn}/consumer/{name}:{int(now)}",
        "ConsumerStatus": "ACTIVE",
        "ConsumerCreationTimestamp": now,
        "StreamARN": arn,
        "tags": dict(given),
    }
    emulator._consumers[consumer["ConsumerARN"]] = consumer
    return {"Consumer": {**_shown(consumer), "ConsumerStatus": "CREATING"}}


def deregister(request: dict[str, Any]) -> dict[str, Any]:
    check("DeregisterStreamConsumer", request)
    arn = find(request)["ConsumerARN"]
    del emulator._consumers[arn]
    emulator._resource_policies.pop(arn, None)
    return {}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    check("DescribeStreamConsumer", request)
    consumer = find(request)
    return {"ConsumerDescription": {**_shown(consumer), "StreamARN": consumer["StreamARN"]}}


def list_consumers(request: dict[str, Any]) -> dict[str, Any]:
    check("ListStreamConsumers", request)
    after = request.get("NextToken", "")
    found = [c for c in _of_stream(find_stream(request)["StreamARN"]) if c["ConsumerName"] > after]
    page = found[: request.get("MaxResults", MAX_LISTED)]
    more = len(found) > len(page)
    return {
        "Consumers": [_shown(consumer) for consumer in page],
        **({"NextToken": page[-1]["ConsumerName"]} if more else {}),
    }


def find(request: dict[str, Any]) -> Consumer:
    """Return the consumer that a request names, by its ARN or by its stream's and its name.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if neither is given, `ResourceNotFoundException` if there is no
        such consumer.
    """
    arn, name = request.get("ConsumerARN"), request.get("ConsumerName")
    if arn is not None:
        found = emulator._consumers.get(arn)
    elif name is not None and "StreamARN" in request:
        found = next((c for c in _of_stream(request["StreamARN"]) if c["ConsumerName"] == name), None)
    else:
        raise invalid_argument("Either ConsumerARN, or StreamARN and ConsumerName, must be provided.")
    if found is None:
        raise ApiError("ResourceNotFoundException", f"Consumer {arn or name}, account {get_account_id()} not found.")
    consumer: Consumer = found
    return consumer


def enable_metrics(request: dict[str, Any]) -> dict[str, Any]:
    check("EnableEnhancedMonitoring", request)
    return _change_metrics(request, lambda current, given: current | given)


def disable_metrics(request: dict[str, Any]) -> dict[str, Any]:
    check("DisableEnhancedMonitoring", request)
    return _change_metrics(request, lambda current, given: current - given)


def _change_metrics(request: dict[str, Any], change: Any) -> dict[str, Any]:
    stream = find_stream(request)
    given = set(METRICS) if "ALL" in request["ShardLevelMetrics"] else set(request["ShardLevelMetrics"])
    current: list[str] = stream.get("ShardLevelMetrics", [])
    stream["ShardLevelMetrics"] = sorted(change(set(current), given), key=METRICS.index)
    return {
        "StreamName": stream["StreamName"],
        "StreamARN": stream["StreamARN"],
        "CurrentShardLevelMetrics": current,
        "DesiredShardLevelMetrics": stream["ShardLevelMetrics"],
    }


def _of_stream(arn: str) -> list[Consumer]:
    found = [consumer for consumer in emulator._consumers.values() if consumer["StreamARN"] == arn]
    return sorted(found, key=lambda consumer: str(consumer["ConsumerName"]))


def _shown(consumer: Consumer) -> dict[str, Any]:
    return {
        "ConsumerName": consumer["ConsumerName"],
        "ConsumerARN": consumer["ConsumerARN"],
        "ConsumerStatus": consumer["ConsumerStatus"],
        "ConsumerCreationTimestamp": Timestamp(int(consumer["ConsumerCreationTimestamp"] * 1000)),
    }
