"""Which filter policies SNS takes, in AWS's words, and which messages they let through."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

PREFIX = "Invalid parameter: Attributes Reason: "


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"filters-{uuid.uuid4().hex[:8]}")["TopicArn"])


def subscribe(sns: Any, topic: str, policy: object, scope: str = "MessageAttributes") -> str:
    attributes = {"FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope}
    answer = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+123123123", Attributes=attributes)
    return str(answer["SubscriptionArn"])


def refused(sns: Any, topic: str, policy: object, scope: str = "MessageAttributes") -> str:
    with pytest.raises(ClientError) as caught:
        subscribe(sns, topic, policy, scope)
    assert caught.value.response["Error"]["Code"] == "InvalidParameter"
    message = str(caught.value.response["Error"]["Message"])
    assert message.startswith(PREFIX)
    return message.removeprefix(PREFIX)


@pytest.mark.parametrize(
    ("rules", "reason", "column"),
    [
        ([["value"]], "Match value must be String, number, true, false, or null", 10),
        ([{"wrong-operator": True}], "Unrecognized match type wrong-operator", 31),
        ([{"suffix": "value", "prefix": "value2"}], "Only one key allowed in match expression", 37),
        ([{"suffix": 100}], "suffix match pattern must be a string", 22),
        ([{"suffix": None}], "suffix match pattern must be a string", 23),
        ({"suffix": "value"}, '"suffix" must be an object or an array', 19),
        ([{"suffix": []}], "suffix match pattern must be a string", 20),
        ([{"numeric": []}], "Invalid member in numeric match: ]", 22),
        ([{"numeric": ["operator"]}], "Unrecognized numeric range operator: operator", 32),
        ([{"numeric": [1, "<="]}], "Invalid member in numeric match: 1", 22),
        ([{"numeric": ["=", "000"]}], "Value of equals must be numeric", 26),
        ([{"numeric": [">="]}], "Value of >= must be numeric", 26),
        ([{"numeric": ["<", 100, ">", 10]}], "Too many elements in numeric expression", 30),
        ([{"numeric": [">=", 1, ">", 2]}], "Bad numeric range operator: >", 31),
        ([{"numeric": [">", 3, "<", 1]}], "Bottom must be less than top", 33),
        ([{"numeric": [">", 20, "<="]}], "Value of <= must be numeric", 33),
        ([{"numeric": [">", 20, 30]}], "Bad value in numeric range: 30", 30),
        ([{"numeric": [">", 20, "test"]}], "Bad numeric range operator: test", 34),
        ([{"numeric": [">", 20, "<", "30"]}], "Value of < must be numeric", 33),
        ([{"numeric": [">", 20, "<", 30, "<", 50]}], "Too many terms in numeric range expression", 36),
        ([{"exists": None}], "exists match pattern must be either true or false.", 23),
        ([{"exists": "no"}], "exists match pattern must be either true or false.", 20),
        ([{"anything-but": {"wrong-operator": None}}], "Unsupported anything-but pattern: wrong-operator", 47),
        ([{"anything-but": {"suffix": "test"}}], "Unsupported anything-but pattern: suffix", 36),
        ([{"anything-but": {"prefix": False}}], "prefix match pattern must be a string", 40),
    ],
)
def test_a_wrong_rule_is_named_with_its_place(sns: Any, topic: str, rules: object, reason: str, column: int) -> None:
    policy = {"key": rules}
    source = json.dumps(policy, separators=(",", ":"))
    place = f'at [Source: (String)"{source}"; line: 1, column: {column}]'
    assert refused(sns, topic, policy) == f"FilterPolicy: {reason}\n {place}"


def test_a_policy_has_five_keys(sns: Any, topic: str) -> None:
    message = "FilterPolicy: Filter policy can not have more than 5 keys"
    assert refused(sns, topic, {f"key{number}": ["value"] for number in range(6)}) == message
    assert subscribe(sns, topic, {f"key{number}": ["value"] for number in range(5)})


COMPLEX = "FilterPolicy: Filter policy is too complex"


@pytest.mark.parametrize(
    "policy",
    [
        {"key": [f"value{number}" for number in range(151)]},
        {"key1": list(range(10)), "key2": list(range(16))},
        {"a": list(range(4)), "$or": [{"b": list(range(6))}, {"c": list(range(4)), "$or": [{"d": [1] * 4}] * 2}]},
    ],
)
def test_a_policy_has_150_combinations_of_values(sns: Any, topic: str, policy: object) -> None:
    assert refused(sns, topic, policy) == COMPLEX


def test_150_combinations_are_taken(sns: Any, topic: str) -> None:
    # 3 x 6 + 3 x 4 x 4 + 3 x 4 x 7
    last = [{"d": list(range(4))}, {"e": list(range(7))}]
    first = [{"b": list(range(6))}, {"c": list(range(4)), "$or": last}]
    assert subscribe(sns, topic, {"a": list(range(3)), "$or": first})


def test_depth_multiplies_the_combinations_of_a_nested_policy(sns: Any, topic: str) -> None:
    nested = {"a": {"b": {"c": ["1", "2", "3", "4"]}}, "d": {"e": ["1", "2", "3"]}, "f": ["1", "2", "3"]}
    assert refused(sns, topic, nested, "MessageBody") == COMPLEX
    # (3 x 4 x 2) + (3 x 4 x 6) + (2 x 4 x 2) + (2 x 4 x 6)
    either = [{"source": ["1"]}, {"type": ["1", "2", "3"]}]
    policy = {"$or": [{"metric": [1, 2, 3]}, {"name": [1, 2]}], "detail": {"scope": [1, 2], "$or": either}}
    assert refused(sns, topic, policy, "MessageBody") == COMPLEX
    policy["detail"]["scope"] = [1]  # type: ignore[index]
    assert subscribe(sns, topic, policy, "MessageBody")


def test_only_bodies_have_nested_keys(sns: Any, topic: str) -> None:
    nested = {"object": {"key": [{"prefix": "auto-"}]}}
    message = "Filter policy scope MessageAttributes does not support nested filter policy"
    assert refused(sns, topic, nested) == message
    arn = subscribe(sns, topic, nested, "MessageBody")
    with pytest.raises(ClientError) as caught:
        sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue="MessageAttributes"
        )
    assert caught.value.response["Error"]["Message"] == f"Invalid parameter: {message}"


def test_a_policy_without_keys_removes_the_filter(sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic, {"kind": ["bot"]})
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}")
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert "FilterPolicy" not in attributes
    assert "FilterPolicyScope" not in attributes


class Filtered:
    """A topic with one queue, whose subscription has a filter."""

    def __init__(self, client: Callable[[str], Any], topic: str) -> None:
        self.sns, self.sqs, self.topic = client("sns"), client("sqs"), topic
        self.url = self.sqs.create_queue(QueueName=f"filters-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        named = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = named["Attributes"]["QueueArn"]

    def filter(self, policy: object, scope: str) -> None:
        attributes = {"FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope, "RawMessageDelivery": "true"}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.arn, Attributes=attributes)

    def received(self) -> list[str]:
        found: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            found += [message["Body"] for message in messages]
        return found

    def bodies_through(self, *bodies: object) -> list[object]:
        for body in bodies:
            self.sns.publish(TopicArn=self.topic, Message=json.dumps(body))
        return [json.loads(body) for body in self.received()]


@pytest.fixture
def filtered(client: Callable[[str], Any], topic: str) -> Filtered:
    return Filtered(client, topic)


@pytest.mark.parametrize(
    ("policy", "taken", "left"),
    [
        (
            {
                "object": {"key": [{"prefix": "auto-"}, "fix"], "other": [{"exists": False}]},
                "test": [{"exists": False}],
            },
            [{"object": {"key": "auto-1"}}, {"object": {"key": "fix"}}],
            [
                {"object": {"key": "1-auto"}},
                {"object": {"key": "fix"}, "test": 1},
                {"object": {"key": "fix", "other": 1}},
                {"test": "auto-1"},
                "auto-1",
            ],
        ),
        (
            {"object.nested.test": ["x"]},
            [
                {"object": {"nested": {"test": "x"}}},
                {"object.nested.test": "x"},
                {"object.nested": {"test": "x"}},
                {"object": {"nested.test": "x"}},
            ],
            [{"object": {"nested": {"test": "y"}}}],
        ),
        (
            {"Records": {"s3": {"object": {"key": [{"prefix": "auto-"}]}}, "eventName": [{"prefix": "Created:"}]}},
            [
                {"Records": [{"eventName": "Created:Put", "s3": {"object": {"key": "auto-1"}}}]},
                {
                    "Records": [
                        {"eventName": "Created:Put", "s3": {"object": [[{"key": "auto-1"}]]}},
                        {"eventName": "Removed:Delete", "s3": {"object": {"key": "home-1"}}},
                    ]
                },
            ],
            [
                {"Records": [{"eventName": "Removed:Delete", "s3": {"object": {"key": "auto-1"}}}]},
                {"Records": [{"eventName": "Created:Put", "s3": {"object": {"key": "home-1"}}}]},
            ],
        ),
        (
            {"headers": {"to": ["one"]}, "price": [{"numeric": [">", 0, "<=", 1.5]}], "free": [None, False]},
            [{"headers": {"to": ["two", "one"]}, "price": 1.5, "free": None}],
            [
                {"headers": {"to": ["two"]}, "price": 1, "free": False},
                {"headers": {"to": "one"}, "price": 0, "free": False},
                {"headers": {"to": "one"}, "price": 1, "free": True},
            ],
        ),
        (
            {"$or": [{"metric": ["cpu"]}, {"name": ["ec2"]}], "detail": {"$or": [{"a": [1]}, {"b": [2]}], "c": [3]}},
            [{"metric": "cpu", "detail": {"a": 1, "c": 3}}, {"name": "ec2", "detail": {"b": 2, "c": 3}}],
            [{"metric": "cpu", "detail": {"c": 3}}, {"detail": {"a": 1, "c": 3}}, {"metric": "cpu", "a": 1, "c": 3}],
        ),
    ],
)
def test_bodies_are_filtered(filtered: Filtered, policy: object, taken: list[object], left: list[object]) -> None:
    filtered.filter(policy, "MessageBody")
    assert filtered.bodies_through(*left, *taken) == taken


@pytest.mark.parametrize(
    ("rule", "taken", "left"),
    [
        ("bot", [("String", "bot"), ("String.Array", '["human", "bot"]')], [("String", "b"), ("String.Array", "[1]")]),
        (
            {"numeric": [">=", 10]},
            [("Number", "10"), ("String.Array", "[1, 10]")],
            [("Number", "9.9"), ("String", "12")],
        ),
        ({"anything-but": ["bot", "spy"]}, [("String", "human"), ("Number", "1")], [("String", "spy")]),
        ({"anything-but": {"prefix": "b"}}, [("String", "human")], [("String", "bot")]),
        ({"equals-ignore-case": "Bot"}, [("String", "bOT")], [("String", "bots")]),
        ({"exists": True}, [("String", "x")], []),
    ],
)
def test_attributes_are_filtered(
    filtered: Filtered, rule: object, taken: list[tuple[str, str]], left: list[tuple[str, str]]
) -> None:
    filtered.filter({"kind": [rule]}, "MessageAttributes")
    filtered.sns.publish(TopicArn=filtered.topic, Message="without any attribute")
    for data_type, value in [*left, *taken]:
        attributes = {"kind": {"DataType": data_type, "StringValue": value}}
        filtered.sns.publish(TopicArn=filtered.topic, Message=value, MessageAttributes=attributes)
    assert filtered.received() == [value for _, value in taken]
