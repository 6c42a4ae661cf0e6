"""The SNS service in front of the emulator's: confirmations, mails, and the checks that go with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ministack.services import sns as emulator

from helpers.local.sns import delivery, inbox, listing, pending, publishing, subscriptions, topics
from helpers.local.sns.protocol import Answer, ApiError, Request, element, failure, parse, xml

_ACTIONS: dict[str, Callable[[Request], Answer]] = {
    "ConfirmSubscription": subscriptions.confirm,
    "GetSubscriptionAttributes": subscriptions.get_attributes,
    "ListSubscriptions": listing.list_all,
    "ListSubscriptionsByTopic": listing.list_by_topic,
    "SetSubscriptionAttributes": subscriptions.set_attributes,
    "Unsubscribe": subscriptions.unsubscribe,
}

# The emulator gives some errors the names of the SDKs' classes; the wire carries these codes.
_CODES = {b"InvalidParameterException": b"InvalidParameter", b"NotFoundException": b"NotFound"}


def install(handlers: dict[str, Any]) -> None:
    """Take the requests to SNS, and what the emulator's other services publish."""
    handlers["sns"] = handle
    inbox.folder().mkdir(parents=True, exist_ok=True)
    emulator._fanout = delivery.fan_out
    emulator._parse_batch_entries = publishing.batch_entries
    # Checked here, against the topic's own limit.
    emulator._SNS_MAX_PAYLOAD_BYTES = topics.LARGEST_BYTES


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
    """Answer one request: status, headers, body."""
    request = parse(headers, body, query)
    for topic in list(emulator._topics.values()):
        pending.review(topic)
    try:
        own = _ACTIONS.get(request.action)
        if own is not None:
            return own(request)
        if request.action == "Subscribe":
            answer = subscriptions.subscribe(request)
            if answer is None:
                answer = await _emulated(path, headers, request)
                return subscriptions.returned_arn(request, answer) if answer[0] == 200 else answer
            return answer
        if request.action == "CreateTopic" and (held := topics.held(request)) is not None:
            return xml("CreateTopic", element("TopicArn", held["arn"]))
        if request.action == "PublishBatch":
            taken, refused = publishing.split_batch(request)
            published = await _emulated(path, headers, taken) if taken else publishing.nothing_published()
            return publishing.with_refused(published, refused)
        _check(request)
    except ApiError as error:
        return failure(error)
    return await _emulated(path, headers, request)


def _check(request: Request) -> None:
    if request.action == "GetTopicAttributes":
        topics.complete(subscriptions.topic_of(request.get("TopicArn")))
    elif request.action == "SetTopicAttributes":
        subscriptions.topic_of(request.get("TopicArn"))
        topics.check_change(request.get("AttributeName"), request.get("AttributeValue"))
    elif request.action == "DeleteTopic":
        subscriptions.check_topic_arn(request.get("TopicArn"))
    elif request.action == "Publish":
        publishing.check_publish(request)
    elif request.action == "TagResource":
        topics.check_tags(request)


async def _emulated(path: str, headers: dict[str, str], request: Request) -> Answer:
    body = urlencode(request.parameters).encode()
    status, answered, text = await emulator.handle_request("POST", path, headers, body, {})
    if status >= 400:
        for wrong, right in _CODES.items():
            text = text.replace(b"<Code>" + wrong + b"</Code>", b"<Code>" + right + b"</Code>")
    return status, answered, text
