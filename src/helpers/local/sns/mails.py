"""What SNS mails say: confirmations and notifications, as plain text and as JSON.

Sources: "HTTP/HTTPS subscription confirmation JSON format", "HTTP/HTTPS unsubscribe confirmation JSON
format" (the same documents go out by email-json) and
GetTopicAttributes (DisplayName) of the SNS developer guide and API reference.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from ministack.core.responses import new_uuid

from helpers.local.sns.notifications import Notification, document, laid_out, signed, subscribe_url, unsubscribe_url

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
    if subscription["protocol"] == JSON_PROTOCOL:
        body = laid_out(document(subscription, published)) + "\n"
    else:
        body = published.message + _FOOTER.format(url=unsubscribe_url(subscription["arn"]))
    return _mail(subscription, display_name or _DEFAULT_NAME, published.subject or _DEFAULT_SUBJECT, body)


def _asking(kind: str, topic_arn: str, message: str, url: str, token: str) -> str:
    message_id = new_uuid()
    members = {
        "Type": kind,
        "MessageId": message_id,
        "Token": token,
        "TopicArn": topic_arn,
        "Message": message,
        "SubscribeURL": url,
        **signed(message_id),
    }
    return laid_out(members) + "\n"


def _mail(subscription: dict[str, Any], sender: str, subject: str, body: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address(sender, addr_spec=_SENDER)
    mail["To"] = subscription["endpoint"]
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{new_uuid()}@sns.amazonaws.com>"
    mail.set_content(body, charset="utf-8", cte="8bit")
    return mail
