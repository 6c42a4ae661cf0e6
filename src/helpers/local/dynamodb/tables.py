"""Tables: what CreateTable refuses, time to live, and the description of a table.

Sources: CreateTable, UpdateTimeToLive and DescribeTable of the DynamoDB API reference, "Warm throughput"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html); the words are AWS's answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import dynamodb as emulator

from helpers.local.aws_error import AwsError
from helpers.local.dynamodb.answers import invalid

# Units a second that a new on-demand table can take at once.
ON_DEMAND_READS, ON_DEMAND_WRITES = 12_000, 4_000

_INVALID = "One or more parameter values were invalid"
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def check_creation(request: Mapping[str, Any]) -> None:
    """Raise `AwsError` for keys and attributes that do not fit each other, and for missing throughput."""
    schemas = [request.get("KeySchema")]
    for name in _INDEXES:
        indexes = request.get(name)
        if indexes == []:
            raise invalid(f"{_INVALID}: List of {name} is empty")
        schemas += [index.get("KeySchema") for index in indexes or []]
    attributes = [each.get("AttributeName") for each in request.get("AttributeDefinitions") or []]
    if not all(map(_is_schema, schemas)) or len(set(attributes)) < len(attributes):
        # Of the wrong form, which the emulator tells.
        return
    keys = [[element["AttributeName"] for element in schema or []] for schema in schemas]
    if len(keys[0]) > len(attributes):
        raise invalid("Invalid KeySchema: Some index key attribute have no definition")
    for each in keys:
        if not set(each) <= set(attributes):
            where = f"Keys: {_listed(each)}, AttributeDefinitions: {_listed(attributes)}"
            raise invalid(f"{_INVALID}: Some index key attributes are not defined in AttributeDefinitions. {where}")
    _check_key_types(schemas[0] or [])
    used = {name for each in keys for name in each}
    if used < set(attributes) and not request.get("VectorIndexes"):
        raise invalid(f"{_INVALID}: {_unused(len(keys) > 1, attributes, used)}")
    if request.get("BillingMode", "PROVISIONED") == "PROVISIONED" and not request.get("ProvisionedThroughput"):
        needed = "ReadCapacityUnits and WriteCapacityUnits must both be specified"
        raise invalid(f"{_INVALID}: {needed} when BillingMode is PROVISIONED")


def check_deletion(request: Mapping[str, Any]) -> None:
    """Raise `AwsError` for a table that is protected."""
    table = emulator._tables.get(request.get("TableName"))
    if table is not None and table.get("DeletionProtectionEnabled"):
        reason = "Resource cannot be deleted as it is currently protected against deletion."
        raise invalid(f"{reason} Disable deletion protection first.")


def check_time_to_live(request: Mapping[str, Any]) -> None:
    """Raise `AwsError` for a table that is not there, or whose time to live is as asked for already."""
    name, asked = request.get("TableName"), request.get("TimeToLiveSpecification")
    if name not in emulator._tables:
        message = f"Requested resource not found: Table: {name} not found"
        raise AwsError("ResourceNotFoundException", message)
    if not asked:
        return
    held = emulator._ttl_settings.get(name, {})
    enabled = held.get("TimeToLiveStatus") == "ENABLED"
    if enabled and asked.get("AttributeName") != held.get("AttributeName"):
        current = held.get("AttributeName")
        raise invalid(f"TimeToLive is active on a different AttributeName: current AttributeName is {current}")
    if bool(asked.get("Enabled")) == enabled:
        raise invalid(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")


def complete(description: dict[str, Any]) -> None:
    """Give a table's description what AWS's has: its throughput's members, and no billing mode that is the default."""
    on_demand = description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    throughput = {"NumberOfDecreasesToday": 0, **description.get("ProvisionedThroughput", {})}
    description["ProvisionedThroughput"] = throughput
    if not on_demand:
        description.pop("BillingModeSummary", None)
    warm = description.get("WarmThroughput")
    if warm and not warm.get("ReadUnitsPerSecond"):
        warm["ReadUnitsPerSecond"] = ON_DEMAND_READS if on_demand else throughput["ReadCapacityUnits"]
        warm["WriteUnitsPerSecond"] = ON_DEMAND_WRITES if on_demand else throughput["WriteCapacityUnits"]


def _is_schema(schema: Any) -> bool:
    if not isinstance(schema, list) or not 1 <= len(schema) <= 2:
        return False
    return all(each.get("AttributeName") and each.get("KeyType") in ("HASH", "RANGE") for each in schema)


def _check_key_types(schema: list[dict[str, str]]) -> None:
    for place, element, kind in zip(("first", "second"), schema, ("HASH", "RANGE"), strict=False):
        if element["KeyType"] != kind:
            raise invalid(f"Invalid KeySchema: The {place} KeySchemaElement is not a {kind} key type")


def _unused(has_indexes: bool, attributes: list[str], used: set[str]) -> str:
    if not has_indexes:
        return (
            "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        )
    where = f"AttributeDefinitions: {_listed(attributes)}, keys used: {_listed(list(used))}"
    return f"Some AttributeDefinitions are not used. {where}"


def _listed(names: list[str]) -> str:
    return f"[{', '.join(sorted(names))}]"
