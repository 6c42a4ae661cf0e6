"""One alert for each window, whatever is delivered again.

SNS standard topics do not remove duplicates, so the window's own item in DynamoDB remembers its alert.
The order is: claim, publish, mark.

- The **claim** (`alert_owner`, `alert_until`) is a conditional write, so that of two invocations with
  the same window one publishes. It names the lane, shard and partition key: Lambda gives the records of a
  lane to one invocation at a time, so whoever comes in the same lane comes after the claimant has ended,
  and goes on at once. Anybody else waits until the claimant must have ended (its timeout).
- The **mark** (`alert_message_id`, `alerted_at`) is the end of it: a window that has one is never alerted again.

A mark that fails after the alert was published is tried again, for some two seconds; if DynamoDB fails for
longer, this environment remembers the message and only marks when the record comes again. What remains is an
environment that dies in the milliseconds between publish and mark, a record that comes again to another
environment after a mark that failed all the time, or a publish whose answer is lost: then the alert is sent
twice. The other order, mark and publish, would lose it instead, and a lost alert is the worse fault. So that
a timeout does not strike there, no alert is begun when less than `LEAST_SECONDS` are left.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import moments
from functions.shared.configuration import Configuration

# Publish and mark take some hundredths of a second; a slow answer may take one, and the pauses between marks two.
LEAST_SECONDS = 3.0
_MARK_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.4, 0.4, 0.4)

logger = Logger(child=True)


class OutOfTimeError(RuntimeError):
    """Too little time is left to begin another record."""

    def __init__(self) -> None:
        super().__init__("The function's time is nearly up: the record is left for the next invocation.")


class AlertInFlightError(RuntimeError):
    """Another invocation is publishing this window's alert."""

    def __init__(self, user_id: int, window_start: str) -> None:
        super().__init__(f"The alert of user {user_id} at {window_start} is being sent by another invocation.")


@dataclass(frozen=True)
class Window:
    """A window that deserves an alert.

    Parameters
    ----------
    user_id, window_start, window_end, actions
        The window; times as `2019-10-01T00:00:10`.
    arrived_at, handled_at
        When its record reached the stream and the function, as `2019-10-01T00:00:10.000`.
    """

    user_id: int
    window_start: str
    window_end: str
    actions: int
    arrived_at: str
    handled_at: str

    @property
    def key(self) -> dict[str, Any]:
        """Key of the window's item."""
        return {"user_id": {"N": str(self.user_id)}, "window_start": {"S": self.window_start}}


def claim_of(owner: str, now: datetime, seconds_left: float) -> dict[str, Any]:
    """Return the attributes of a claim that holds until the claimant must have ended."""
    until = now + timedelta(seconds=seconds_left)
    return {"alert_owner": {"S": owner}, "alert_until": {"S": moments.milliseconds(until)}}


class Alerter:
    """Publishes alerts to a topic, each once.

    Parameters
    ----------
    dynamodb, sns
        Clients.
    configuration
        Where windows are kept, where alerts go, and the threshold, which the alert tells.
    """

    def __init__(self, dynamodb: Any, sns: Any, configuration: Configuration) -> None:
        self._dynamodb, self._sns = dynamodb, sns
        self._table, self._topic_arn = configuration.table, configuration.topic_arn
        self._alert_over = configuration.alert_over
        self._unmarked: dict[tuple[int, str], str] = {}
        self._readers_unknown = Lock()

    def alert(self, window: Window, owner: str, seconds_left: float, claimed: bool = False) -> bool:
        """Publish the alert of a window unless that has happened; return whether it was published now.

        Parameters
        ----------
        window
            Its item is in the table.
        owner
            The lane that the record came in: everything of one owner comes one after the other.
        seconds_left
            Time until the invocation is ended.
        claimed
            The item was just written with this owner's claim.

        Raises
        ------
        OutOfTimeError
            If too little time is left.
        AlertInFlightError
            If another invocation is at it.
        """
        published = self._unmarked.get((window.user_id, window.window_start))
        if published is not None:
            self._mark_surely(window, published)
            return True
        if seconds_left < LEAST_SECONDS:
            raise OutOfTimeError()
        if not claimed and not self._claim(window, owner, seconds_left):
            return False
        message_id = self._publish(window)
        self._unmarked[window.user_id, window.window_start] = message_id
        self._mark_surely(window, message_id)
        self._warn_of_no_readers()
        return True

    def _claim(self, window: Window, owner: str, seconds_left: float) -> bool:
        """Claim the alert; return False if it was published already."""
        now = moments.now()
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=window.key,
                UpdateExpression="SET alert_owner = :alert_owner, alert_until = :alert_until",
                ConditionExpression=(
                    "attribute_not_exists(alert_message_id) AND "
                    "(attribute_not_exists(alert_owner) OR alert_owner = :alert_owner OR alert_until < :now)"
                ),
                ExpressionAttributeValues={
                    **{f":{name}": value for name, value in claim_of(owner, now, seconds_left).items()},
                    ":now": {"S": moments.milliseconds(now)},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as error:
            if "alert_message_id" in error.response.get("Item", {}):
                return False
            raise AlertInFlightError(window.user_id, window.window_start) from error
        return True

    def _publish(self, window: Window) -> str:
        alert = {
            "user_id": window.user_id,
            "window_start": window.window_start,
            "window_end": window.window_end,
            "actions": window.actions,
            "alert_over": self._alert_over,
            "arrived_at": window.arrived_at,
            "handled_at": window.handled_at,
            "published_at": moments.milliseconds(moments.now()),
        }
        answer = self._sns.publish(
            TopicArn=self._topic_arn,
            Subject=f"User {window.user_id} acts like a bot",
            Message=json.dumps(alert),
            MessageAttributes={"actions": {"DataType": "Number", "StringValue": str(window.actions)}},
        )
        return str(answer["MessageId"])

    def _mark_surely(self, window: Window, message_id: str) -> None:
        for pause in _MARK_PAUSES_SECONDS:
            try:
                self._mark(window, message_id)
                return
            except (ClientError, BotoCoreError) as error:
                logger.warning("an alert that was sent cannot be marked yet", extra={"reason": str(error)})
            time.sleep(pause)
        self._mark(window, message_id)

    def _mark(self, window: Window, message_id: str) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=window.key,
            UpdateExpression="SET alert_message_id = :message_id, alerted_at = :now REMOVE alert_owner, alert_until",
            ExpressionAttributeValues={
                ":message_id": {"S": message_id},
                ":now": {"S": moments.milliseconds(moments.now())},
            },
        )
        self._unmarked.pop((window.user_id, window.window_start), None)
        logger.info(
            "alert sent",
            extra={"user_id": window.user_id, "window_start": window.window_start, "message_id": message_id},
        )

    def _warn_of_no_readers(self) -> None:
        """Say once for each environment that nobody has confirmed a subscription to the topic."""
        # Never given back: one in each environment asks, once.
        if not self._readers_unknown.acquire(blocking=False):
            return
        try:
            attributes = self._sns.get_topic_attributes(TopicArn=self._topic_arn)["Attributes"]
        except ClientError as error:
            logger.warning("the topic's subscriptions cannot be counted", extra={"reason": str(error)})
            return
        if attributes["SubscriptionsConfirmed"] == "0":
            logger.warning(
                "nobody reads the alerts: the topic has no confirmed subscription",
                extra={"topic": self._topic_arn, "pending": attributes["SubscriptionsPending"]},
            )
