"""Nested paths of an update: whether the item has what they lead through.

Source: "Using update expressions in DynamoDB": a nested attribute is written into a map or list that is there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import dynamodb as emulator

from helpers.local.dynamodb.answers import invalid
from helpers.local.dynamodb.update_expression import Path

NOT_THERE = "The document path provided in the update expression is invalid for update"


def check(request: Mapping[str, Any], paths: Iterable[Path]) -> None:
    """Raise `AwsError` for a path whose parent the item does not have, if its condition lets the update begin."""
    nested = [path for path in paths if len(path) > 1]
    table = emulator._tables.get(request.get("TableName")) if nested else None
    if table is None or not _key_fits(request, table):
        return
    item = emulator._get_item_by_key(table, request["Key"]) or {}
    if not _condition_holds(request, item):
        return
    if not all(_leads_somewhere(path, item) for path in nested):
        raise invalid(NOT_THERE)


def _key_fits(request: Mapping[str, Any], table: Mapping[str, Any]) -> bool:
    names = {element["AttributeName"] for element in table["KeySchema"]}
    key = request.get("Key")
    return isinstance(key, dict) and key.keys() == names and all(isinstance(each, dict) for each in key.values())


def _condition_holds(request: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    condition = request.get("ConditionExpression")
    if not condition:
        return "Expected" not in request
    values, names = request.get("ExpressionAttributeValues") or {}, request.get("ExpressionAttributeNames") or {}
    try:
        return bool(emulator._evaluate_condition(condition, item, values, names))
    except ValueError:
        return False


def _leads_somewhere(path: Path, item: Mapping[str, Any]) -> bool:
    value: Any = {"M": item}
    for part, following in itertools.pairwise(path):
        members = value.get("L" if isinstance(part, int) else "M")
        if members is None:
            return False
        try:
            value = members[part]
        except (KeyError, IndexError):
            return False
        if ("L" if isinstance(following, int) else "M") not in value:
            return False
    return True
