"""The actions on subscriptions: subscribe, confirm, unsubscribe and describe."""

from __future__ import annotations

import re
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, request_scope
from ministack.services import sns as emulator

from helpers.local.sns import attributes, dead_letters, mails, pending
from helpers.local.sns.protocol import (
    Answer,
    ApiError,
    Request,
    element,
    invalid,
    missing,
    subscription_not_found,
    topic_not_found,
    xml,
)

PENDING = "pending confirmation"

_PROTOCOLS = frozenset({"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"})
# One address: a list of them, a display name or white space is none.
_PHONE_NUMBER = re.compile(r"\+?[0-9][0-9\- ]{1,18}")
_ADDRESS = re.compile(r"[^@\s;,<>\"]+@[^@\s;,<>\".]+(\.[^@\s;,<>\".]+)+")


def subscribe(request: Request) -> Answer | None:
    """Subscribe; None if the emulator should do so, which is for the protocols that are not mail."""
    topic = topic_of(request.get("TopicArn"))
    protocol, endpoint = request.get("Protocol"), request.get("Endpoint")
    if protocol not in _PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    _check_endpoint(topic, protocol, endpoint)
    given = request.entries("Attributes")
    attributes.check(protocol, given)
    _check_dead_letters(topic, endpoint, given, where="Attributes Reason: ")
    existing = _existing(topic, protocol, endpoint)
    if existing is not None and existing["confirmed"]:
        attributes.refuse_difference(existing, given)
    if protocol not in mails.PROTOCOLS:
        return _answer_again(existing, request) if existing is not None else None
    if len(endpoint) > 320 or not _ADDRESS.fullmatch(endpoint):
        raise invalid("Email address")
    if topic["attributes"].get("FifoTopic") == "true":
        raise invalid(f"Invalid protocol type: {protocol}")
    if existing is None:
        existing = _new(topic, protocol, endpoint)
    if not existing["confirmed"]:
        existing["attributes"].update(attributes.normal(given))
        pending.begin(existing)
    return _answer_again(existing, request)


def returned_arn(request: Request, answer: Answer) -> Answer:
    """Return the emulator's answer to Subscribe with the ARN in it, if the request asks for that."""
    topic = topic_of(request.get("TopicArn"))
    made = _existing(topic, request.get("Protocol"), request.get("Endpoint"))
    if made is None:
        return answer
    made["attributes"] = attributes.normal(made["attributes"])
    return _answer_again(made, request)


def confirm(request: Request) -> Answer:
    """Confirm by token; neither the topic's policy nor a signature is asked for.

    AWS finds the subscription by its token alone: of the topic's ARN only the region counts.
    """
    token = request.get("Token")
    if not pending.is_token(token):
        raise ApiError("InvalidParameter", "Invalid token")
    parts = request.get("TopicArn").split(":")
    if len(parts) < 6:
        raise invalid("Topic")
    authenticate = request.flag("AuthenticateOnUnsubscribe")
    if authenticate and not request.signed:
        raise ApiError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    elsewhere = any(pending.holds(topic, token) for topic in emulator._topics.values())
    with request_scope(parts[4] or get_account_id(), parts[3] or get_region()):
        for topic in list(emulator._topics.values()):
            confirmed = pending.confirm(topic, token, request.signed)
            if confirmed is None:
                continue
            if authenticate:
                confirmed["authenticate_on_unsubscribe"] = True
            return xml("ConfirmSubscription", element("SubscriptionArn", confirmed["arn"]))
    raise invalid("Topic" if elsewhere else "Token")


def unsubscribe(request: Request) -> Answer:
    """Delete a subscription; one that does not exist is no error, one that is pending is."""
    if "SubscriptionArn" not in request.parameters:
        raise missing("subscriptionArn")
    arn = _checked_arn(request.get("SubscriptionArn"))
    # A link carries no credentials, so the ARN alone tells whose it is and where.
    parts = arn.split(":")
    with request_scope(parts[4] or get_account_id(), parts[3] or get_region()):
        try:
            topic, subscription = _found(arn)
        except ApiError:
            return xml("Unsubscribe", None)
        if not subscription["confirmed"]:
            raise invalid("SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation")
        if subscription.get("authenticate_on_unsubscribe") and not request.signed:
            raise ApiError("AuthorizationError", f"Not authorized to unsubscribe {arn} without a signature", 403)
        topic["subscriptions"].remove(subscription)
        emulator._sub_arn_to_topic.pop(arn, None)
        deleted = int(topic["attributes"].get("SubscriptionsDeleted", "0"))
        topic["attributes"]["SubscriptionsDeleted"] = str(deleted + 1)
        if not request.signed and subscription["protocol"] in mails.PROTOCOLS:
            pending.cancel_by_link(topic, subscription)
    return xml("Unsubscribe", None)


