"""Tables of DynamoDB: what CreateTable refuses, how a table is described, deleted and expires its items."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

INVALID = "One or more parameter values were invalid: "


@pytest.fixture(scope="module")
def dynamodb(client: Callable[[str], Any]) -> Any:
    return client("dynamodb")


@pytest.fixture
def name() -> str:
    return f"tables-{uuid.uuid4().hex[:8]}"


def keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": key, "AttributeType": "S"} for key in names]


def on_demand(name: str, **changed: Any) -> dict[str, Any]:
    table = {"AttributeDefinitions": attributes("id"), "KeySchema": keys("id"), "BillingMode": "PAY_PER_REQUEST"}
    return {"TableName": name, **table, **changed}


def index(*names: str) -> list[dict[str, Any]]:
    return [{"IndexName": "other", "KeySchema": keys(*names), "Projection": {"ProjectionType": "ALL"}}]


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"AttributeDefinitions": attributes("id", "at")},
            f"{INVALID}Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions",
        ),
        (
            {"AttributeDefinitions": attributes("user", "id", "at"), "GlobalSecondaryIndexes": index("user")},
            f"{INVALID}Some AttributeDefinitions are not used. "
            "AttributeDefinitions: [at, id, user], keys used: [id, user]",
        ),
        ({"KeySchema": keys("id", "at")}, "Invalid KeySchema: Some index key attribute have no definition"),
        (
            {"AttributeDefinitions": attributes("at")},
            f"{INVALID}Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [id], AttributeDefinitions: [at]",
        ),
        (
            {"GlobalSecondaryIndexes": index("user")},
            f"{INVALID}Some index key attributes are not defined in AttributeDefinitions. "
            "Keys: [user], AttributeDefinitions: [id]",
        ),
        (
            {"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]},
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            {"BillingMode": "PROVISIONED"},
            f"{INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
        ({"GlobalSecondaryIndexes": []}, f"{INVALID}List of GlobalSecondaryIndexes is empty"),
        (
            {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
            f"{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            "PAY_PER_REQUEST",
        ),
    ],
)
def test_keys_attributes_and_throughput_fit_each_other(
    dynamodb: Any, name: str, changed: dict[str, Any], message: str
) -> None:
    assert refused(dynamodb.create_table, **on_demand(name, **changed)) == ("ValidationException", message)


def test_a_provisioned_table_is_described_by_its_throughput(dynamodb: Any, name: str) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 4}
    given = on_demand(name, ProvisionedThroughput=units)
    del given["BillingMode"]
    made = dynamodb.create_table(**given)["TableDescription"]
    assert made["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0, **units}
    assert "BillingModeSummary" not in made
    warm = dynamodb.describe_table(TableName=name)["Table"]["WarmThroughput"]
    assert (warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]) == (5, 4)


def test_an_on_demand_table_begins_warm(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(**on_demand(name))
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    warm = table["WarmThroughput"]
    assert (warm["ReadUnitsPerSecond"], warm["WriteUnitsPerSecond"]) == (12_000, 4_000)


def test_a_protected_table_is_not_deleted(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(**on_demand(name, DeletionProtectionEnabled=True))
    assert refused(dynamodb.delete_table, TableName=name) == (
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    )
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"


def test_time_to_live_is_switched_once(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(**on_demand(name))

    def switch(enabled: bool, attribute: str) -> dict[str, Any]:
        return {"TableName": name, "TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}

    call = dynamodb.update_time_to_live
    assert refused(call, **switch(False, "ttl")) == ("ValidationException", "TimeToLive is already disabled")
    assert call(**switch(True, "ttl"))["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "ttl"}
    assert refused(call, **switch(True, "ttl")) == ("ValidationException", "TimeToLive is already enabled")
    for enabled in (True, False):
        assert refused(call, **switch(enabled, "expires")) == (
            "ValidationException",
            "TimeToLive is active on a different AttributeName: current AttributeName is ttl",
        )
    call(**switch(False, "ttl"))
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_time_to_live_of_a_table_that_is_not_there(dynamodb: Any, name: str) -> None:
    missing = ("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    assert refused(dynamodb.describe_time_to_live, TableName=name) == missing
    specification = {"Enabled": True, "AttributeName": "ttl"}
    assert refused(dynamodb.update_time_to_live, TableName=name, TimeToLiveSpecification=specification) == missing
