"""The emulator's other services that read or write streams."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

ACCOUNT = "000000000000"
TOP = 2**128
# Copies each record of its batch into a table.
HANDLER = """
import base64, os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    for record in event["Records"]:
        kinesis = record["kinesis"]
        table.put_item(Item={
            "id": kinesis["sequenceNumber"],
            "key": kinesis["partitionKey"],
            "data": base64.b64decode(kinesis["data"]).decode(),
        })
"""


@pytest.fixture
def stream(kinesis: Any) -> Iterator[str]:
    """A stream of two shards."""
    name = f"read-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=2)
    yield name
    kinesis.delete_stream(StreamName=name)


def arn_of(stream: str) -> str:
    return f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/{stream}"


def wait_for(what: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing within {seconds} s")


@pytest.fixture
def table(client: Callable[[str], Any]) -> Iterator[str]:
    """A DynamoDB table with the key `id`."""
    name = f"table-{uuid4().hex}"
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


def test_a_lambda_function_gets_every_record_of_its_stream(
    client: Callable[[str], Any], kinesis: Any, stream: str, table: str, local_aws: str
) -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", HANDLER)
    functions = client("lambda")
    function = functions.create_function(
        FunctionName=f"copy-{uuid4().hex}",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/any",
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"TABLE": table, "AWS_ENDPOINT_URL": local_aws}},
        Timeout=30,
    )["FunctionName"]
    sent = {f"data-{i}": f"user-{i}" for i in range(30)}
    records = [{"Data": data.encode(), "PartitionKey": key} for data, key in sent.items()]
    kinesis.put_records(StreamName=stream, Records=records[:20])
    mapping = functions.create_event_source_mapping(
        EventSourceArn=arn_of(stream), FunctionName=function, StartingPosition="TRIM_HORIZON", BatchSize=7
    )["UUID"]
    kinesis.put_records(StreamName=stream, Records=records[20:])
    try:
        items = wait_for(lambda: _all_items(client, table, len(sent)))
    finally:
        functions.delete_event_source_mapping(UUID=mapping)
        functions.delete_function(FunctionName=function)
    assert {item["data"]["S"]: item["key"]["S"] for item in items} == sent


def _all_items(client: Callable[[str], Any], table: str, count: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client("dynamodb").scan(TableName=table)["Items"]
    return items if len(items) >= count else []


def test_changes_of_a_table_reach_the_stream_it_streams_to(
    client: Callable[[str], Any], kinesis: Any, stream: str, table: str
) -> None:
    dynamodb = client("dynamodb")
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=arn_of(stream))
    dynamodb.put_item(TableName=table, Item={"id": {"S": "one"}})

    def changes() -> list[dict[str, Any]]:
        found = []
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            start = kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )
            found += kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return [json.loads(record["Data"]) for record in found]

    (change,) = wait_for(changes)
    assert change["dynamodb"]["Keys"] == {"id": {"S": "one"}}


def test_a_stream_made_by_cloudformation_takes_records(client: Callable[[str], Any], kinesis: Any) -> None:
    name = f"cfn-{uuid4().hex}"
    template = {"Resources": {"S": {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": name, "ShardCount": 2}}}}
    stacks = client("cloudformation")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    answer = kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k", ExplicitHashKey=str(TOP - 1))
    assert answer["ShardId"] == "shardId-000000000001"
    stacks.delete_stack(StackName=name)


def test_a_resource_policy_is_kept(kinesis: Any, stream: str) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "111122223333"},
                "Action": ["kinesis:PutRecord"],
                "Resource": arn_of(stream),
            }
        ],
    }
    kinesis.put_resource_policy(ResourceARN=arn_of(stream), Policy=json.dumps(policy))
    assert json.loads(kinesis.get_resource_policy(ResourceARN=arn_of(stream))["Policy"]) == policy
    kinesis.delete_resource_policy(ResourceARN=arn_of(stream))
