"""Subscription filters: events as they come, to a function, a Kinesis stream or a delivery stream.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
import uuid
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import cloudwatch_logs as emulator
from ministack.services import lambda_svc

from helpers.local.aws_error import AwsError
from helpers.local.firehose import putting
from helpers.local.kinesis.writing import put_record_internal
from helpers.local.logs.checking import invalid
from helpers.local.logs.filter_pattern import compiled

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
MAX_FILTERS = 2

_FUNCTION, _STREAM, _DELIVERY_STREAM = ":function:", ":stream/", ":deliverystream/"


def check(request: dict[str, Any]) -> None:
    """Refuse a filter that AWS refuses; a stream gets the message by which AWS checks it.

    Raises
    ------
    AwsError
        `LimitExceededException` for a third filter, `InvalidParameterException` for a pattern that is none,
        a stream without a role, or a destination that is not there.
    """
    compiled(request["filterPattern"])
    held = emulator._log_groups[request["logGroupName"]].get("subscriptionFilters", {})
    if request["filterName"] not in held and len(held) >= MAX_FILTERS:
        raise AwsError("LimitExceededException", "Resource limit exceeded.")
    arn = request["destinationArn"]
    if _FUNCTION in arn:
        if _function(arn) is None:
            raise invalid(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to "
                "execute your function."
            )
        return
    vendor = "kinesis" if _STREAM in arn else "firehose"
    if "roleArn" not in request:
        raise invalid(f"destinationArn for vendor {vendor} cannot be used without roleArn")
    called = vendor.title()
    message = f"CWL CONTROL MESSAGE: Checking health of destination {called}."
    event = {"id": "", "timestamp": int(time.time() * 1000), "message": message}
    head = {"messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": ""}
    if not _send(arn, _packed({**head, "subscriptionFilters": [], "logEvents": [event]}), "control"):
        raise invalid(
            f"Could not deliver test message to specified {called} stream. Check if the given {vendor} stream is in "
            "ACTIVE state."
        )


def amended(request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the emulator's answer to DescribeSubscriptionFilters; only those to streams have a role."""
    for given in answer["subscriptionFilters"]:
        given["applyOnTransformedLogs"] = False
        if not given.get("roleArn"):
            given.pop("roleArn", None)
    return answer


def deliver(given: dict[str, Any], stream: str, events: list[dict[str, Any]]) -> None:
    """Send the events that match a filter to its destination."""
    matches = compiled(given["filterPattern"])
    found = [
        {"id": f"{uuid.uuid4().int:056d}"[:56], "timestamp": event["timestamp"], "message": event["message"]}
        for event in events
        if matches(event["message"])
    ]
    arn, group = given["destinationArn"], given["logGroupName"]
    # A function whose own lines come to it would never end.
    if not found or (_FUNCTION in arn and group == f"/aws/lambda/{_function_name(arn)}"):
        return
    data = _packed(
        {
            "messageType": "DATA_MESSAGE",
            "owner": get_account_id(),
            "logGroup": group,
            "logStream": stream,
            "subscriptionFilters": [given["filterName"]],
            "logEvents": found,
        }
    )
    _send(arn, data, stream if given["distribution"] == "ByLogStream" else uuid.uuid4().hex)


def _packed(message: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(message).encode())


def _send(arn: str, data: bytes, partition_key: str) -> bool:
    """Return whether there was such a destination."""
    encoded = base64.b64encode(data).decode("ascii")
    if _FUNCTION in arn:
        function = _function(arn)
        if function is None:
            return False
        arguments = (function, {"awslogs": {"data": encoded}})
        threading.Thread(target=lambda_svc._execute_function_with_config_scope, args=arguments, daemon=True).start()
        return True
    if _STREAM in arn:
        return put_record_internal(arn, partition_key, data)
    try:
        name = arn.partition(_DELIVERY_STREAM)[2]
        putting.put_record({"DeliveryStreamName": name, "Record": {"Data": encoded}})
    except AwsError:
        return False
    return True


def _function(arn: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = lambda_svc._functions.get(_function_name(arn))
    return found


def _function_name(arn: str) -> str:
    return arn.partition(_FUNCTION)[2].partition(":")[0]
