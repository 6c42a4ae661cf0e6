"""Delivery of published messages to every subscription whose filter lets them through."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import lambda_svc
from ministack.services import sns as emulator

from helpers.local.sns import dead_letters, filtering, inbox, mails, notifications, pending
from helpers.local.sns.notifications import Notification

logger = logging.getLogger(__name__)


def fan_out(
    topic_arn: str,
    msg_id: str,
    message: str,
    subject: str,
    message_structure: str = "",
    message_attributes: dict[str, dict[str, Any]] | None = None,
    message_group_id: str = "",
    message_dedup_id: str = "",
) -> None:
    """Deliver a message; everything that publishes inside the emulator comes here: Publish, alarms, destinations."""
    topic = emulator._topic_by_arn_any_scope(topic_arn)
    if topic is None:
        return
    pending.review(topic)
    attributes = message_attributes or {}
    parts = topic_arn.split(":")
    fifo = {"message_group_id": message_group_id, "message_dedup_id": message_dedup_id}
    for subscription in topic["subscriptions"]:
        text = emulator._resolve_message_for_protocol(message, message_structure, subscription["protocol"])
        if not subscription["confirmed"] or not filtering.passes(subscription, attributes, text):
            continue
        version = topic["attributes"].get("SignatureVersion", "1")
        sequence_number = str(topic["fifo_seq"]).zfill(20) if "fifo_seq" in topic else ""
        published = Notification(msg_id, text, subject, attributes, version, sequence_number)
        # The owner's functions and queues are looked for, whoever publishes.
        with request_scope(parts[4] or get_account_id(), parts[3] or get_region()):
            _deliver(topic, subscription, published, fifo)


def _deliver(
    topic: dict[str, Any], subscription: dict[str, Any], published: Notification, fifo: dict[str, str]
) -> None:
    protocol = subscription["protocol"]
    if dead_letters.is_gone(subscription):
        target = dead_letters.target(subscription["attributes"])
        logger.warning("%s of topic %s does not exist", subscription["endpoint"], topic["name"])
        if target:
            _to_queue(target, subscription, published, fifo)
    elif protocol in mails.PROTOCOLS:
        inbox.put(mails.notification(subscription, topic["attributes"].get("DisplayName", ""), published))
    elif protocol == "sqs":
        _to_queue(subscription["endpoint"], subscription, published, fifo)
    elif protocol == "lambda":
        function, config, _ = lambda_svc._get_func_record_for_ref(subscription["endpoint"])
        called = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(called, notifications.event(subscription, published))
    elif protocol in ("http", "https"):
        post = emulator._deliver_to_http(subscription["endpoint"], _body(subscription, published))
        threading.Thread(target=asyncio.run, args=(post,), daemon=True).start()
    else:
        logger.info("Messages of topic %s are not sent to %s", topic["name"], protocol)


def _to_queue(queue: str, subscription: dict[str, Any], published: Notification, fifo: dict[str, str]) -> None:
    emulator._deliver_to_sqs(
        queue,
        _body(subscription, published),
        _is_raw(subscription),
        published.message,
        message_attributes=published.attributes,
        topic_arn=subscription["topic_arn"],
        **fifo,
    )


def _body(subscription: dict[str, Any], published: Notification) -> str:
    if _is_raw(subscription):
        return published.message
    return notifications.laid_out(notifications.document(subscription, published))


def _is_raw(subscription: dict[str, Any]) -> bool:
    return bool(subscription["attributes"].get("RawMessageDelivery") == "true")
