"""What a call may say about messages.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpers.local.aws_error import AwsError

_LONGEST_DELAY_SECONDS = 900
_LONGEST_WAIT_SECONDS = 20
_LONGEST_VISIBILITY_SECONDS = 43200
_MOST_ATTRIBUTES = 10
_ATTRIBUTE_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_TYPES = ("String", "Number", "Binary")


def check_sent(message: Mapping[str, Any], fifo: bool) -> None:
    """Check a message's delay, identifiers and attributes.

    Raises
    ------
    AwsError
        `InvalidParameterValue`.
    """
    delay = message.get("DelaySeconds")
    if delay is not None and not 0 <= int(delay) <= _LONGEST_DELAY_SECONDS:
        raise _invalid("DelaySeconds", delay, "DelaySeconds must be >= 0 and <= 900.")
    deduplication = message.get("MessageDeduplicationId")
    if deduplication and not fifo:
        reason = "The request include parameter that is not valid for this queue type."
        raise _invalid("MessageDeduplicationId", deduplication, reason)
    _check_attributes(message.get("MessageAttributes") or {})


def check_received(asked: Mapping[str, Any]) -> None:
    """Check how long a reader waits and how long messages stay away from others.

    Raises
    ------
    AwsError
        `InvalidParameterValue`.
    """
    wait = asked.get("WaitTimeSeconds")
    if wait is not None and not 0 <= int(wait) <= _LONGEST_WAIT_SECONDS:
        raise _invalid("WaitTimeSeconds", wait, "Must be >= 0 and <= 20, if provided.")
    hidden = asked.get("VisibilityTimeout")
    if hidden is not None and not 0 <= int(hidden) <= _LONGEST_VISIBILITY_SECONDS:
        raise _invalid("VisibilityTimeout", hidden, "Must be >= 0 and <= 43200, if provided.")


def _check_attributes(attributes: Mapping[str, Mapping[str, Any]]) -> None:
    if len(attributes) > _MOST_ATTRIBUTES:
        message = f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [{_MOST_ATTRIBUTES}]."
        raise AwsError("InvalidParameterValue", message)
    for name, attribute in attributes.items():
        if not _ATTRIBUTE_NAME.fullmatch(name):
            message = (
                f"The message attribute name '{name}' is invalid. "
                "Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters."
            )
            raise AwsError("InvalidParameterValue", message)
        _check_attribute(name, attribute)


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> None:
    kind = str(attribute.get("DataType", ""))
    if not kind:
        message = f"The message attribute '{name}' must contain non-empty message attribute value."
        raise AwsError("InvalidParameterValue", message)
    if kind.split(".")[0] not in _TYPES:
        message = (
            f"The message attribute '{name}' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String."
        )
        raise AwsError("InvalidParameterValue", message)
    if not attribute.get("BinaryValue" if kind.startswith("Binary") else "StringValue"):
        message = (
            f"The message attribute '{name}' must contain non-empty message attribute value "
            f"for message attribute type '{kind}'."
        )
        raise AwsError("InvalidParameterValue", message)


def _invalid(name: str, value: Any, reason: str) -> AwsError:
    return AwsError("InvalidParameterValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}")
