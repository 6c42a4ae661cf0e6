"""Topics: names, attributes, tags and what AWS answers when they do not fit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

RETRIES = {
    "minDelayTarget": 20,
    "maxDelayTarget": 20,
    "numRetries": 3,
    "numMaxDelayRetries": 0,
    "numNoDelayRetries": 0,
    "numMinDelayRetries": 0,
    "backoffFunction": "linear",
}
PLAIN = {"headerContentType": "text/plain; charset=UTF-8"}


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def name() -> str:
    return f"topic-{uuid.uuid4().hex[:8]}"


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def invalid(what: str) -> tuple[str, str]:
    return "InvalidParameter", f"Invalid parameter: {what}"


def test_a_new_topic_has_aws_s_attributes(sns: Any, name: str) -> None:
    arn = sns.create_topic(Name=name)["TopicArn"]
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    policy, effective = (json.loads(attributes.pop(key)) for key in ("Policy", "EffectiveDeliveryPolicy"))
    assert attributes == {
        "DisplayName": "",
        "Owner": "000000000000",
        "SubscriptionsConfirmed": "0",
        "SubscriptionsDeleted": "0",
        "SubscriptionsPending": "0",
        "TopicArn": arn,
    }
    [statement] = policy["Statement"]
    assert (policy["Version"], policy["Id"]) == ("2008-10-17", "__default_policy_ID")
    assert statement == {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "SNS:GetTopicAttributes",
            "SNS:SetTopicAttributes",
            "SNS:AddPermission",
            "SNS:RemovePermission",
            "SNS:DeleteTopic",
            "SNS:Subscribe",
            "SNS:ListSubscriptionsByTopic",
            "SNS:Publish",
        ],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": "000000000000"}},
    }
    assert effective["http"] == {
        "defaultHealthyRetryPolicy": RETRIES,
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": PLAIN,
    }


def test_a_delivery_policy_is_completed_by_the_defaults_and_can_be_taken_back(sns: Any, name: str) -> None:
    arn = sns.create_topic(Name=name)["TopicArn"]

    def set_to(text: str) -> tuple[Any, Any]:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="DeliveryPolicy", AttributeValue=text)
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        own = attributes.get("DeliveryPolicy")
        return own and json.loads(own)["http"], json.loads(attributes["EffectiveDeliveryPolicy"])["http"]

    mine = {"minDelayTarget": 5, "maxDelayTarget": 6, "numRetries": 1}
    own, effective = set_to(json.dumps({"http": {"defaultHealthyRetryPolicy": mine}}))
    assert own == {"defaultHealthyRetryPolicy": mine, "disableSubscriptionOverrides": False}
    assert effective["defaultHealthyRetryPolicy"] == {**RETRIES, **mine}
    own, effective = set_to(json.dumps({"http": {"defaultHealthyRetryPolicy": None}}))
    assert (own, effective["defaultHealthyRetryPolicy"]) == ({"disableSubscriptionOverrides": False}, RETRIES)
    assert set_to("")[0] is None


def test_creating_a_topic_again_answers_the_same_arn_unless_something_differs(sns: Any, name: str) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    arn = sns.create_topic(Name=name, Tags=tags, Attributes={"DisplayName": "Shop"})["TopicArn"]
    for given in ({"Tags": tags}, {"Tags": tags[:1]}, {"Tags": []}, {"Attributes": {"DisplayName": "Shop"}}):
        assert sns.create_topic(Name=name, **given)["TopicArn"] == arn
    assert refused(sns.create_topic, Name=name, Tags=[{"Key": "c", "Value": "3"}]) == invalid(
        "Tags Reason: Topic already exists with different tags"
    )
    assert refused(sns.create_topic, Name=name, Attributes={"DisplayName": "Bar"}) == invalid(
        "Attributes Reason: Topic already exists with different attributes"
    )
    sns.delete_topic(TopicArn=arn)
    assert sns.create_topic(Name=name, Tags=[{"Key": "c", "Value": "3"}])["TopicArn"] == arn


@pytest.mark.parametrize(
    ("name", "attributes"),
    [("a topic", {}), ("a.b", {}), ("x" * 257, {}), ("x.fifo", {}), ("x", {"FifoTopic": "true"})],
)
def test_names_are_letters_digits_hyphens_and_underscores(sns: Any, name: str, attributes: dict[str, str]) -> None:
    assert refused(sns.create_topic, Name=name, Attributes=attributes) == invalid("Topic Name")


def test_a_fifo_topic_shows_that_it_is_one(sns: Any, name: str) -> None:
    arn = sns.create_topic(Name=f"{name}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["FifoTopic"], attributes["ContentBasedDeduplication"]) == ("true", "false")
    assert refused(
        sns.set_topic_attributes, TopicArn=arn, AttributeName="FifoTopic", AttributeValue="false"
    ) == invalid("AttributeName")


def test_tags_have_one_value_each(sns: Any, name: str) -> None:
    arn = sns.create_topic(Name=name)["TopicArn"]
    twice = [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "1"}]
    assert refused(sns.tag_resource, ResourceArn=arn, Tags=twice) == invalid("Duplicated keys are not allowed.")
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == []


def test_an_arn_of_something_else_is_no_topic(sns: Any, name: str) -> None:
    arn = sns.create_topic(Name=name)["TopicArn"]
    short = invalid("TopicArn Reason: An ARN must have at least 6 elements, not 1")
    for call in (sns.get_topic_attributes, sns.delete_topic):
        assert refused(call, TopicArn="topic") == short
    assert refused(sns.publish, TopicArn="", Message="x") == short
    subscription = sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint="+123123123")["SubscriptionArn"]
    assert refused(sns.publish, TopicArn=subscription, Message="x") == invalid("Topic Name")
    assert refused(sns.publish, TopicArn=arn + "x", Message="x") == ("NotFound", "Topic does not exist")


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("sqs", "https://sqs.us-east-1.amazonaws.com/1/q", "Invalid parameter: SQS endpoint ARN"),
        ("lambda", "clicks", "Invalid parameter: Lambda endpoint ARN"),
        ("https", "http://example.com", "Invalid parameter: Endpoint must match the specified protocol"),
        ("sms", "NAA+15551234567", "Invalid SMS endpoint: NAA+15551234567"),
        (
            "sqs",
            "arn:aws:sqs:us-east-1:000000000000:q.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: "
            "FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
    ],
)
def test_endpoints_fit_their_protocol(sns: Any, name: str, protocol: str, endpoint: str, message: str) -> None:
    arn = sns.create_topic(Name=name)["TopicArn"]
    answer = refused(sns.subscribe, TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    assert answer == ("InvalidParameter", message)
