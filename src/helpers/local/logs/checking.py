"""Requests checked against the service model, and the log group that a request means."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudwatch_logs as emulator

from helpers.local.aws_error import AwsError
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.kinesis.validation import check, is_operation

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
MAX_NAME_CHARACTERS = 512

# Putting checks the events by itself: thousands of them, against the model, would take seconds.
_CHECKED_ELSEWHERE = {"PutLogEvents": frozenset({"logEvents"})}
# By these a group is named, either its name or, in the second, its ARN.
_BY_IDENTIFIER = frozenset({"DescribeLogStreams", "FilterLogEvents", "GetLogEvents"})
_NAMED_GROUP = _BY_IDENTIFIER | {
    "CreateLogStream", "DeleteLogGroup", "DeleteLogStream", "DeleteMetricFilter", "DeleteRetentionPolicy",
    "DeleteSubscriptionFilter", "PutLogEvents", "PutMetricFilter", "PutRetentionPolicy", "PutSubscriptionFilter",
}  # fmt: skip


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def not_found(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified {what} does not exist.")


def checked(action: str, body: bytes) -> dict[str, Any]:
    """Return the request in `body`, its log group by name, if the service's model allows it.

    Raises
    ------
    AwsError
        `UnknownOperationException`, `SerializationException`, `InvalidParameterException` for broken
        constraints, `ResourceNotFoundException` if there is no such group.
    """
    if not is_operation(action, "logs"):
        raise AwsError("UnknownOperationException", f"Unknown operation: {action}")
    try:
        request = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise AwsError("SerializationException", f"Could not parse the request: {error}") from error
    if not isinstance(request, dict):
        raise AwsError("SerializationException", "Start of structure expected.")
    request = {name: value for name, value in request.items() if value is not None}
    if any(len(str(request.get(name, ""))) > MAX_NAME_CHARACTERS for name in ("logGroupName", "logStreamName")):
        raise invalid(
            f"Invalid LogGroup or LogStream, both must have length less than or equal to {MAX_NAME_CHARACTERS}."
        )
    try:
        check(action, request, _CHECKED_ELSEWHERE.get(action, frozenset()), "logs")
    except ApiError as error:
        code = "InvalidParameterException" if error.code == "ValidationException" else error.code
        raise AwsError(code, error.message) from error
    if action in _BY_IDENTIFIER:
        request["logGroupName"] = _group_name(request)
        request.pop("logGroupIdentifier", None)
    if action in _NAMED_GROUP and request["logGroupName"] not in emulator._log_groups:
        raise not_found("log group")
    return request


def _group_name(request: dict[str, Any]) -> str:
    name, identifier = request.get("logGroupName"), request.get("logGroupIdentifier")
    if name is not None and identifier is not None:
        raise AwsError("ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
    if name is None and identifier is None:
        raise AwsError("ValidationException", "Either logGroupName or logGroupIdentifier must be specified.")
    return named_by(str(name if identifier is None else identifier))


def named_by(given: str) -> str:
    """Return the name of a group that a name or an ARN stands for."""
    return given.partition(":log-group:")[2].removesuffix(":*") if given.startswith("arn:") else given
