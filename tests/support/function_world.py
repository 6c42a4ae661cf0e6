"""A table, a topic and a reader of its alerts for one test of a function, on the local AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WINDOW_SECONDS = 10
ALERT_OVER = 10


@dataclass(frozen=True)
class FunctionWorld:
    """Names and clients of what the function uses."""

    dynamodb: Any
    sns: Any
    sqs: Any
    table: str
    topic_arn: str
    queue_url: str

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the function."""
        return {
            "TABLE": self.table,
            "TOPIC_ARN": self.topic_arn,
            "ALERT_OVER": str(ALERT_OVER),
            "WINDOW_SECONDS": str(WINDOW_SECONDS),
            "KEEP_DAYS": "7",
            "POWERTOOLS_METRICS_NAMESPACE": self.table,
            "POWERTOOLS_SERVICE_NAME": "shop",
        }

    def items(self) -> dict[tuple[int, str], dict[str, Any]]:
        """Return the table's items as plain values, by user and window."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        rows = [
            {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]
        return {(row["user_id"], row["window_start"]): row for row in rows}

    def alerts(self) -> list[dict[str, Any]]:
        """Take the alerts that were published since the last call."""
        taken = []
        while messages := self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                notification = json.loads(message["Body"])
                taken.append(json.loads(notification["Message"]) | {"message_id": notification["MessageId"]})
        return taken


def make_world(client: Callable[[str], Any]) -> FunctionWorld:
    """Make table, topic and a queue that is subscribed to it."""
    name = f"fn-{uuid.uuid4().hex[:10]}"
    dynamodb, sns, sqs = client("dynamodb"), client("sns"), client("sqs")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "user_id", "KeyType": "HASH"},
            {"AttributeName": "window_start", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "user_id", "AttributeType": "N"},
            {"AttributeName": "window_start", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    topic_arn = sns.create_topic(Name=name)["TopicArn"]
    queue_url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn)
    return FunctionWorld(dynamodb, sns, sqs, name, topic_arn, queue_url)
