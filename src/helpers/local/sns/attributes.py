"""Attributes of subscriptions: which there are, and which values AWS takes.

Source: Subscribe and SetSubscriptionAttributes of the SNS API reference.
"""

from __future__ import annotations

import json
from typing import Any

from helpers.local.sns import filter_policy
from helpers.local.sns.filter_policy import SCOPES
from helpers.local.sns.protocol import invalid

NAMES = frozenset(
    {
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    }
)
_DEFAULTS = {"FilterPolicyScope": SCOPES[0], "RawMessageDelivery": "false"}
_EITHER_SCOPE = " or ".join(reversed(SCOPES))
_RAW_PROTOCOLS = frozenset({"sqs", "http", "https", "firehose"})


def check(
    protocol: str, given: dict[str, str], held: dict[str, str] | None = None, where: str = "Attributes Reason: "
) -> None:
    """Raise `ApiError` for an attribute that a subscription of `protocol` that has `held` cannot have."""
    for name, value in given.items():
        if name not in NAMES:
            raise invalid(f"{where}Unknown attribute {name}")
        if name == "RawMessageDelivery":
            _check_raw(protocol, value, where)
        elif name == "RedrivePolicy" and value:
            _check_redrive(value, where)
        elif name == "FilterPolicyScope" and value not in SCOPES:
            raise invalid(f"{where}FilterPolicyScope: Invalid value [{value}]. Please use either {_EITHER_SCOPE}")
    if "FilterPolicy" in given or "FilterPolicyScope" in given:
        _check_filter({**(held or {}), **given}, where)


def new(arn: str, topic_arn: str, protocol: str, endpoint: str, owner: str) -> dict[str, str]:
    """Return the attributes that every new subscription has."""
    return {
        "SubscriptionArn": arn,
        "TopicArn": topic_arn,
        "Protocol": protocol,
        "Endpoint": endpoint,
        "Owner": owner,
        "SubscriptionPrincipal": f"arn:aws:iam::{owner}:root",
        "RawMessageDelivery": "false",
    }


def normal(given: dict[str, str]) -> dict[str, str]:
    """Return attributes as AWS keeps them: `TrUe` is `true`, and a policy without keys is none."""
    kept = dict(given)
    if "RawMessageDelivery" in kept:
        kept["RawMessageDelivery"] = kept["RawMessageDelivery"].lower()
    if kept.get("FilterPolicy") and not json.loads(kept["FilterPolicy"]):
        kept["FilterPolicy"] = ""
    return kept


def shown(held: dict[str, str], owner: str) -> dict[str, str]:
    """Return the attributes as GetSubscriptionAttributes shows them: no empty ones, no scope without a filter."""
    found = {name: value for name, value in held.items() if value or name not in NAMES}
    found.setdefault("SubscriptionPrincipal", f"arn:aws:iam::{owner}:root")
    found.pop("FilterPolicyScope", None)
    if found.get("FilterPolicy"):
        found["FilterPolicyScope"] = held.get("FilterPolicyScope") or SCOPES[0]
    return found


def refuse_difference(existing: dict[str, Any], given: dict[str, str]) -> None:
    """Raise `ApiError` if a subscription is asked for again with other attributes."""
    for name, value in normal(given).items():
        if (existing["attributes"].get(name) or _DEFAULTS.get(name, "")) != value:
            raise invalid("Attributes Reason: Subscription already exists with different attributes")


def _check_raw(protocol: str, value: str, where: str) -> None:
    if value.lower() not in ("true", "false"):
        raise invalid(f"{where}RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
    if value.lower() == "true" and protocol not in _RAW_PROTOCOLS:
        raise invalid(f"{where}Delivery protocol [{protocol}] does not support raw message delivery.")


def _check_filter(attributes: dict[str, str], where: str) -> None:
    text = attributes.get("FilterPolicy")
    if text:
        policy = filter_policy.parse(text, where)
        filter_policy.check(policy, attributes.get("FilterPolicyScope") or SCOPES[0], where)


def _check_redrive(value: str, where: str) -> None:
    try:
        target = json.loads(value).get("deadLetterTargetArn")
    except (ValueError, AttributeError) as error:
        raise invalid(f"{where}RedrivePolicy: failed to parse JSON.") from error
    if not isinstance(target, str) or len(target.split(":")) < 6:
        raise invalid(f"{where}RedrivePolicy: deadLetterTargetArn is an invalid arn")
