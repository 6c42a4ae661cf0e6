"""Queues and messages that SQS does not take, in AWS's words, and that change nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

NONE = ("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
WRONG_NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
WRONG_FIFO_NAME = (
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
    "must end with .fifo suffix and be 1 to 80 in length."
)
OTHER_KIND = "The request include parameter that is not valid for this queue type."
TEXT = {"DataType": "String", "StringValue": "x"}


@pytest.fixture(scope="module")
def sqs(client: Callable[[str], Any]) -> Any:
    return client("sqs")


@pytest.fixture
def name() -> str:
    return f"queues-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def queue(sqs: Any, name: str) -> Iterator[str]:
    url = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    yield url
    sqs.delete_queue(QueueUrl=url)


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def arn_of(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def value(name: str, given: Any, reason: str) -> tuple[str, str]:
    return "InvalidParameterValue", f"Value {given} for parameter {name} is invalid. Reason: {reason}"


def test_missing_queue_is_told_alike_by_every_call(sqs: Any, queue: str) -> None:
    url = f"{queue}-2"
    for call in (sqs.receive_message, sqs.get_queue_attributes, sqs.purge_queue, sqs.delete_queue):
        assert refused(call, QueueUrl=url) == NONE
    assert refused(sqs.send_message, QueueUrl=url, MessageBody="one", DelaySeconds=901) == NONE
    assert refused(sqs.get_queue_url, QueueName="nobody-made-it") == NONE


@pytest.mark.parametrize(
    ("name", "attributes", "message"),
    [
        ("two words", {}, WRONG_NAME),
        ("q" * 81, {}, WRONG_NAME),
        ("ordered.fifo", {}, WRONG_NAME),
        ("ordered", {"FifoQueue": "true"}, WRONG_FIFO_NAME),
        ("q" * 76 + ".fifo", {"FifoQueue": "true"}, WRONG_FIFO_NAME),
    ],
)
def test_wrong_name_makes_no_queue(sqs: Any, name: str, attributes: dict[str, str], message: str) -> None:
    assert refused(sqs.create_queue, QueueName=name, Attributes=attributes) == ("InvalidParameterValue", message)
    assert refused(sqs.get_queue_url, QueueName=name) == NONE


@pytest.mark.parametrize(
    ("name", "attributes"), [("q" * 80, {}), ("q" * 75 + ".fifo", {"FifoQueue": "true", "DeduplicationScope": "queue"})]
)
def test_longest_names_make_queues(sqs: Any, name: str, attributes: dict[str, str]) -> None:
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    assert url.endswith(f"/{name}")
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize("attribute", ["Colour", "QueueArn", "FifoQueue", "ContentBasedDeduplication"])
def test_unknown_attribute_is_named(sqs: Any, queue: str, attribute: str) -> None:
    error = ("InvalidAttributeName", f"Unknown Attribute {attribute}.")
    given = {attribute: "false"}
    assert refused(sqs.create_queue, QueueName="unmade", Attributes=given) == error
    assert refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes=given) == error


def test_unknown_attribute_is_not_told(sqs: Any, queue: str) -> None:
    error = ("InvalidAttributeName", "Unknown Attribute Colour.")
    assert refused(sqs.get_queue_attributes, QueueUrl=queue, AttributeNames=["Colour"]) == error


@pytest.mark.parametrize(
    ("attribute", "given"),
    [("VisibilityTimeout", "43201"), ("MessageRetentionPeriod", "59"), ("DelaySeconds", "soon"), ("Policy", "{")],
)
def test_wrong_value_changes_nothing(sqs: Any, queue: str, attribute: str, given: str) -> None:
    before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    error = ("InvalidAttributeValue", f"Invalid value for the parameter {attribute}.")
    assert refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes={attribute: given}) == error
    assert sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"] == before


def test_messages_are_encrypted_unless_told_otherwise(sqs: Any, queue: str, name: str) -> None:
    asked = {"AttributeNames": ["SqsManagedSseEnabled"]}
    assert sqs.get_queue_attributes(QueueUrl=queue, **asked)["Attributes"] == {"SqsManagedSseEnabled": "true"}
    plain = sqs.create_queue(QueueName=f"{name}-2", Attributes={"SqsManagedSseEnabled": "false"})["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=plain, **asked)["Attributes"] == {"SqsManagedSseEnabled": "false"}
    sqs.delete_queue(QueueUrl=plain)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("{", "Redrive policy is not a valid JSON map."),
        ("{}", "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        (
            '{"deadLetterTargetArn": "ARN"}',
            "Redrive policy does not contain mandatory attribute: maxReceiveCount.",
        ),
        ('{"deadLetterTargetArn": "dead", "maxReceiveCount": 3}', "Invalid value for deadLetterTargetArn."),
        ('{"deadLetterTargetArn": "ARN-2", "maxReceiveCount": 3}', "Dead letter target does not exist."),
        (
            '{"deadLetterTargetArn": "ARN", "maxReceiveCount": 0}',
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
        ),
        (
            '{"deadLetterTargetArn": "ARN", "maxReceiveCount": "1001"}',
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
        ),
    ],
)
def test_wrong_redrive_policy_names_its_fault(sqs: Any, queue: str, policy: str, reason: str) -> None:
    policy = policy.replace("ARN", arn_of(sqs, queue))
    error = value("RedrivePolicy", policy, reason)
    assert refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"RedrivePolicy": policy}) == error
    assert refused(sqs.create_queue, QueueName="unmade", Attributes={"RedrivePolicy": policy}) == error


def test_redrive_policy_is_set_and_taken_away(sqs: Any, queue: str, name: str) -> None:
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 1000})
    asked = {"QueueUrl": queue, "AttributeNames": ["RedrivePolicy"]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})
    assert sqs.get_queue_attributes(**asked)["Attributes"] == {"RedrivePolicy": policy}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": ""})
    assert "Attributes" not in sqs.get_queue_attributes(**asked)
    sqs.delete_queue(QueueUrl=dead)


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("WaitTimeSeconds", 21, "Must be >= 0 and <= 20, if provided."),
        ("WaitTimeSeconds", -1, "Must be >= 0 and <= 20, if provided."),
        ("VisibilityTimeout", 43201, "Must be >= 0 and <= 43200, if provided."),
        ("MaxNumberOfMessages", 11, "Must be between 1 and 10, if provided."),
    ],
)
def test_reader_asks_within_the_limits(sqs: Any, queue: str, name: str, given: int, reason: str) -> None:
    assert refused(sqs.receive_message, QueueUrl=queue, **{name: given}) == value(name, given, reason)


def test_reader_may_go_to_the_limits(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    limits = {"WaitTimeSeconds": 20, "VisibilityTimeout": 43200, "MaxNumberOfMessages": 10}
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=queue, **limits)["Messages"]] == ["one"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"DelaySeconds": 901}, value("DelaySeconds", 901, "DelaySeconds must be >= 0 and <= 900.")),
        ({"DelaySeconds": -1}, value("DelaySeconds", -1, "DelaySeconds must be >= 0 and <= 900.")),
        ({"MessageDeduplicationId": "one"}, value("MessageDeduplicationId", "one", OTHER_KIND)),
        (
            {"MessageBody": "\x00"},
            (
                "InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are "
                "#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
            ),
        ),
        (
            {"MessageAttributes": {str(number): TEXT for number in range(11)}},
            ("InvalidParameterValue", "Number of message attributes [11] exceeds the allowed maximum [10]."),
        ),
        (
            {"MessageAttributes": {"two words": TEXT}},
            (
                "InvalidParameterValue",
                "The message attribute name 'two words' is invalid. Attribute name can contain "
                "A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.",
            ),
        ),
        (
            {"MessageAttributes": {"level": {**TEXT, "DataType": "Text"}}},
            (
                "InvalidParameterValue",
                "The message attribute 'level' has an invalid message attribute type, "
                "the set of supported type prefixes is Binary, Number, and String.",
            ),
        ),
        (
            {"MessageAttributes": {"level": {"DataType": "String.level", "StringValue": ""}}},
            (
                "InvalidParameterValue",
                "The message attribute 'level' must contain non-empty message attribute value "
                "for message attribute type 'String.level'.",
            ),
        ),
    ],
)
def test_wrong_message_is_not_queued(sqs: Any, queue: str, given: dict[str, Any], error: tuple[str, str]) -> None:
    assert refused(sqs.send_message, **{"QueueUrl": queue, "MessageBody": "one", **given}) == error
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_wrong_message_of_a_batch_leaves_the_others(sqs: Any, queue: str) -> None:
    entries = [
        {"Id": "late", "MessageBody": "late", "DelaySeconds": 901},
        {"Id": "now", "MessageBody": "now", "MessageAttributes": {"level.of-it_1": TEXT}},
    ]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    code, message = value("DelaySeconds", 901, "DelaySeconds must be >= 0 and <= 900.")
    assert answer["Failed"] == [{"Id": "late", "Code": code, "Message": message, "SenderFault": True}]
    assert [each["Id"] for each in answer["Successful"]] == ["now"]
    assert [each["Body"] for each in sqs.receive_message(QueueUrl=queue)["Messages"]] == ["now"]


def test_eleven_messages_are_too_many(sqs: Any, queue: str) -> None:
    entries = [{"Id": str(number), "MessageBody": "one"} for number in range(11)]
    message = "Maximum number of entries per request are 10. You have sent 11."
    error = ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", message)
    assert refused(sqs.send_message_batch, QueueUrl=queue, Entries=entries) == error
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries[:10])
    assert len(answer["Successful"]) == 10
    assert "Failed" not in answer
