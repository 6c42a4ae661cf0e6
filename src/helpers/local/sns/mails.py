"""What SNS mails say: confirmations and notifications, as plain text and as JSON.

Sources: "HTTP/HTTPS subscription confirmation JSON format", "HTTP/HTTPS notification JSON format",
"HTTP/HTTPS unsubscribe confirmation JSON format" (the same documents go out by email-json) and
GetTopicAttributes (DisplayName) of the SNS developer guide and API reference.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from ministack.core.responses import new_uuid

JSON_PROTOCOL = "email-json"
PROTOCOLS = frozenset({"email", JSON_PROTOCOL})

_SENDER = "no-reply@sns.amazonaws.com"
_DEFAULT_NAME = "AWS Notifications"
_DEFAULT_SUBJECT = "AWS Notification Message"
_FOOTER = (
    "\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below "
    "to unsubscribe:\n{url}\n\nPlease do not reply directly to this email. If you have any questions or comments "
    "regarding this email, please contact us at https://aws.amazon.com/support\n"
)


@dataclass(frozen=True)
class Notification:
    """One published message as one subscriber gets it; `attributes` as `{name: {"DataType", "StringValue"}}`."""

    message_id: str
    message: str
    subject: str
    attributes: dict[str, dict[str, Any]]


def subscribe_url(topic_arn: str, token: str) -> str:
    """Return the link that confirms a subscription; it takes no signature."""
    return _link({"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token})


def unsubscribe_url(subscription_arn: str) -> str:
    """Return the link that ends a subscription; it takes no signature."""
    return _link({"Action": "Unsubscribe", "SubscriptionArn": subscription_arn})


def confirmation(subscription: dict[str, Any], token: str) -> EmailMessage:
    """Return the mail that asks for a subscription's confirmation."""
    topic_arn = subscription["topic_arn"]
    url = subscribe_url(topic_arn, token)
    if subscription["protocol"] == JSON_PROTOCOL:
        message = (
            f"You have chosen to subscribe to the topic {topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        )
        body = _asking("SubscriptionConfirmation", topic_arn, message, url, token)
    else:
        body = (
            f"You have chosen to subscribe to the topic:\n{topic_arn}\n\n"
            "To confirm this subscription, click or visit the link below "
            f"(If this was in error no action is necessary):\n{url}\n\n"
            "Please do not reply directly to this email.\n"
        )
    return _mail(subscription, _DEFAULT_NAME, "AWS Notification - Subscription Confirmation", body)


def cancellation(subscription: dict[str, Any], token: str) -> EmailMessage:
    """Return the mail after an unsubscription by link: how to take it back."""
    topic_arn = subscription["topic_arn"]
    url = subscribe_url(topic_arn, token)
    if subscription["protocol"] == JSON_PROTOCOL:
        message = (
            f"You have chosen to deactivate subscription {subscription['arn']}.\n"
            "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
        )
        body = _asking("UnsubscribeConfirmation", topic_arn, message, url, token)
    else:
        body = (
            f"Your subscription to the topic below has been deleted:\n{topic_arn}\n\n"
            f"If this was in error, click or visit the link below to subscribe again:\n{url}\n"
        )
    return _mail(subscription, _DEFAULT_NAME, "AWS Notification - Unsubscribe Confirmation", body)


def notification(subscription: dict[str, Any], display_name: str, published: Notification) -> EmailMessage:
    """Return the mail that brings a published message."""
    url = unsubscribe_url(subscription["arn"])
    if subscription["protocol"] == JSON_PROTOCOL:
        members: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": published.message_id,
            "TopicArn": subscription["topic_arn"],
            **({"Subject": published.subject} if published.subject else {}),
            "Message": published.message,
            **_signature(published.message_id),
            "UnsubscribeURL": url,
        }
        if published.attributes:
            members["MessageAttributes"] = {
                name: {"Type": value["DataType"], "Value": value.get("StringValue") or value.get("BinaryValue", "")}
                for name, value in published.attributes.items()
            }
        body = _document(members)
    else:
        body = published.message + _FOOTER.format(url=url)
    return _mail(subscription, display_name or _DEFAULT_NAME, published.subject or _DEFAULT_SUBJECT, body)


def _asking(kind: str, topic_arn: str, message: str, url: str, token: str) -> str:
    message_id = new_uuid()
    return _document(
        {
            "Type": kind,
            "MessageId": message_id,
            "Token": token,
            "TopicArn": topic_arn,
            "Message": message,
            "SubscribeURL": url,
            **_signature(message_id),
        }
    )


def _signature(message_id: str) -> dict[str, str]:
    # Nothing local could vouch for a key, so the signature has the right shape and no certificate behind it.
    digest = hashlib.shake_256(message_id.encode()).digest(256)
    return {
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "SignatureVersion": "1",
        "Signature": base64.b64encode(digest).decode("ascii"),
        "SigningCertURL": _origin() + "/SimpleNotificationService-local.pem",
    }


def _document(members: dict[str, Any]) -> str:
    return json.dumps(members, indent=2, separators=(",", " : "), ensure_ascii=False) + "\n"


def _mail(subscription: dict[str, Any], sender: str, subject: str, body: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address(sender, addr_spec=_SENDER)
    mail["To"] = subscription["endpoint"]
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{new_uuid()}@sns.amazonaws.com>"
    mail.set_content(body, charset="utf-8", cte="8bit")
    return mail


def _link(parameters: dict[str, str]) -> str:
    return f"{_origin()}/?{urlencode(parameters, safe=':')}"


def _origin() -> str:
    return f"http://{os.environ['MINISTACK_HOST']}:{os.environ['GATEWAY_PORT']}"
