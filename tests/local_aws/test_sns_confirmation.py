"""A mail subscription waits for its confirmation, and every answer of the API says so."""

from __future__ import annotations

import json
import re
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from sns_mailbox import Mailbox, open_link


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"confirm-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.fixture
def mailbox(services_dir: Path) -> Mailbox:
    return Mailbox(services_dir / "inbox", f"{uuid.uuid4().hex[:8]}@example.com")


def pending_arn(sns: Any, topic: str, address: str, protocol: str = "email-json") -> str:
    answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=address, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def counts(sns: Any, topic: str) -> tuple[str, str, str]:
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    return (
        attributes["SubscriptionsPending"],
        attributes["SubscriptionsConfirmed"],
        attributes["SubscriptionsDeleted"],
    )


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.mark.parametrize("protocol", ["email", "email-json"])
def test_every_answer_says_that_the_subscription_is_pending(
    sns: Any, topic: str, mailbox: Mailbox, protocol: str
) -> None:
    answer = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=mailbox.address)
    assert answer["SubscriptionArn"] == "pending confirmation"
    expected = {
        "SubscriptionArn": "PendingConfirmation",
        "Owner": "000000000000",
        "Protocol": protocol,
        "Endpoint": mailbox.address,
        "TopicArn": topic,
    }
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == [expected]
    assert expected in [
        each for page in sns.get_paginator("list_subscriptions").paginate() for each in page["Subscriptions"]
    ]
    arn = pending_arn(sns, topic, mailbox.address, protocol)
    assert arn.startswith(topic + ":")
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("true", "false")
    assert counts(sns, topic) == ("1", "0", "0")


