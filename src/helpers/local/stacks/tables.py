"""What the emulator's CloudFormation leaves out of a DynamoDB table: time to live.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]

TYPE = "AWS::DynamoDB::Table"
_PROPERTY = "TimeToLiveSpecification"


def take_over(handlers: dict[str, Callable[..., Any]]) -> None:
    """Let those that make and change a table see to its time to live as well."""
    emulated_create, emulated_update = handlers["create"], handlers["update"]

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        made: Made = emulated_create(logical_id, properties, stack)
        _expire(made[0], properties.get(_PROPERTY))
        return made

    def update(name: str, before: Properties, after: Properties, *more: Any) -> Made:
        made: Made = emulated_update(name, before, after, *more)
        if after.get(_PROPERTY) != before.get(_PROPERTY) or made[0] != name:
            _expire(made[0], after.get(_PROPERTY) or {**before.get(_PROPERTY, {}), "Enabled": False})
        return made

    handlers["create"], handlers["update"] = create, update


def _expire(table: str, specification: Properties | None) -> None:
    if specification:
        enabled = str(specification["Enabled"]).lower() == "true"
        dynamodb._update_ttl({"TableName": table, _PROPERTY: specification | {"Enabled": enabled}})
