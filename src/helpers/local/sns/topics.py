"""Topics: their names, attributes and tags, and what each new one has.

Sources: CreateTopic, SetTopicAttributes and GetTopicAttributes of the SNS API reference, "Amazon SNS message delivery
retries" (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html) and AWS's own answers.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import sns as emulator

from helpers.local.sns.protocol import Request, invalid

# In bytes; Publish takes 256 KiB unless the topic allows more.
SMALLEST_BYTES, LARGEST_BYTES = 1024, 1_048_576

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NEW_ONLY = frozenset({"FifoTopic"})
_NAMES = frozenset(
    {
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DataProtectionPolicy",
        "DeliveryPolicy",
        "DisplayName",
        "FifoThroughputScope",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
        *(
            f"{protocol}{what}"
            for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
            for what in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
        ),
    }
)
_DEFAULTS = {"FifoTopic": "false", "ContentBasedDeduplication": "false", "SignatureVersion": "1"}
_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
_EMULATED_ACTIONS = ["SNS:Publish", "SNS:Subscribe", "SNS:Receive"]
_RETRY_POLICY = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
_REQUEST_POLICY = {"headerContentType": "text/plain; charset=UTF-8"}


def held(request: Request) -> dict[str, Any] | None:
    """Return the topic that CreateTopic names, None if there is none yet.

    Raises
    ------
    ApiError
        If AWS would refuse the request.
    """
    name, given, tags = request.get("Name"), request.entries("Attributes"), _tags(request)
    for attribute, value in given.items():
        if attribute not in _NAMES | _NEW_ONLY:
            raise invalid(f"Attributes Reason: Unknown attribute {attribute}")
        _check(attribute, value)
    is_fifo = given.get("FifoTopic", "").lower() == "true"
    if not _NAME.fullmatch(name.removesuffix(".fifo") if is_fifo else name) or is_fifo != name.endswith(".fifo"):
        raise invalid("Topic Name")
    topic: dict[str, Any] | None = emulator._topics.get(f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}")
    if topic is None:
        return None
    attributes = {**_DEFAULTS, **topic["attributes"]}
    if any(attributes.get(attribute) != value for attribute, value in given.items()):
        raise invalid("Attributes Reason: Topic already exists with different attributes")
    if not tags.items() <= topic["tags"].items():
        raise invalid("Tags Reason: Topic already exists with different tags")
    return topic


def complete(topic: dict[str, Any]) -> None:
    """Give a topic that the emulator has made, here or for a stack, what AWS gives it."""
    attributes = topic["attributes"]
    policy = json.loads(attributes["Policy"])
    for statement in policy.get("Statement", []):
        if statement.get("Action") == _EMULATED_ACTIONS:
            statement["Action"] = [f"SNS:{action}" for action in _ACTIONS]
            statement["Condition"] = {"StringEquals": {"AWS:SourceOwner": attributes["Owner"]}}
            attributes["Policy"] = _compact(policy)
    if attributes.get("FifoTopic") == "false":
        del attributes["FifoTopic"]
    _set_delivery_policy(topic, attributes.pop("DeliveryPolicy", ""))


def check_change(name: str, value: str) -> None:
    """Raise `ApiError` for an attribute that cannot be set."""
    if name not in _NAMES:
        raise invalid("AttributeName")
    _check(name, value)


def check_tags(request: Request) -> None:
    """Raise `ApiError` for a key that stands twice among the tags of a request."""
    _tags(request)


def _check(name: str, value: str) -> None:
    if name == "MaximumMessageSize" and not (value.isdigit() and SMALLEST_BYTES <= int(value) <= LARGEST_BYTES):
        raise invalid("MaximumMessageSize")
    if name == "DeliveryPolicy":
        _policy_of(value)


def _policy_of(text: str) -> dict[str, Any]:
    try:
        http = json.loads(text or "{}").get("http") or {}
    except (ValueError, AttributeError) as error:
        raise invalid("DeliveryPolicy: failed to parse JSON.") from error
    if not isinstance(http, dict):
        raise invalid("DeliveryPolicy: failed to parse JSON.")
    return http


def _tags(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    number = 1
    while (start := f"Tags.member.{number}.") + "Key" in request.parameters:
        key = request.get(start + "Key")
        if key in found:
            raise invalid("Duplicated keys are not allowed.")
        found[key] = request.get(start + "Value")
        number += 1
    return found


def _set_delivery_policy(topic: dict[str, Any], text: str) -> None:
    http = {key: value for key, value in _policy_of(text).items() if value is not None}
    overrides = {"disableSubscriptionOverrides": http.get("disableSubscriptionOverrides", False)}
    attributes = topic["attributes"]
    if text:
        attributes["DeliveryPolicy"] = _compact({"http": {**http, **overrides}})
    effective = {
        "defaultHealthyRetryPolicy": {**_RETRY_POLICY, **http.get("defaultHealthyRetryPolicy", {})},
        **overrides,
        "defaultRequestPolicy": {**_REQUEST_POLICY, **http.get("defaultRequestPolicy", {})},
    }
    attributes["EffectiveDeliveryPolicy"] = _compact({"http": effective})


def _compact(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
