"""The pace counts from the first event, so no delay adds up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.replay.errors import InvalidSpeedError
from helpers.replay.pace import Pace
from helpers.replay.records import Outgoing

pytestmark = pytest.mark.faults


class Clock:
    def __init__(self) -> None:
        self.time = 50.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def at(second: int) -> Outgoing:
    time = f"2019-10-{1 + second // 86400:02} {second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02} UTC"
    return ("k", f'{{"event_time":"{time}","event_type":'.encode(), 100)


@settings(deadline=None)  # A long wait is made of many steps.
@given(
    st.lists(st.integers(0, 7200), min_size=1, max_size=50).map(sorted),
    st.floats(0.5, 100_000),
    st.floats(0, 0.5),
)
def test_no_event_comes_early_and_delays_do_not_add_up(seconds: list[int], speed: float, work: float) -> None:
    clock = Clock()
    pace = Pace(speed, clock.now, clock.sleep)
    began = clock.time
    ready = began
    for second in seconds:
        record = at(second)
        if pace.is_early(record):
            pace.wait_for(record)
        due = began + (second - seconds[0]) / speed
        assert clock.time >= due - 1e-6
        assert clock.time == pytest.approx(max(due, ready))
        clock.sleep(work)
        ready = clock.time


def test_lag_is_the_longest_delay() -> None:
    clock = Clock()
    pace = Pace(1, clock.now, clock.sleep)
    assert not pace.is_early(at(0))
    clock.sleep(7)
    assert not pace.is_early(at(2))
    clock.sleep(1)
    assert pace.is_early(at(10))
    assert pace.lag_seconds == 5


def test_event_out_of_order_is_sent_at_once() -> None:
    clock = Clock()
    pace = Pace(1, clock.now, clock.sleep)
    assert not pace.is_early(at(100))
    assert not pace.is_early(at(40))


@pytest.mark.parametrize("speed", [0, -1, math.inf, math.nan])
def test_speed_that_is_no_pace(speed: float) -> None:
    with pytest.raises(InvalidSpeedError, match=r"speed is .*: give a number above 0"):
        Pace(speed)


def test_while_it_waits_it_tells_the_shops_time_and_never_one_after_the_event() -> None:
    clock, told = Clock(), list[str]()
    pace = Pace(60, clock.now, clock.sleep, told.append)
    assert not pace.is_early(at(0))
    assert pace.is_early(at(150))
    pace.wait_for(at(150))
    assert told == ["2019-10-01 00:01:00 UTC", "2019-10-01 00:02:00 UTC", "2019-10-01 00:02:30 UTC"]
