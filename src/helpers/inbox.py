"""The laptop's inbox, read as a mail program would: SNS mails of the protocol email-json.

On AWS the mails go to the learner's own mailbox, which the lab cannot read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

from helpers.settings import Settings


def documents(settings: Settings, topic_arn: str, email: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON documents that a topic has mailed to an address, oldest first.

    Each has `Type` (`SubscriptionConfirmation`, `Notification` or `UnsubscribeConfirmation`), and is told in
    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html. `Received` is added to them: when
    the mail was in the mailbox, in UTC, like `2019-10-01T00:00:10.000`.
    """
    for path in sorted(settings.inbox_dir.glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        if mail["To"] != email:
            continue
        try:
            document = json.loads(mail.get_content())
        except ValueError:
            # A mail of the protocol email: text for people.
            continue
        if isinstance(document, dict) and document.get("TopicArn") == topic_arn:
            received = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
            yield document | {"Received": received.isoformat(timespec="milliseconds")}


def confirmation_link(settings: Settings, topic_arn: str, email: str) -> str | None:
    """Return the link of the latest confirmation mail, None if there is no such mail here."""
    links = [
        document["SubscribeURL"]
        for document in documents(settings, topic_arn, email)
        if document["Type"] == "SubscriptionConfirmation"
    ]
    return links[-1] if links else None


def notifications(settings: Settings, topic_arn: str, email: str) -> list[dict[str, Any]]:
    """Return the notifications that a topic has mailed to an address, oldest first."""
    return [each for each in documents(settings, topic_arn, email) if each["Type"] == "Notification"]
