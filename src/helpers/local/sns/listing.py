"""Lists of subscriptions, a hundred at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import sns as emulator

from helpers.local.sns.protocol import Answer, Request, element, invalid, xml
from helpers.local.sns.subscriptions import topic_of

# ListSubscriptions: "each call returns a limited list of subscriptions, up to 100".
_PAGE = 100


def list_all(request: Request) -> Answer:
    """List the subscriptions of the account in the region."""
    every = [each for topic in emulator._topics.values() for each in topic["subscriptions"]]
    return xml("ListSubscriptions", _page(every, request.get("NextToken")))


def list_by_topic(request: Request) -> Answer:
    """List the subscriptions of a topic."""
    topic = topic_of(request.get("TopicArn"))
    return xml("ListSubscriptionsByTopic", _page(topic["subscriptions"], request.get("NextToken")))


def _page(subscriptions: list[dict[str, Any]], token: str) -> str:
    start = _start(token, len(subscriptions))
    members = "".join(_members(subscriptions[start : start + _PAGE]))
    end = start + _PAGE
    more = (
        element("NextToken", base64.urlsafe_b64encode(str(end).encode()).decode()) if end < len(subscriptions) else ""
    )
    return f"<Subscriptions>{members}</Subscriptions>{more}"


def _start(token: str, count: int) -> int:
    if not token:
        return 0
    try:
        start = int(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error) as error:
        raise invalid("NextToken") from error
    return min(max(start, 0), count)


def _members(subscriptions: Iterable[dict[str, Any]]) -> Iterable[str]:
    for each in subscriptions:
        shown = each["arn"] if each["confirmed"] else "PendingConfirmation"
        yield (
            "<member>"
            + element("TopicArn", each["topic_arn"])
            + element("Protocol", each["protocol"])
            + element("SubscriptionArn", shown)
            + element("Owner", each.get("owner", get_account_id()))
            + element("Endpoint", each["endpoint"])
            + "</member>"
        )
