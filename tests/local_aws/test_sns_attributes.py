"""Attributes of subscriptions, as AWS has been recorded to take, keep and show them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"attributes-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.fixture
def queue(client: Callable[[str], Any]) -> str:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=f"attributes-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def refused(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"
    return str(caught.value.response["Error"]["Message"])


def test_a_queues_attributes_are_normal_and_complete(sns: Any, topic: str, queue: str) -> None:
    given = {"RawMessageDelivery": "TrUe", "FilterPolicyScope": "MessageBody", "FilterPolicy": ""}
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=given)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] == {
        "ConfirmationWasAuthenticated": "true",
        "Endpoint": queue,
        "Owner": "000000000000",
        "PendingConfirmation": "false",
        "Protocol": "sqs",
        "RawMessageDelivery": "true",
        "SubscriptionArn": arn,
        "SubscriptionPrincipal": "arn:aws:iam::000000000000:root",
        "TopicArn": topic,
    }


def test_a_filter_is_shown_with_its_scope(sns: Any, topic: str) -> None:
    policy = json.dumps({"kind": ["bot"]})
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=policy)
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (attributes["FilterPolicy"], attributes["FilterPolicyScope"]) == (policy, "MessageAttributes")


def test_subscribing_again_compares_with_what_is_the_default(sns: Any, topic: str, queue: str) -> None:
    def again(**attributes: str) -> str:
        answer = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=attributes)
        return str(answer["SubscriptionArn"])

    first = again(RawMessageDelivery="True")
    assert again(RawMessageDelivery="true") == first
    assert again(RawMessageDelivery="true", FilterPolicyScope="MessageAttributes") == first
    assert again() == first
    assert refused(again, RawMessageDelivery="false") == (
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RawMessageDelivery", "wrong", "RawMessageDelivery: Invalid value [wrong]. Must be true or false."),
        ("RedrivePolicy", '{"deadLetterTargetArn": "fake"}', "RedrivePolicy: deadLetterTargetArn is an invalid arn"),
        ("RedrivePolicy", "{invalidjson}", "RedrivePolicy: failed to parse JSON."),
        (
            "FilterPolicy",
            "{invalidjson}",
            "FilterPolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote "
            'to start field name\n at [Source: (String)"{invalidjson}"; line: 1, column: 3]',
        ),
        (
            "FilterPolicyScope",
            "Body",
            "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes",
        ),
    ],
)
def test_wrong_values_are_refused_by_both_actions(
    sns: Any, topic: str, queue: str, name: str, value: str, reason: str
) -> None:
    subscribe = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue}
    message = refused(sns.subscribe, **subscribe, Attributes={name: value})
    assert message == f"Invalid parameter: Attributes Reason: {reason}"
    arn = sns.subscribe(**subscribe)["SubscriptionArn"]
    setting = {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value}
    assert refused(sns.set_subscription_attributes, **setting) == f"Invalid parameter: {reason}"


def test_there_are_no_other_attributes(sns: Any, topic: str, queue: str) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    setting = {"SubscriptionArn": arn, "AttributeName": "FakeAttribute", "AttributeValue": "x"}
    assert refused(sns.set_subscription_attributes, **setting) == "Invalid parameter: AttributeName"
