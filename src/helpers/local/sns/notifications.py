"""What a published message looks like to those who get it as a document: queues, web servers, mail, functions.

Sources: "HTTP/HTTPS notification JSON format" and "Fanout to Lambda functions" of the SNS developer guide
(https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Notification:
    """One published message as one subscriber gets it; `attributes` as `{name: {"DataType", "StringValue"}}`.

    `sequence_number` is that of a FIFO topic, whose notifications are not signed.
    """

    message_id: str
    message: str
    subject: str
    attributes: dict[str, dict[str, Any]]
    signature_version: str = "1"
    sequence_number: str = ""


def document(subscription: dict[str, Any], published: Notification) -> dict[str, Any]:
    """Return the notification as queues, web servers and mails of the protocol email-json get it."""
    signature = signed(published.message_id, published.signature_version)
    if published.sequence_number:
        signature = {"Timestamp": signature["Timestamp"]}
    return {
        "Type": "Notification",
        "MessageId": published.message_id,
        **({"SequenceNumber": published.sequence_number} if published.sequence_number else {}),
        "TopicArn": subscription["topic_arn"],
        **({"Subject": published.subject} if published.subject else {}),
        "Message": published.message,
        **signature,
        "UnsubscribeURL": unsubscribe_url(subscription["arn"]),
        **({"MessageAttributes": _attributes(published)} if published.attributes else {}),
    }


def event(subscription: dict[str, Any], published: Notification) -> dict[str, Any]:
    """Return the event that a function gets: nothing is left out, and two names are spelled otherwise."""
    signature = signed(published.message_id, "1")
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription["arn"],
                "Sns": {
                    "Type": "Notification",
                    "MessageId": published.message_id,
                    "TopicArn": subscription["topic_arn"],
                    "Subject": published.subject or None,
                    "Message": published.message,
                    "Timestamp": signature["Timestamp"],
                    "SignatureVersion": signature["SignatureVersion"],
                    "Signature": signature["Signature"],
                    "SigningCertUrl": signature["SigningCertURL"],
                    "UnsubscribeUrl": unsubscribe_url(subscription["arn"]),
                    "MessageAttributes": _attributes(published),
                },
            }
        ]
    }


def laid_out(members: dict[str, Any]) -> str:
    """Return a document as SNS writes it."""
    return json.dumps(members, indent=2, separators=(",", " : "), ensure_ascii=False)


def signed(message_id: str, version: str = "1") -> dict[str, str]:
    """Return the members that a signature has."""
    # Nothing local could vouch for a key, so the signature has the right shape and no certificate behind it.
    digest = hashlib.shake_256(message_id.encode()).digest(256)
    return {
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "SignatureVersion": version,
        "Signature": base64.b64encode(digest).decode("ascii"),
        "SigningCertURL": _origin() + "/SimpleNotificationService-local.pem",
    }


def subscribe_url(topic_arn: str, token: str) -> str:
    """Return the link that confirms a subscription; it takes no signature."""
    return _link({"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token})


def unsubscribe_url(subscription_arn: str) -> str:
    """Return the link that ends a subscription; it takes no signature."""
    return _link({"Action": "Unsubscribe", "SubscriptionArn": subscription_arn})


def _attributes(published: Notification) -> dict[str, dict[str, str]]:
    return {
        name: {"Type": value["DataType"], "Value": value.get("StringValue") or value.get("BinaryValue", "")}
        for name, value in published.attributes.items()
    }


def _link(parameters: dict[str, str]) -> str:
    return f"{_origin()}/?{urlencode(parameters, safe=':')}"


def _origin() -> str:
    return f"http://{os.environ['MINISTACK_HOST']}:{os.environ['GATEWAY_PORT']}"