def test_the_plain_mail_has_a_link_that_confirms(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = pending_arn(sns, topic, mailbox.address, "email")
    [mail] = mailbox.mails()
    assert mail["Subject"] == "AWS Notification - Subscription Confirmation"
    assert str(mail["From"]) == "AWS Notifications <no-reply@sns.amazonaws.com>"
    assert mail.get_content_type() == "text/plain"
    text = mail.get_content()
    assert text.startswith(f"You have chosen to subscribe to the topic:\n{topic}\n")
    [link] = re.findall(r"^http\S+$", text, re.MULTILINE)
    page = open_link(link)
    assert page.startswith("<ConfirmSubscriptionResponse")
    assert f"<SubscriptionArn>{arn}</SubscriptionArn>" in page
    assert counts(sns, topic) == ("0", "1", "0")


def test_the_json_mail_is_the_document_that_aws_sends(sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = pending_arn(sns, topic, mailbox.address)
    [document] = mailbox.documents()
    assert list(document) == [
        "Type",
        "MessageId",
        "Token",
        "TopicArn",
        "Message",
        "SubscribeURL",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
    ]
    assert document["Type"] == "SubscriptionConfirmation"
    assert document["TopicArn"] == topic
    assert document["Message"] == (
        f"You have chosen to subscribe to the topic {topic}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message."
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["Timestamp"])
    assert parse_qs(urlsplit(document["SubscribeURL"]).query) == {
        "Action": ["ConfirmSubscription"],
        "TopicArn": [topic],
        "Token": [document["Token"]],
    }
    open_link(document["SubscribeURL"])
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"] == arn
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("false", "false")


def test_a_signed_confirmation_by_token_is_authenticated_and_may_be_repeated(
    sns: Any, topic: str, mailbox: Mailbox
) -> None:
    arn = pending_arn(sns, topic, mailbox.address)
    token = mailbox.documents()[0]["Token"]
    assert sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"] == arn
    assert sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"] == arn
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["ConfirmationWasAuthenticated"] == "true"
    assert counts(sns, topic) == ("0", "1", "0")


def test_a_wrong_token_or_region_confirms_nothing(sns: Any, topic: str, mailbox: Mailbox) -> None:
    pending_arn(sns, topic, mailbox.address)
    token = mailbox.documents()[0]["Token"]
    unknown = ("InvalidParameter", "Invalid parameter: Token")
    assert re.fullmatch(r"[0-9a-f]{288}", token)
    assert refused(sns.confirm_subscription, TopicArn=topic, Token="0" * 288) == unknown
    elsewhere = ("InvalidParameter", "Invalid parameter: Topic")
    assert refused(sns.confirm_subscription, TopicArn=topic.replace("us-east-1", "eu-west-1"), Token=token) == elsewhere
    assert refused(sns.confirm_subscription, TopicArn="topic", Token=token) == elsewhere
    malformed = ("InvalidParameter", "Invalid token")
    assert refused(sns.confirm_subscription, TopicArn=topic, Token="randomtoken") == malformed
    assert counts(sns, topic) == ("1", "0", "0")


def test_the_token_alone_tells_which_subscription_is_confirmed(sns: Any, topic: str, mailbox: Mailbox) -> None:
    pending_arn(sns, topic, mailbox.address)
    token = mailbox.documents()[0]["Token"]
    confirmed = sns.confirm_subscription(TopicArn=topic + "x", Token=token)["SubscriptionArn"]
    assert confirmed.startswith(topic + ":")
    assert counts(sns, topic) == ("0", "1", "0")


def test_a_link_with_a_wrong_token_answers_the_error(sns: Any, topic: str, mailbox: Mailbox) -> None:
    pending_arn(sns, topic, mailbox.address)
    document = mailbox.documents()[0]
    with pytest.raises(HTTPError) as caught:
        open_link(document["SubscribeURL"].replace(document["Token"], "wrong"))
    assert caught.value.code == 400
    assert "<Code>InvalidParameter</Code><Message>Invalid token</Message>" in caught.value.read().decode()


def test_subscribing_again_while_pending_sends_another_mail_and_either_confirms(
    sns: Any, topic: str, mailbox: Mailbox
) -> None:
    first = pending_arn(sns, topic, mailbox.address)
    assert pending_arn(sns, topic, mailbox.address) == first
    old, new = mailbox.documents()
    assert old["Token"] != new["Token"]
    assert counts(sns, topic) == ("1", "0", "0")
    open_link(old["SubscribeURL"])
    open_link(new["SubscribeURL"])
    assert counts(sns, topic) == ("0", "1", "0")


def test_subscribing_again_when_confirmed_answers_the_arn_and_sends_nothing(
    sns: Any, topic: str, mailbox: Mailbox
) -> None:
    arn = pending_arn(sns, topic, mailbox.address)
    open_link(mailbox.documents()[0]["SubscribeURL"])
    answer = sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=mailbox.address)
    assert answer["SubscriptionArn"] == arn
    assert len(mailbox.mails()) == 1
    assert refused(
        sns.subscribe,
        TopicArn=topic,
        Protocol="email-json",
        Endpoint=mailbox.address,
        Attributes={"FilterPolicy": '{"kind": ["bot"]}'},
    ) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
    )


@pytest.mark.parametrize("address", ["nobody", "a@b", "a@b.c;d@e.f", "Some One <a@b.c>", ""])
def test_an_endpoint_that_is_no_address_is_refused(sns: Any, topic: str, address: str) -> None:
    assert refused(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint=address) == (
        "InvalidParameter",
        "Invalid parameter: Email address",
    )


def test_unknown_protocols_and_topics_are_refused(sns: Any, topic: str) -> None:
    assert refused(sns.subscribe, TopicArn=topic, Protocol="pigeon", Endpoint="a@b.cd") == (
        "InvalidParameter",
        "Invalid parameter: Amazon SNS does not support this protocol string: pigeon",
    )
    assert refused(sns.subscribe, TopicArn=topic + "-gone", Protocol="email", Endpoint="a@b.cd") == (
        "NotFound",
        "Topic does not exist",
    )


def test_lists_go_on_after_a_hundred(sns: Any, topic: str) -> None:
    for number in range(101):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=f"reader{number}@example.com")
    first = sns.list_subscriptions_by_topic(TopicArn=topic)
    rest = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=first["NextToken"])
    assert (len(first["Subscriptions"]), len(rest["Subscriptions"])) == (100, 1)
    assert "NextToken" not in rest
    assert refused(sns.list_subscriptions_by_topic, TopicArn=topic, NextToken="?") == (
        "InvalidParameter",
        "Invalid parameter: NextToken",
    )


