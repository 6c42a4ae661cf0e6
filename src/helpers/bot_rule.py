"""The rule by which a user looks like a bot: every threshold of the lab, once."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.errors import LabError


class InvalidBotRuleError(LabError):
    """A threshold makes no sense."""

    def __init__(self, name: str, value: int, remedy: str) -> None:
        super().__init__(f"The bot rule's {name} is {value}: {remedy}.")


@dataclass(frozen=True)
class BotRule:
    """Actions of one user in a tumbling window of event time.

    Parameters
    ----------
    window_seconds
        Length of the window.
    activity_over
        Windows with more actions than this go to stream 2 and into DynamoDB.
    alert_over
        Windows with more actions than this raise an alert.
    watermark_seconds
        How long an event may come after later ones and still be counted.
    """

    window_seconds: int = 10
    activity_over: int = 5
    alert_over: int = 10
    watermark_seconds: int = 5

    def __post_init__(self) -> None:
        for name in ("window_seconds", "activity_over", "alert_over"):
            if getattr(self, name) < 1:
                raise InvalidBotRuleError(name, getattr(self, name), "use 1 or more")
        if self.watermark_seconds < 0:
            raise InvalidBotRuleError("watermark_seconds", self.watermark_seconds, "use 0 or more")
        if self.alert_over < self.activity_over:
            raise InvalidBotRuleError(
                "alert_over", self.alert_over, f"stream 2 only has windows over {self.activity_over}, use that or more"
            )
