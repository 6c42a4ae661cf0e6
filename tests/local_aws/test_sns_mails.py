"""Published messages as mails: what they say, who gets them, and what is refused."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sns_mailbox import Mailbox, open_link


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"mail-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.fixture
def subscribed(sns: Any, topic: str, services_dir: Path) -> Callable[..., Mailbox]:
    """Make an address whose subscription is confirmed; its box starts with the confirmation mail."""

    def make(protocol: str = "email-json", attributes: dict[str, str] | None = None) -> Mailbox:
        mailbox = Mailbox(services_dir / "inbox", f"{uuid.uuid4().hex[:8]}@example.com")
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=mailbox.address, Attributes=attributes or {})
        [link] = re.findall(r'http[^\s"]+Action=ConfirmSubscription[^\s"]+', mailbox.mails()[0].get_content())
        open_link(link)
        return mailbox

    return make


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_json_mail_is_the_notification_that_aws_sends(
    sns: Any, topic: str, subscribed: Callable[..., Mailbox]
) -> None:
    mailbox = subscribed()
    message_id = sns.publish(
        TopicArn=topic,
        Subject="Bot? ünïcode",
        Message="zwölf Klicks\nin 10 s",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "bot"}},
    )["MessageId"]
    mail = mailbox.mails()[1]
    assert mail["Subject"] == "Bot? ünïcode"
    document = json.loads(mail.get_content())
    assert list(document) == [
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
        "MessageAttributes",
    ]
    assert document["Type"] == "Notification"
    assert document["MessageId"] == message_id
    assert document["TopicArn"] == topic
    assert (document["Subject"], document["Message"]) == ("Bot? ünïcode", "zwölf Klicks\nin 10 s")
    assert document["MessageAttributes"] == {"kind": {"Type": "String", "Value": "bot"}}


def test_a_plain_mail_is_the_message_and_how_to_unsubscribe(
    sns: Any, topic: str, subscribed: Callable[..., Mailbox]
) -> None:
    mailbox = subscribed("email")
    sns.publish(TopicArn=topic, Message="one line")
    mail = mailbox.mails()[1]
    assert mail["Subject"] == "AWS Notification Message"
    text, _, footer = mail.get_content().partition("\n\n--\n")
    assert text == "one line"
    assert footer.startswith("If you wish to stop receiving notifications from this topic")
    [link] = re.findall(r"^http\S+Action=Unsubscribe\S+$", footer, re.MULTILINE)
    open_link(link)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_the_sender_is_the_display_name_of_the_topic(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Shop, alerts")
    mailbox = subscribed()
    sns.publish(TopicArn=topic, Message="x")
    confirmation, notification = mailbox.mails()
    assert confirmation["From"].addresses[0].display_name == "AWS Notifications"
    assert notification["From"].addresses[0].display_name == "Shop, alerts"


def test_a_pending_subscription_gets_no_notification(
    sns: Any, topic: str, subscribed: Callable[..., Mailbox], services_dir: Path
) -> None:
    waiting = Mailbox(services_dir / "inbox", f"{uuid.uuid4().hex[:8]}@example.com")
    sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=waiting.address)
    confirmed = subscribed()
    sns.publish(TopicArn=topic, Message="x")
    assert len(confirmed.mails()) == 2
    assert len(waiting.mails()) == 1


def test_each_protocol_gets_its_own_message(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    plain, structured = subscribed("email"), subscribed("email-json")
    sns.publish(TopicArn=topic, MessageStructure="json", Message=json.dumps({"default": "all", "email": "for people"}))
    assert plain.mails()[1].get_content().startswith("for people\n")
    assert structured.documents()[1]["Message"] == "all"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("no json", "JSON message body failed to parse"),
        ('["default"]', "JSON message body failed to parse"),
        ('{"email": "x"}', "No default entry in JSON message body"),
        ('{"default": 1}', "No default entry in JSON message body"),
    ],
)
def test_a_message_structure_needs_a_default(sns: Any, topic: str, message: str, reason: str) -> None:
    assert refused(sns.publish, TopicArn=topic, Message=message, MessageStructure="json") == (
        "InvalidParameter",
        f"Invalid parameter: Message Structure - {reason}",
    )


def test_filters_on_attributes_and_on_the_body(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    by_attribute = subscribed(attributes={"FilterPolicy": json.dumps({"kind": ["bot"]})})
    by_body = subscribed(
        attributes={
            "FilterPolicy": json.dumps({"actions": [{"numeric": [">", 10]}]}),
            "FilterPolicyScope": "MessageBody",
        }
    )
    kind = {"kind": {"DataType": "String", "StringValue": "bot"}}
    sns.publish(TopicArn=topic, Message='{"actions": 3}', MessageAttributes=kind)
    sns.publish(TopicArn=topic, Message='{"actions": 11}')
    assert [document["Message"] for document in by_attribute.documents()[1:]] == ['{"actions": 3}']
    assert [document["Message"] for document in by_body.documents()[1:]] == ['{"actions": 11}']


@pytest.mark.parametrize("subject", ["", "two\nlines", "bell\x07", "a" * 101])
def test_a_subject_is_one_short_line(sns: Any, topic: str, subject: str) -> None:
    assert refused(sns.publish, TopicArn=topic, Message="x", Subject=subject) == (
        "InvalidParameter",
        "Invalid parameter: Subject",
    )


def test_a_subject_of_a_hundred_characters_arrives(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    mailbox = subscribed()
    sns.publish(TopicArn=topic, Message="x", Subject="é" * 100)
    assert mailbox.mails()[1]["Subject"] == "é" * 100


def test_messages_end_at_256_kib_with_their_attributes(
    sns: Any, topic: str, subscribed: Callable[..., Mailbox]
) -> None:
    mailbox = subscribed()
    kind = {"kind": {"DataType": "String", "StringValue": "bot"}}
    most = 262_144 - len("kind" + "String" + "bot")
    sns.publish(TopicArn=topic, Message="é" * (most // 2) + "x" * (most % 2), MessageAttributes=kind)
    assert len(mailbox.documents()[1]["Message"].encode()) == most
    too_long = ("InvalidParameter", "Invalid parameter: Message too long")
    assert refused(sns.publish, TopicArn=topic, Message="x" * (most + 1), MessageAttributes=kind) == too_long
    assert refused(sns.publish, TopicArn=topic, Message="x" * 262_145) == too_long
    assert refused(sns.publish, TopicArn=topic, Message="") == ("InvalidParameter", "Invalid parameter: Empty message")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="MaximumMessageSize", AttributeValue="1048576")
    sns.publish(TopicArn=topic, Message="x" * 1_048_576)
    assert refused(sns.publish, TopicArn=topic, Message="x" * 1_048_577) == too_long


def test_raw_delivery_is_not_for_mail(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    subscribed("email")
    arn = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    message = "Delivery protocol [email] does not support raw message delivery."
    assert refused(
        sns.set_subscription_attributes,
        SubscriptionArn=arn,
        AttributeName="RawMessageDelivery",
        AttributeValue="true",
    ) == ("InvalidParameter", f"Invalid parameter: {message}")
    assert refused(
        sns.subscribe,
        TopicArn=topic,
        Protocol="email",
        Endpoint="x@example.com",
        Attributes={"RawMessageDelivery": "true"},
    ) == ("InvalidParameter", f"Invalid parameter: Attributes Reason: {message}")


def test_a_batch_publishes_what_it_can(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    mailbox = subscribed()
    answer = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "a", "Message": "one", "Subject": "first"},
            {"Id": "b", "Message": "two", "Subject": "two\nlines"},
            {"Id": "c", "Message": "three"},
        ],
    )
    assert [each["Id"] for each in answer["Successful"]] == ["a", "c"]
    assert answer["Failed"] == [
        {"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Subject", "SenderFault": True}
    ]
    sent = mailbox.documents()[1:]
    assert [(each["MessageId"], each["Message"]) for each in sent] == [
        (answer["Successful"][0]["MessageId"], "one"),
        (answer["Successful"][1]["MessageId"], "three"),
    ]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "EmptyBatchRequest"),
        ([{"Id": str(number), "Message": "x"} for number in range(11)], "TooManyEntriesInBatchRequest"),
        ([{"Id": "a", "Message": "x"}, {"Id": "a", "Message": "y"}], "BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "Message": "x"}], "InvalidBatchEntryId"),
        ([{"Id": "a", "Message": "x" * 131_072}, {"Id": "b", "Message": "y" * 131_073}], "BatchRequestTooLong"),
    ],
)
def test_a_batch_is_refused_as_a_whole(sns: Any, topic: str, entries: list[dict[str, str]], code: str) -> None:
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries)[0] == code


def test_an_alarm_sends_its_mail(
    client: Callable[[str], Any], sns: Any, topic: str, subscribed: Callable[..., Mailbox]
) -> None:
    mailbox = subscribed()
    cloudwatch, name = client("cloudwatch"), f"alarm-{uuid.uuid4().hex[:8]}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="lab",
        MetricName="Alerts",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="for the test")
    mail = mailbox.wait_for(2)[1]
    assert name in mail.get_content()


def test_a_mail_lies_in_the_inbox_when_publish_returns_and_names_sort_by_arrival(
    sns: Any, topic: str, subscribed: Callable[..., Mailbox]
) -> None:
    mailbox = subscribed()
    began = time.perf_counter()
    for number in range(20):
        sns.publish(TopicArn=topic, Message=str(number))
    seconds = time.perf_counter() - began
    assert [document["Message"] for document in mailbox.documents()[1:]] == [str(number) for number in range(20)]
    assert seconds < 4
    assert list(mailbox.folder.glob(".*.part")) == []


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            {"DataType": "String", "StringValue": ""},
            "The message attribute 'a' must contain non-empty message attribute value "
            "for message attribute type 'String'.",
        ),
        ({"DataType": "Number", "StringValue": "twelve"}, "Could not cast message attribute 'a' value to number."),
        (
            {"DataType": "Text", "StringValue": "x"},
            "The message attribute 'a' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String.",
        ),
    ],
)
def test_attributes_of_messages_have_types(sns: Any, topic: str, attribute: dict[str, str], message: str) -> None:
    expected = ("ParameterValueInvalid", message)
    assert refused(sns.publish, TopicArn=topic, Message="x", MessageAttributes={"a": attribute}) == expected


def test_a_binary_attribute_arrives_in_base64(sns: Any, topic: str, subscribed: Callable[..., Mailbox]) -> None:
    mailbox = subscribed()
    binary, number = {"DataType": "Binary", "BinaryValue": b"\x00\xff"}, {"DataType": "Number", "StringValue": "1.5"}
    attributes = {"a": binary, "n": number}
    sns.publish(TopicArn=topic, Message="x", MessageAttributes=attributes)
    assert mailbox.documents()[1]["MessageAttributes"] == {
        "a": {"Type": "Binary", "Value": "AP8="},
        "n": {"Type": "Number", "Value": "1.5"},
    }
