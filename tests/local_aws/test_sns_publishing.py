"""What Publish and PublishBatch refuse, and how messages reach queues, functions and dead-letter queues."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

ECHO = """
import json
def handler(event, context):
    print(json.dumps(event))
"""


@pytest.fixture
def sns(client: Callable[[str], Any]) -> Any:
    return client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"publishing-{uuid.uuid4().hex[:8]}")["TopicArn"])


class Queue:
    """An SQS queue of the tests' own."""

    def __init__(self, client: Callable[[str], Any], **attributes: str) -> None:
        self.sqs = client("sqs")
        ending = ".fifo" if "FifoQueue" in attributes else ""
        name = f"publishing-{uuid.uuid4().hex[:8]}{ending}"
        self.url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def receive(self) -> list[dict[str, Any]]:
        asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
        return list(self.sqs.receive_message(QueueUrl=self.url, **asked).get("Messages", []))

    def delete(self) -> None:
        self.sqs.delete_queue(QueueUrl=self.url)


@pytest.fixture
def queue(client: Callable[[str], Any]) -> Queue:
    return Queue(client)


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def attribute(data_type: str, **value: Any) -> dict[str, Any]:
    return {"DataType": data_type, **value}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "a",
            attribute("String", BinaryValue=b"1"),
            "The message attribute 'a' with type 'String' must use field 'String'.",
        ),
        (
            "a",
            attribute("Number", BinaryValue=b"1"),
            "The message attribute 'a' with type 'Number' must use field 'String'.",
        ),
        (
            "a",
            attribute("Binary", StringValue="1"),
            "The message attribute 'a' with type 'Binary' must use field 'Binary'.",
        ),
        (
            "a",
            attribute("Binary", BinaryValue=b""),
            "The message attribute 'a' must contain non-empty message attribute value "
            "for message attribute type 'Binary'.",
        ),
        (
            "a",
            attribute("String.", StringValue="x"),
            "The message attribute 'a' has an invalid message attribute type, "
            "the set of supported type prefixes is Binary, Number, and String.",
        ),
        (
            "a" * 257,
            attribute("String", StringValue="x"),
            "Length of message attribute name must be less than 256 bytes.",
        ),
        (
            "a^*?",
            attribute("String", StringValue="x"),
            "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. "
            "Can only include alphanumeric characters, hyphens, underscores, or dots.",
        ),
        (
            ".a",
            attribute("String", StringValue="x"),
            "Invalid message attribute name starting with character '.' was found.",
        ),
        (
            "a.",
            attribute("String", StringValue="x"),
            "Invalid message attribute name ending with character '.' was found.",
        ),
        ("a..b", attribute("String", StringValue="x"), "Message attribute name can not have successive '.' character."),
    ],
)
def test_attributes_have_names_and_values_that_fit(
    sns: Any, topic: str, name: str, value: dict[str, Any], message: str
) -> None:
    expected = ("ParameterValueInvalid", message)
    assert refused(sns.publish, TopicArn=topic, Message="x", MessageAttributes={name: value}) == expected
    entries = [{"Id": "1", "Message": "x"}, {"Id": "2", "Message": "x", "MessageAttributes": {name: value}}]
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries) == expected


def test_one_entry_without_a_default_refuses_the_batch(sns: Any, topic: str, queue: Queue) -> None:
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    entries = [{"Id": "1", "Message": "x"}, {"Id": "2", "Message": '{"sqs": "x"}', "MessageStructure": "json"}]
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries) == (
        "InvalidParameter",
        "Invalid parameter: Message Structure - No default entry in JSON message body",
    )
    assert queue.receive() == []


def test_eleven_entries_are_too_many(sns: Any, topic: str) -> None:
    entries = [{"Id": str(number), "Message": "x"} for number in range(11)]
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries) == (
        "TooManyEntriesInBatchRequest",
        "The batch request contains more entries than permissible.",
    )


def test_a_fifo_topic_asks_for_a_group_and_an_id(sns: Any, topic: str) -> None:
    name = f"order-{uuid.uuid4().hex[:8]}.fifo"
    fifo = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"})["TopicArn"]
    group = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    twice = (
        "Invalid parameter: The topic should either have ContentBasedDeduplication enabled "
        "or MessageDeduplicationId provided explicitly"
    )
    for given, message in (({}, group), ({"MessageGroupId": "g"}, twice)):
        assert refused(sns.publish, TopicArn=fifo, Message="x", **given) == ("InvalidParameter", message)
        entries = [{"Id": "1", "Message": "x", **given}]
        answer = refused(sns.publish_batch, TopicArn=fifo, PublishBatchRequestEntries=entries)
        assert answer == ("InvalidParameter", message)
    assert refused(sns.publish, TopicArn=topic, Message="x", MessageDeduplicationId="d") == (
        "InvalidParameter",
        "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
        "that is not valid for this topic type",
    )


def test_a_phone_number_has_digits(sns: Any) -> None:
    assert refused(sns.publish, PhoneNumber="+1a234", Message="x") == (
        "InvalidParameter",
        "Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to",
    )


