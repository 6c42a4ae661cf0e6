"""Subscriptions that wait for their confirmation: tokens, mails, and how long they wait.

Source: Subscribe ("Confirmation tokens are valid for two days"), Unsubscribe, and "Deleting an Amazon
SNS topic and subscription" (one that is pending cannot be deleted; after 48 hours SNS deletes it).
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from ministack.services import sns as emulator

from helpers.local.sns import inbox, mails

WAIT_SECONDS = 48 * 3600

# A token is 288 hexadecimal digits, as AWS sends them today; it looks up shorter ones as well.
_TOKEN_BYTES = 144
_TOKEN = re.compile(r"[0-9a-f]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def now() -> float:
    return time.time()


def begin(subscription: dict[str, Any]) -> None:
    """Make a mail subscription wait, and send the mail that asks for its confirmation."""
    subscription["confirmed"] = False
    subscription["attributes"].update({"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"})
    subscription.setdefault("tokens", {})
    subscription["waits_since"] = now()
    inbox.put(mails.confirmation(subscription, _new_token(subscription["tokens"])))


def confirm(topic: dict[str, Any], token: str, authenticated: bool) -> dict[str, Any] | None:
    """Confirm the subscription that `token` belongs to and return it; None if the token is not valid.

    A second time changes nothing. A token of the mail after an unsubscription restores the subscription.
    """
    held: list[dict[str, Any]] = topic["subscriptions"]
    for subscription in held:
        if _is_valid(subscription.get("tokens", {}), token) or (token and token == subscription.get("token")):
            if not subscription["confirmed"]:
                _confirmed(subscription, token, authenticated)
            return subscription
    cancelled: dict[str, Any] | None = topic.get("cancelled", {}).get(token)
    if cancelled is None or not _is_valid(cancelled["tokens"], token):
        return None
    del topic["cancelled"][token]
    topic["subscriptions"].append(cancelled)
    emulator._sub_arn_to_topic[cancelled["arn"]] = topic["arn"]
    return cancelled


def holds(topic: dict[str, Any], token: str) -> bool:
    """Return whether a token is of one of the topic's subscriptions."""
    return any(_is_valid(each.get("tokens", {}), token) for each in topic["subscriptions"])


def is_token(text: str) -> bool:
    """Return whether a text has the form of a token (or of those that the emulator sends to HTTP endpoints)."""
    return bool(_TOKEN.fullmatch(text) or _UUID.fullmatch(text))


def cancel_by_link(topic: dict[str, Any], subscription: dict[str, Any]) -> None:
    """Send a mail after an unsubscription that nobody signed for, with a link to take it back."""
    token = _new_token(subscription.setdefault("tokens", {}))
    topic.setdefault("cancelled", {})[token] = subscription
    inbox.put(mails.cancellation(subscription, token))


def review(topic: dict[str, Any]) -> None:
    """Delete what waited too long; let mail subscriptions wait that were not made by Subscribe (CloudFormation)."""
    for subscription in list(topic["subscriptions"]):
        if subscription["protocol"] in mails.PROTOCOLS and "tokens" not in subscription:
            begin(subscription)
        elif not subscription["confirmed"] and now() - subscription.setdefault("waits_since", now()) > WAIT_SECONDS:
            topic["subscriptions"].remove(subscription)
            emulator._sub_arn_to_topic.pop(subscription["arn"], None)


def _new_token(tokens: dict[str, float]) -> str:
    token = secrets.token_hex(_TOKEN_BYTES)
    tokens[token] = now()
    return token


def _is_valid(tokens: dict[str, float], token: str) -> bool:
    return token in tokens and now() - tokens[token] <= WAIT_SECONDS


def _confirmed(subscription: dict[str, Any], token: str, authenticated: bool) -> None:
    subscription["confirmed"] = True
    subscription.setdefault("tokens", {}).setdefault(token, now())
    subscription["attributes"].update(
        {"PendingConfirmation": "false", "ConfirmationWasAuthenticated": "true" if authenticated else "false"}
    )
