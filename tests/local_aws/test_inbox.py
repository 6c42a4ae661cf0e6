"""The laptop's inbox, read as notebook 09 reads it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sns_mailbox import open_link

from helpers import inbox
from helpers.settings import Settings


@pytest.fixture
def settings(services_dir: Path, local_aws: str) -> Settings:
    return Settings("lab", "000000000000", "us-east-1", "local", local_aws, services_dir)


def test_the_latest_confirmation_and_the_notifications_of_one_topic_and_address(
    client: Callable[[str], Any], settings: Settings
) -> None:
    sns, email = client("sns"), f"{uuid.uuid4().hex[:8]}@example.com"
    topic, other = (sns.create_topic(Name=f"inbox-{uuid.uuid4().hex[:8]}")["TopicArn"] for _ in range(2))
    assert inbox.confirmation_link(settings, topic, email) is None
    for arn in (topic, topic, other):
        sns.subscribe(TopicArn=arn, Protocol="email-json", Endpoint=email)
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=email)
    link = inbox.confirmation_link(settings, topic, email)
    assert link is not None
    open_link(link)
    sns.publish(TopicArn=topic, Message="one")
    sns.publish(TopicArn=topic, Message="two")
    assert [mail["Message"] for mail in inbox.notifications(settings, topic, email)] == ["one", "two"]
    kinds = [document["Type"] for document in inbox.documents(settings, topic, email)]
    assert kinds == ["SubscriptionConfirmation"] * 2 + ["Notification"] * 2
    assert inbox.notifications(settings, other, email) == []
