"""The clock of the shop, run faster than life."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from helpers.replay.errors import InvalidSpeedError
from helpers.replay.records import Outgoing, event_time

# A wait is cut into steps of this length, so that something can be done in it.
STEP_SECONDS = 1.0
_LEAST_WAIT_SECONDS = 1e-9


class Pace:
    """When each event is due, counted from the first one, so that no delay adds up.

    Parameters
    ----------
    speed
        Seconds of event time in a second: 60 plays a minute of the shop in a second.
    now, sleep
        The clock, in seconds.
    while_waiting
        Called with the shop's time, like `2019-10-01 00:00:00 UTC`, at least every `STEP_SECONDS` of a wait.

    Raises
    ------
    InvalidSpeedError
        If `speed` is no positive number.
    """

    def __init__(
        self,
        speed: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        while_waiting: Callable[[str], None] = lambda shop_time: None,
    ) -> None:
        if not (math.isfinite(speed) and speed > 0):
            raise InvalidSpeedError(speed)
        self.lag_seconds = 0.0
        """The longest that an event waited beyond its time."""
        self._speed, self._while_waiting, self._now, self._sleep = speed, while_waiting, now, sleep
        self._text, self._due = "", 0.0
        self._first_event: datetime | None = None
        self._began = 0.0

    def is_early(self, record: Outgoing) -> bool:
        """Say whether the record's time has not come yet."""
        wait = self._due_at(event_time(record)) - self._now()
        self.lag_seconds = max(self.lag_seconds, -wait)
        return wait > 0

    def wait_for(self, record: Outgoing) -> None:
        """Sleep until the record is due."""
        while (wait := self._due_at(event_time(record)) - self._now()) > _LEAST_WAIT_SECONDS:
            self._sleep(min(wait, STEP_SECONDS))
            self._while_waiting(self._shop_time(self._text))

    def _shop_time(self, latest: str) -> str:
        """Return what time it is in the shop, `latest` at the most."""
        assert self._first_event is not None, "the first record began the clock"
        shop_time = self._first_event + timedelta(seconds=(self._now() - self._began) * self._speed)
        return min(f"{shop_time:%Y-%m-%d %H:%M:%S} UTC", latest)

    def _due_at(self, text: str) -> float:
        if text != self._text:
            event = datetime.fromisoformat(text.removesuffix(" UTC"))
            if self._first_event is None:
                self._first_event, self._began = event, self._now()
            self._text = text
            self._due = self._began + (event - self._first_event).total_seconds() / self._speed
        return self._due
