"""How often a user acted in a window: counters in DynamoDB that no redelivery can raise twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from functions.shared import moments
from functions.watch.events import WindowKey

# Sequence numbers are compared as texts, so they are written at one length.
_SEQUENCE_DIGITS = 64


@dataclass
class Group:
    """The events of a batch that count in one window.

    Parameters
    ----------
    window
        The window.
    per_record
        Events by the sequence number of their Kinesis record; an aggregated record holds several.
    arrived_at
        When the last of them reached the stream.
    """

    window: WindowKey
    per_record: Counter[int] = field(default_factory=Counter)
    arrived_at: str = ""

    def add(self, sequence_number: int, arrived_at: str) -> None:
        """Count one event."""
        self.per_record[sequence_number] += 1
        self.arrived_at = arrived_at


def add(
    dynamodb: Any, table: str, group: Group, shard: str, window_seconds: int, keep_days: int
) -> tuple[dict[str, dict[str, str]], int]:
    """Add a group's events to the counter of its window; return the item, and how many were added.

    Each item knows, for each shard, the last record that it has counted. A shard delivers a user's
    records in order, so what comes again is what stands at or before that one.
    """
    seen = f"counted_{shard}"
    waiting = dict(sorted(group.per_record.items()))
    item: dict[str, dict[str, str]] = {}
    while waiting:
        try:
            item = _add(dynamodb, table, group, seen, waiting, window_seconds, keep_days)
            return item, sum(waiting.values())
        except dynamodb.exceptions.ConditionalCheckFailedException as error:
            item = error.response["Item"]
            last = int(item[seen]["S"])
            waiting = {number: count for number, count in waiting.items() if number > last}
    return item, 0


def _add(
    dynamodb: Any,
    table: str,
    group: Group,
    seen: str,
    waiting: dict[int, int],
    window_seconds: int,
    keep_days: int,
) -> dict[str, dict[str, str]]:
    window = group.window
    numbers = list(waiting)
    expires = moments.now() + timedelta(days=keep_days)
    answer = dynamodb.update_item(
        TableName=table,
        Key={"user_id": {"N": str(window.user_id)}, "window_start": {"S": moments.seconds(window.window_start)}},
        UpdateExpression="ADD actions :more SET window_end = :window_end, expires_at = :expires_at, #seen = :last",
        ConditionExpression="attribute_not_exists(#seen) OR #seen < :first",
        ExpressionAttributeNames={"#seen": seen},
        ExpressionAttributeValues={
            ":more": {"N": str(sum(waiting.values()))},
            ":window_end": {"S": moments.seconds(window.window_start + timedelta(seconds=window_seconds))},
            ":expires_at": {"N": str(int(moments.epoch(expires)))},
            ":first": {"S": _text(numbers[0])},
            ":last": {"S": _text(numbers[-1])},
        },
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    found: dict[str, dict[str, str]] = answer["Attributes"]
    return found


def _text(sequence_number: int) -> str:
    return str(sequence_number).zfill(_SEQUENCE_DIGITS)
