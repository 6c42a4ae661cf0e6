"""Items of a table as a data frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from function_world import make_world

from helpers.items import read_items


def test_numbers_and_texts_come_typed_and_sorted(client: Callable[[str], Any]) -> None:
    world = make_world(client)
    assert list(read_items(world.dynamodb, world.table).columns) == ["user_id", "window_start"]
    for user, start, more in ((10, "b", {}), (9, "z", {"note": {"S": "x"}}), (10, "a", {})):
        key = {"user_id": {"N": str(user)}, "window_start": {"S": start}}
        world.dynamodb.put_item(TableName=world.table, Item={**key, "actions": {"N": "7"}, **more})
    frame = read_items(world.dynamodb, world.table)
    assert list(zip(frame["user_id"], frame["window_start"], strict=True)) == [(9, "z"), (10, "a"), (10, "b")]
    assert frame["actions"].dtype == "int64"
    assert frame["note"].notna().tolist() == [True, False, False]


def test_a_filter_and_many_pages(client: Callable[[str], Any]) -> None:
    world = make_world(client)
    padding = {"padding": {"S": "x" * 300_000}}
    for user in range(6):
        key = {"user_id": {"N": str(user)}, "window_start": {"S": "a"}}
        world.dynamodb.put_item(TableName=world.table, Item={**key, **padding})
    wanted = {"FilterExpression": "user_id >= :least", "ExpressionAttributeValues": {":least": {"N": "2"}}}
    assert read_items(world.dynamodb, world.table, **wanted)["user_id"].tolist() == [2, 3, 4, 5]
