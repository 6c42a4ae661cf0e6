"""Delivery of published messages to mail subscriptions, beside the emulator's own deliveries."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ministack.services import sns as emulator

from helpers.local.sns import inbox, mails, pending

logger = logging.getLogger(__name__)


def deliver(
    topic_arn: str, message_id: str, message: str, subject: str, structure: str, attributes: dict[str, dict[str, Any]]
) -> None:
    """Write a mail for every confirmed mail subscription of the topic whose filter lets the message through."""
    topic = emulator._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return
    pending.review(topic)
    for subscription in topic["subscriptions"]:
        if subscription["protocol"] not in mails.PROTOCOLS or not subscription["confirmed"]:
            continue
        text = emulator._resolve_message_for_protocol(message, structure, subscription["protocol"])
        if not emulator._matches_filter_policy(subscription, attributes, text):
            continue
        published = mails.Notification(message_id, text, subject, attributes)
        inbox.put(mails.notification(subscription, topic["attributes"].get("DisplayName", ""), published))


def beside(fan_out: Callable[..., None]) -> Callable[..., None]:
    """Return the emulator's fan-out with the mails after its own deliveries.

    Everything that publishes inside the emulator comes through here: Publish, alarms, destinations.
    """

    def both(
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        message_structure: str = "",
        message_attributes: dict[str, dict[str, Any]] | None = None,
        **fifo: str,
    ) -> None:
        deliver(topic_arn, msg_id, message, subject, message_structure, message_attributes or {})
        fan_out(topic_arn, msg_id, message, subject, message_structure, message_attributes, **fifo)

    return both
