"""Conditions, filters and key conditions that DynamoDB does not take, in AWS's words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def dynamodb(client: Callable[[str], Any]) -> Any:
    return client("dynamodb")


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    name = f"conditions-{uuid.uuid4().hex[:8]}"
    keys = {"user_id": "HASH", "at": "RANGE"}
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (*keys, "kind")],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=name, Item={"user_id": {"S": "u"}, "at": {"S": "1"}, "kind": {"S": "bot"}})
    return name


def refused(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


VALUE = {":v": {"S": "u"}}
RESERVED = "Attribute name is a reserved keyword; reserved keyword: status"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("status = :v", RESERVED),
        ("attribute_exists(a.status) AND a = :v", RESERVED),
        ("exists(user_id) AND a = :v", "Invalid function name; function: exists"),
        (
            "contains(a) AND a = :v",
            "Incorrect number of operands for operator or function; "
            "operator or function: contains, number of operands: 1",
        ),
    ],
)
def test_a_condition_is_told_what_is_wrong_with_it(dynamodb: Any, table: str, condition: str, reason: str) -> None:
    given = {"TableName": table, "ConditionExpression": condition, "ExpressionAttributeValues": VALUE}
    message = f"Invalid ConditionExpression: {reason}"
    key = {"user_id": {"S": "u"}, "at": {"S": "1"}}
    assert refused(dynamodb.put_item, Item=key, **given) == message
    assert refused(dynamodb.delete_item, Key=key, **given) == message
    assert refused(dynamodb.update_item, Key=key, UpdateExpression="REMOVE b", **given) == message
    assert refused(dynamodb.transact_write_items, TransactItems=[{"Put": {"Item": key, **given}}]) == message


def test_filters_and_key_conditions_need_aliases_as_well(dynamodb: Any, table: str) -> None:
    given = {"TableName": table, "ExpressionAttributeValues": VALUE}
    assert refused(dynamodb.scan, FilterExpression="status = :v", **given) == f"Invalid FilterExpression: {RESERVED}"
    assert refused(dynamodb.query, KeyConditionExpression="status = :v", **given) == (
        f"Invalid KeyConditionExpression: {RESERVED}"
    )


@pytest.mark.parametrize("condition", ["user_id < :v", "begins_with(user_id, :v)", "user_id BETWEEN :v AND :v"])
def test_the_partition_key_is_compared_by_equality(dynamodb: Any, table: str, condition: str) -> None:
    given = {"TableName": table, "KeyConditionExpression": condition, "ExpressionAttributeValues": VALUE}
    assert refused(dynamodb.query, **given) == "Query key condition not supported"


def test_a_query_names_the_partition_key(dynamodb: Any, table: str) -> None:
    given = {"TableName": table, "KeyConditionExpression": "kind = :v", "ExpressionAttributeValues": VALUE}
    assert refused(dynamodb.query, **given) == "Query condition missed key schema element: user_id"
    assert refused(dynamodb.query, TableName=table) == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    )


def test_a_filter_looks_at_other_attributes_than_the_key(dynamodb: Any, table: str) -> None:
    given = {"TableName": table, "KeyConditionExpression": "user_id = :v", "ExpressionAttributeValues": VALUE}
    message = "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
    for key in ("user_id", "at"):
        answer = refused(dynamodb.query, FilterExpression="#k = :v", ExpressionAttributeNames={"#k": key}, **given)
        assert answer == message + key
    assert dynamodb.query(FilterExpression="kind <> :v", **given)["Count"] == 1
    of_index = {**given, "IndexName": "by-kind", "KeyConditionExpression": "kind = :v"}
    assert refused(dynamodb.query, FilterExpression="kind = :v", **of_index) == message + "kind"
    assert dynamodb.query(FilterExpression="user_id = :v", **of_index)["Count"] == 0