def test_a_queue_gets_the_notification_that_aws_sends(sns: Any, topic: str, queue: Queue) -> None:
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)["SubscriptionArn"]
    attributes = {"n": attribute("Number", StringValue="1.5"), "b": attribute("Binary", BinaryValue=b"\x02\x03\x04")}
    [sent] = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[{"Id": "1", "Message": "ü", "Subject": "s", "MessageAttributes": attributes}],
    )["Successful"]
    [message] = queue.receive()
    body = json.loads(message["Body"])
    assert message["Body"].startswith('{\n  "Type" : "Notification",\n  "MessageId" : ')
    assert list(body) == [
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
    assert (body["MessageId"], body["Message"], body["SignatureVersion"]) == (sent["MessageId"], "ü", "1")
    assert body["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")
    assert body["MessageAttributes"] == {
        "n": {"Type": "Number", "Value": "1.5"},
        "b": {"Type": "Binary", "Value": "AgME"},
    }


def test_raw_delivery_hands_over_message_and_attributes(sns: Any, topic: str, queue: Queue) -> None:
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=raw)
    sent = {"n": attribute("Number", StringValue="1"), "b": attribute("Binary", BinaryValue=b"\x02\x03\x04")}
    sns.publish(TopicArn=topic, Message="x", MessageAttributes=sent)
    [message] = queue.receive()
    assert (message["Body"], message["MessageAttributes"]) == ("x", sent)


def test_a_fifo_notification_carries_its_sequence_number(client: Callable[[str], Any], sns: Any) -> None:
    name, queue = f"order-{uuid.uuid4().hex[:8]}.fifo", Queue(client, FifoQueue="true")
    given = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    topic = sns.create_topic(Name=name, Attributes=given)["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)["SubscriptionArn"]
    number = sns.publish(TopicArn=topic, Message="x", MessageGroupId="g")["SequenceNumber"]
    [message] = queue.receive()
    body = json.loads(message["Body"])
    assert list(body) == ["Type", "MessageId", "SequenceNumber", "TopicArn", "Message", "Timestamp", "UnsubscribeURL"]
    assert body["SequenceNumber"] == number
    policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:standard"})
    setting = {"SubscriptionArn": subscription, "AttributeName": "RedrivePolicy", "AttributeValue": policy}
    assert refused(sns.set_subscription_attributes, **setting) == (
        "InvalidParameter",
        "Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
    )


@pytest.mark.parametrize("raw", ["true", "false"])
def test_messages_to_a_queue_that_is_gone_go_to_the_dead_letter_queue(
    client: Callable[[str], Any], sns: Any, topic: str, queue: Queue, raw: str
) -> None:
    dead = Queue(client)
    attributes = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead.arn}), "RawMessageDelivery": raw}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=attributes)
    queue.delete()
    sent = {"n": attribute("Number", StringValue="1")}
    sns.publish(TopicArn=topic, Message="lost?", MessageAttributes=sent)
    [message] = dead.receive()
    if raw == "true":
        assert (message["Body"], message["MessageAttributes"]) == ("lost?", sent)
    else:
        assert json.loads(message["Body"])["Message"] == "lost?"
        assert "MessageAttributes" not in message


def create_function(client: Callable[[str], Any], code: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", code)
    made = client("lambda").create_function(
        FunctionName=f"publishing-{uuid.uuid4().hex[:8]}",
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/any",
        Handler="main.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    return str(made["FunctionArn"])


def test_a_function_gets_the_event_that_aws_sends(client: Callable[[str], Any], sns: Any, topic: str) -> None:
    function = create_function(client, ECHO)
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="Hello world.")
    logs, group = client("logs"), f"/aws/lambda/{function.rpartition(':')[2]}"
    deadline = time.monotonic() + 20
    found: list[str] = []
    while not found and time.monotonic() < deadline:
        groups = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        events = logs.filter_log_events(logGroupName=group)["events"] if groups else []
        found = [event["message"] for event in events if "aws:sns" in event["message"]]
        time.sleep(0.02)
    [record] = json.loads(found[0])["Records"]
    assert list(record) == ["EventSource", "EventVersion", "EventSubscriptionArn", "Sns"]
    assert (record["EventVersion"], record["EventSubscriptionArn"]) == ("1.0", subscription)
    assert record["Sns"].keys() == {
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertUrl",
        "UnsubscribeUrl",
        "MessageAttributes",
    }
    assert (record["Sns"]["Subject"], record["Sns"]["MessageAttributes"]) == (None, {})


def test_messages_to_a_function_that_is_gone_go_to_the_dead_letter_queue(
    client: Callable[[str], Any], sns: Any, topic: str, queue: Queue
) -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:gone"
    attributes = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": queue.arn})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function, Attributes=attributes)
    sns.publish(TopicArn=topic, Message="lost?")
    [message] = queue.receive()
    assert json.loads(message["Body"])["Message"] == "lost?"