def get_attributes(request: Request) -> Answer:
    """Describe a subscription, confirmed or not."""
    _, subscription = _found(_checked_arn(request.get("SubscriptionArn")))
    shown = attributes.shown(subscription["attributes"], subscription.get("owner", get_account_id()))
    entries = "".join(
        f"<entry>{element('key', name)}{element('value', value)}</entry>" for name, value in shown.items()
    )
    return xml("GetSubscriptionAttributes", f"<Attributes>{entries}</Attributes>")


def set_attributes(request: Request) -> Answer:
    """Set one attribute of a subscription."""
    topic, subscription = _found(_checked_arn(request.get("SubscriptionArn")))
    name, value = request.get("AttributeName"), request.get("AttributeValue")
    if name not in attributes.NAMES:
        raise invalid("AttributeName")
    attributes.check(subscription["protocol"], {name: value}, subscription["attributes"], where="")
    _check_dead_letters(topic, subscription["endpoint"], {name: value}, where="")
    subscription["attributes"].update(attributes.normal({name: value}))
    return xml("SetSubscriptionAttributes", None)


def topic_of(arn: str) -> dict[str, Any]:
    """Return the topic of that ARN.

    Raises
    ------
    ApiError
        `InvalidParameter` if it is no topic's ARN, `NotFound` if there is no such topic.
    """
    check_topic_arn(arn)
    topic: dict[str, Any] | None = emulator._topic_by_arn_any_scope(emulator._normalize_arn(arn))
    if topic is None:
        raise topic_not_found()
    return topic


def _check_endpoint(topic: dict[str, Any], protocol: str, endpoint: str) -> None:
    if protocol in ("http", "https") and not endpoint.startswith(f"{protocol}://"):
        raise invalid("Endpoint must match the specified protocol")
    if protocol == "sms" and not _PHONE_NUMBER.fullmatch(endpoint):
        raise ApiError("InvalidParameter", f"Invalid SMS endpoint: {endpoint}")
    if protocol == "lambda" and not endpoint.startswith("arn:aws:lambda:"):
        raise invalid("Lambda endpoint ARN")
    if protocol != "sqs":
        return
    if len(endpoint.split(":")) != 6 or not endpoint.startswith("arn:"):
        raise invalid("SQS endpoint ARN")
    if endpoint.endswith(".fifo") and not topic["arn"].endswith(".fifo"):
        # AWS's answer says it twice.
        reason = "FIFO SQS Queues can not be subscribed to standard SNS topics"
        raise invalid(f"Invalid parameter: Endpoint Reason: {reason}")


def _check_dead_letters(topic: dict[str, Any], endpoint: str, given: dict[str, str], where: str) -> None:
    target = dead_letters.target(given)
    if target and all(name.endswith(".fifo") for name in (topic["arn"], endpoint)) and not target.endswith(".fifo"):
        raise invalid(f"{where}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.")


def check_topic_arn(arn: str) -> None:
    """Raise `ApiError` for an ARN that no topic of the region can have."""
    parts = arn.split(":")
    if len(parts) < 6:
        raise invalid(f"TopicArn Reason: An ARN must have at least 6 elements, not {len(parts)}")
    if len(parts) > 6:
        # Seen when somebody publishes to the ARN of a subscription.
        raise invalid("Topic Name")
    if parts[2] != "sns" or parts[3] != get_region():
        raise invalid("TopicArn")


def _checked_arn(arn: str) -> str:
    parts = arn.split(":")
    if len(parts) < 6:
        raise invalid(f"SubscriptionArn Reason: An ARN must have at least 6 elements, not {len(parts)}")
    if len(parts) == 6:
        raise invalid("SubscriptionId")
    return arn


def _found(arn: str) -> tuple[dict[str, Any], dict[str, Any]]:
    topic_arn = emulator._sub_arn_to_topic.get(arn)
    topic: dict[str, Any] | None = emulator._topic_by_arn_any_scope(topic_arn) if topic_arn else None
    if topic is not None:
        for subscription in topic["subscriptions"]:
            if subscription["arn"] == arn:
                return topic, subscription
    raise subscription_not_found()


def _existing(topic: dict[str, Any], protocol: str, endpoint: str) -> dict[str, Any] | None:
    held: list[dict[str, Any]] = topic["subscriptions"]
    return next((each for each in held if (each["protocol"], each["endpoint"]) == (protocol, endpoint)), None)


def _new(topic: dict[str, Any], protocol: str, endpoint: str) -> dict[str, Any]:
    arn = f"{topic['arn']}:{new_uuid()}"
    owner = get_account_id()
    subscription = {
        "arn": arn,
        "protocol": protocol,
        "endpoint": endpoint,
        "confirmed": False,
        "topic_arn": topic["arn"],
        "owner": owner,
        "attributes": attributes.new(arn, topic["arn"], protocol, endpoint, owner),
    }
    topic["subscriptions"].append(subscription)
    emulator._sub_arn_to_topic[arn] = topic["arn"]
    return subscription


def _answer_again(subscription: dict[str, Any], request: Request) -> Answer:
    shown = subscription["confirmed"] or request.flag("ReturnSubscriptionArn")
    return xml("Subscribe", element("SubscriptionArn", subscription["arn"] if shown else PENDING))
