"""Mails of the inbox folder, also those that are no documents of SNS."""

from __future__ import annotations

import json
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpers import inbox
from helpers.settings import Settings

TOPIC, EMAIL = "arn:aws:sns:us-east-1:000000000000:lab-alerts", "you@example.com"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("lab", "000000000000", "us-east-1", "local", None, tmp_path)


def put(settings: Settings, name: str, body: str, to: str = EMAIL, received: float = 1_800_000_000.25) -> None:
    settings.inbox_dir.mkdir(parents=True, exist_ok=True)
    mail = EmailMessage()
    mail["To"] = to
    mail.set_content(body)
    path = settings.inbox_dir / f"{name}.eml"
    path.write_bytes(mail.as_bytes())
    os.utime(path, (received, received))


def document(kind: str, **fields: str) -> str:
    return json.dumps({"Type": kind, "TopicArn": TOPIC, **fields})


def test_an_inbox_that_is_not_there_yet_is_empty(settings: Settings) -> None:
    assert inbox.notifications(settings, TOPIC, EMAIL) == []
    assert inbox.confirmation_link(settings, TOPIC, EMAIL) is None


def test_the_latest_link_counts_and_notifications_come_in_order(settings: Settings) -> None:
    put(settings, "1", document("SubscriptionConfirmation", SubscribeURL="http://old"))
    put(settings, "3", document("Notification", Message="first"))
    put(settings, "4", document("Notification", Message="second"))
    put(settings, "2", document("SubscriptionConfirmation", SubscribeURL="http://new"))
    assert inbox.confirmation_link(settings, TOPIC, EMAIL) == "http://new"
    assert [each["Message"] for each in inbox.notifications(settings, TOPIC, EMAIL)] == ["first", "second"]


def test_a_mail_says_when_it_was_there_in_utc(settings: Settings) -> None:
    put(settings, "1", document("Notification", Message="x"))
    (mail,) = inbox.notifications(settings, TOPIC, EMAIL)
    assert mail["Received"] == "2027-01-15T08:00:00.250"


@pytest.mark.parametrize("body", ["You have chosen to subscribe", "[1, 2]", "7", '"text"', "", "{"])
def test_mails_for_people_are_passed_over(body: str, settings: Settings) -> None:
    put(settings, "1", body)
    put(settings, "2", document("Notification", Message="x"))
    assert [each["Message"] for each in inbox.documents(settings, TOPIC, EMAIL)] == ["x"]


def test_mails_of_another_address_or_topic_are_passed_over(settings: Settings) -> None:
    put(settings, "1", document("Notification", Message="x"), to="other@example.com")
    put(settings, "2", json.dumps({"Type": "Notification", "TopicArn": TOPIC + "2", "Message": "x"}))
    assert inbox.notifications(settings, TOPIC, EMAIL) == []
