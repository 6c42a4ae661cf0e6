"""How long a subscription waits for its confirmation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers.local.sns import pending

TOPIC = "arn:aws:sns:us-east-1:000000000000:waits"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[float]:
    """Seconds since the epoch, for the test to move."""
    monkeypatch.setenv("LAB_INBOX_DIR", str(tmp_path))
    monkeypatch.setenv("MINISTACK_HOST", "127.0.0.1")
    monkeypatch.setenv("GATEWAY_PORT", "4566")
    moment = [1_000_000.0]
    monkeypatch.setattr(pending, "now", lambda: moment[0])
    return moment


def waiting_topic() -> dict[str, Any]:
    subscription = {
        "arn": f"{TOPIC}:1",
        "topic_arn": TOPIC,
        "protocol": "email",
        "endpoint": "reader@example.com",
        "attributes": {},
    }
    pending.begin(subscription)
    return {"arn": TOPIC, "subscriptions": [subscription], "attributes": {}}


def token_of(topic: dict[str, Any]) -> str:
    return str(next(iter(topic["subscriptions"][0]["tokens"])))


def test_after_48_hours_an_unconfirmed_subscription_is_gone(clock: list[float]) -> None:
    topic = waiting_topic()
    clock[0] += 48 * 3600
    pending.review(topic)
    assert len(topic["subscriptions"]) == 1
    clock[0] += 1
    pending.review(topic)
    assert topic["subscriptions"] == []


def test_a_confirmed_subscription_stays(clock: list[float]) -> None:
    topic = waiting_topic()
    assert pending.confirm(topic, token_of(topic), authenticated=False) is not None
    clock[0] += 400 * 3600
    pending.review(topic)
    assert len(topic["subscriptions"]) == 1


def test_a_token_is_valid_for_two_days(clock: list[float]) -> None:
    topic = waiting_topic()
    clock[0] += 48 * 3600 + 1
    assert pending.confirm(topic, token_of(topic), authenticated=False) is None


def test_subscriptions_made_by_a_template_wait_as_well(clock: list[float], tmp_path: Path) -> None:
    topic = waiting_topic()
    del topic["subscriptions"][0]["tokens"]
    topic["subscriptions"][0]["confirmed"] = True
    pending.review(topic)
    assert topic["subscriptions"][0]["confirmed"] is False
    assert len(list(tmp_path.glob("*.eml"))) == 2