def test_links_work_for_a_topic_of_another_region(local_aws: str, mailbox: Mailbox) -> None:
    sns = boto3.client("sns", endpoint_url=local_aws, region_name="eu-west-1")
    topic = sns.create_topic(Name=f"region-{uuid.uuid4().hex[:8]}")["TopicArn"]
    pending_arn(sns, topic, mailbox.address)
    open_link(mailbox.documents()[0]["SubscribeURL"])
    assert counts(sns, topic) == ("0", "1", "0")


def test_http_subscriptions_wait_too(sns: Any, topic: str) -> None:
    wanted = {"TopicArn": topic, "Protocol": "http", "Endpoint": "http://127.0.0.1:9/none"}
    assert sns.subscribe(**wanted)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**wanted, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    [listed] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"


def test_a_queue_is_subscribed_at_once(client: Callable[[str], Any], sns: Any, topic: str) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=f"sns-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert arn.startswith(topic + ":")
    sns.publish(TopicArn=topic, Message="hello")
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert '"Message" : "hello"' in message["Body"]
    sns.unsubscribe(SubscriptionArn=arn)
    assert counts(sns, topic) == ("0", "0", "1")


def test_an_http_endpoint_is_confirmed_by_the_token_that_it_was_sent(sns: Any, topic: str) -> None:
    received: list[dict[str, Any]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
        wait_for(received, 1)
        arn = sns.confirm_subscription(TopicArn=topic, Token=received[0]["Token"])["SubscriptionArn"]
        assert sns.confirm_subscription(TopicArn=topic, Token=received[0]["Token"])["SubscriptionArn"] == arn
        [listed] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert listed["SubscriptionArn"] == arn
        sns.publish(TopicArn=topic, Message="hello")
        wait_for(received, 2)
        server.shutdown()
    assert [each["Type"] for each in received] == ["SubscriptionConfirmation", "Notification"]


def wait_for(received: list[Any], count: int) -> None:
    deadline = time.monotonic() + 20
    while len(received) < count:
        assert time.monotonic() < deadline, received
        time.sleep(0.02)


def test_mail_is_not_for_fifo_topics(sns: Any, mailbox: Mailbox) -> None:
    name = f"fifo-{uuid.uuid4().hex[:8]}.fifo"
    topic = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"})["TopicArn"]
    assert refused(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint=mailbox.address) == (
        "InvalidParameter",
        "Invalid parameter: Invalid protocol type: email",
    )


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (
            "no-arn",
            ("InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        ),
        ("arn:aws:sns:eu-west-1:000000000000:x", ("InvalidParameter", "Invalid parameter: TopicArn")),
        ("arn:aws:sqs:us-east-1:000000000000:x", ("InvalidParameter", "Invalid parameter: TopicArn")),
        ("arn:aws:sns:us-east-1:000000000000:absent", ("NotFound", "Topic does not exist")),
    ],
)
def test_a_wrong_topic_is_told_apart_by_every_action(sns: Any, arn: str, expected: tuple[str, str]) -> None:
    assert refused(sns.subscribe, TopicArn=arn, Protocol="email", Endpoint="a@b.cd") == expected
    assert refused(sns.list_subscriptions_by_topic, TopicArn=arn) == expected
    assert refused(sns.get_topic_attributes, TopicArn=arn) == expected
    assert refused(sns.publish, TopicArn=arn, Message="x") == expected
    assert (
        refused(sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=[{"Id": "a", "Message": "x"}]) == expected
    )


def test_a_subscription_made_by_a_template_is_pending(
    client: Callable[[str], Any], sns: Any, topic: str, mailbox: Mailbox
) -> None:
    cloudformation, stack = client("cloudformation"), f"stack-{uuid.uuid4().hex[:8]}"
    properties = {"TopicArn": topic, "Protocol": "email-json", "Endpoint": mailbox.address}
    template = {"Resources": {"Mail": {"Type": "AWS::SNS::Subscription", "Properties": properties}}}
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    [listed] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    open_link(mailbox.documents()[0]["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="hello")
    assert mailbox.documents()[1]["Message"] == "hello"
