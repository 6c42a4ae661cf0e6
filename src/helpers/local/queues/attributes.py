"""Names and attributes of queues.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ministack.services import sqs as emulator

from helpers.local.aws_error import AwsError

_FIFO = frozenset({"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"})
_SETTINGS = frozenset(
    {
        "DelaySeconds",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "Policy",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    }
)
_READABLE = (
    _SETTINGS
    | _FIFO
    | {
        "All",
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "QueueArn",
    }
)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"(?=.{1,80}$)[A-Za-z0-9_-]+\.fifo")
_ARN = re.compile(r"arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?")
_MOST_RECEIVES = 1000


def check_new_queue(name: str, given: Mapping[str, str]) -> None:
    """Check the name and the attributes of a queue that is to be made.

    Raises
    ------
    AwsError
        `InvalidParameterValue`, `InvalidAttributeName` or `InvalidAttributeValue`.
    """
    fifo = given.get("FifoQueue") == "true"
    if fifo and not _FIFO_NAME.fullmatch(name):
        message = (
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
            "must end with .fifo suffix and be 1 to 80 in length."
        )
        raise AwsError("InvalidParameterValue", message)
    if name and not fifo and not _NAME.fullmatch(name):
        message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        raise AwsError("InvalidParameterValue", message)
    check_settings(given, fifo=fifo)


def check_settings(given: Mapping[str, str], fifo: bool) -> None:
    """Check attributes that a queue is to get.

    Raises
    ------
    AwsError
        `InvalidAttributeName`, `InvalidAttributeValue` or, for a wrong redrive policy, `InvalidParameterValue`.
    """
    for name in given:
        if name not in _SETTINGS | (_FIFO if fifo else frozenset()):
            raise _unknown(name)
    if given.get("Policy"):
        try:
            json.loads(given["Policy"])
        except ValueError:
            raise AwsError("InvalidAttributeValue", "Invalid value for the parameter Policy.") from None
    if given.get("RedrivePolicy"):
        _check_redrive(given["RedrivePolicy"])


def check_read(names: list[str]) -> None:
    """Check the names of attributes that somebody asks for.

    Raises
    ------
    AwsError
        `InvalidAttributeName`.
    """
    for name in names:
        if name not in _READABLE:
            raise _unknown(name)


def _check_redrive(text: str) -> None:
    problem = _redrive_problem(text)
    if problem:
        message = f"Value {text} for parameter RedrivePolicy is invalid. Reason: {problem}"
        raise AwsError("InvalidParameterValue", message)


def _redrive_problem(text: str) -> str:
    try:
        policy: Any = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        return "Redrive policy is not a valid JSON map."
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            return f"Redrive policy does not contain mandatory attribute: {name}."
    if not _ARN.fullmatch(str(policy["deadLetterTargetArn"])):
        return "Invalid value for deadLetterTargetArn."
    count = str(policy["maxReceiveCount"])
    if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= _MOST_RECEIVES:
        return f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
    if emulator._queue_by_arn(policy["deadLetterTargetArn"]) is None:
        return "Dead letter target does not exist."
    return ""


def _unknown(name: str) -> AwsError:
    return AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")
