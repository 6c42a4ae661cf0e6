"""A mail subscription ends: by its owner, by the link in a mail, or unconfirmed after two days."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError
from sns_mailbox import Mailbox, open_link


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"end-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.fixture
def mailbox(services_dir: Path) -> Mailbox:
    return Mailbox(services_dir / "inbox", f"{uuid.uuid4().hex[:8]}@example.com")


def subscribe(sns: Any, topic: str, mailbox: Mailbox) -> str:
    answer = sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=mailbox.address, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_pending_subscription_cannot_be_deleted(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = subscribe(sns, topic, mailbox)
    assert refused(sns.unsubscribe, SubscriptionArn=arn) == (
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation",
    )
    assert refused(sns.unsubscribe, SubscriptionArn="PendingConfirmation") == (
        "InvalidParameter",
        "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
    )
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"


def test_the_owner_deletes_a_confirmed_one_without_a_mail(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = subscribe(sns, topic, mailbox)
    open_link(mailbox.documents()[0]["SubscribeURL"])
    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "1"
    assert refused(sns.get_subscription_attributes, SubscriptionArn=arn) == ("NotFound", "Subscription does not exist")
    sns.publish(TopicArn=topic, Message="nobody reads this")
    assert len(mailbox.mails()) == 1


def test_the_link_of_a_notification_ends_the_subscription_and_a_mail_offers_it_back(
    sns: Any, topic: str, mailbox: Mailbox
) -> None:
    arn = subscribe(sns, topic, mailbox)
    open_link(mailbox.documents()[0]["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="one")
    assert open_link(mailbox.documents()[1]["UnsubscribeURL"]).startswith("<UnsubscribeResponse")
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    farewell = mailbox.documents()[2]
    assert farewell["Type"] == "UnsubscribeConfirmation"
    assert farewell["Message"] == (
        f"You have chosen to deactivate subscription {arn}.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included in this message."
    )
    open_link(farewell["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="two")
    assert mailbox.documents()[3]["Message"] == "two"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"] == arn


def test_authenticate_on_unsubscribe_shuts_the_link(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = subscribe(sns, topic, mailbox)
    document = mailbox.documents()[0]
    with pytest.raises(HTTPError) as caught:
        open_link(document["SubscribeURL"] + "&AuthenticateOnUnsubscribe=true")
    assert caught.value.code == 403
    sns.confirm_subscription(TopicArn=topic, Token=document["Token"], AuthenticateOnUnsubscribe="true")
    sns.publish(TopicArn=topic, Message="one")
    with pytest.raises(HTTPError) as caught:
        open_link(mailbox.documents()[1]["UnsubscribeURL"])
    assert caught.value.code == 403
    assert "<Code>AuthorizationError</Code>" in caught.value.read().decode()
    sns.unsubscribe(SubscriptionArn=arn)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_deleting_the_topic_takes_its_subscriptions_along(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = subscribe(sns, topic, mailbox)
    sns.delete_topic(TopicArn=topic)
    assert refused(sns.get_subscription_attributes, SubscriptionArn=arn)[0] == "NotFound"
    with pytest.raises(HTTPError) as caught:
        open_link(mailbox.documents()[0]["SubscribeURL"])
    assert caught.value.code == 400
    assert "<Message>Invalid parameter: Token</Message>" in caught.value.read().decode()


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        ("randomstring", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:us-east-1:random", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"),
        ("arn:aws:sns:us-east-1:111111111111:random", "SubscriptionId"),
    ],
)
def test_what_is_no_subscription_cannot_be_deleted(sns: Any, arn: str, reason: str) -> None:
    assert refused(sns.unsubscribe, SubscriptionArn=arn) == ("InvalidParameter", f"Invalid parameter: {reason}")
