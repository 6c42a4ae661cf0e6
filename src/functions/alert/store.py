"""Windows in DynamoDB, keyed by user and window, so that a redelivery changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from functions.alert.windows import ActivityWindow, PoisonRecordError
from functions.shared import moments


class Kept(Enum):
    """What became of a window."""

    NEW = "new"
    KNOWN = "known"
    ALERTED = "alerted"


def keep(
    dynamodb: Any,
    table: str,
    window: ActivityWindow,
    arrived_at: str,
    handled_at: datetime,
    keep_days: int,
    claim: dict[str, Any],
) -> Kept:
    """Write a window, if it is not there, and say whether it was.

    Parameters
    ----------
    dynamodb
        Client.
    table
        Name of the table.
    window
        What to keep.
    arrived_at, handled_at
        When its record reached the stream and the function.
    keep_days
        Days until the item expires.
    claim
        Attributes of the claim to its alert, empty if it deserves none.

    Raises
    ------
    PoisonRecordError
        If the same window is there with another count.
    """
    key = {"user_id": {"N": str(window.user_id)}, "window_start": {"S": moments.seconds(window.window_start)}}
    item = {
        **key,
        "window_end": {"S": moments.seconds(window.window_end)},
        "actions": {"N": str(window.actions)},
        "arrived_at": {"S": arrived_at},
        "handled_at": {"S": moments.milliseconds(handled_at)},
        "expires_at": {"N": str(int(moments.epoch(handled_at + timedelta(days=keep_days))))},
        **claim,
    }
    try:
        dynamodb.put_item(
            TableName=table,
            Item=item,
            ConditionExpression="attribute_not_exists(user_id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        known = error.response["Item"]
        if (known["actions"], known["window_end"]) != (item["actions"], item["window_end"]):
            raise PoisonRecordError(
                f"the window of user {window.user_id} at {window.window_start} is kept with "
                f"{known['actions']['N']} actions and came again with {window.actions}"
            ) from error
        return Kept.ALERTED if "alert_message_id" in known else Kept.KNOWN
    return Kept.NEW
