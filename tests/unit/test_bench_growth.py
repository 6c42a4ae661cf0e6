"""Growth is judged by the distance from a straight line, in proportion at every size."""

from __future__ import annotations

import pytest

from helpers.bench.end_to_end import figures
from helpers.bench.growth import straight_line
from helpers.bench.through import Passage


def passage(events: int, seconds: float, wrong: int = 0) -> Passage:
    bytes_in_all = 3_000_000_000 + 500 * events
    peaks = {"client": 300_000_000, "emulator": 200_000_000 + 500 * events, "task manager": 900_000_000}
    cpu = {"client": seconds / 4, "emulator": seconds / 2, "task manager": seconds / 3}
    return Passage(events, 10, 0, seconds, {"all compared": seconds}, wrong, peaks, bytes_in_all, cpu)


def test_points_on_a_line_give_its_parts() -> None:
    line = straight_line({250_000: 35.0, 500_000: 60.0, 1_000_000: 110.0})
    assert (line.fixed, line.each) == (pytest.approx(10.0), pytest.approx(1e-4))
    assert line.furthest({250_000: 35.0, 7_000_000: 1.1 * 710}) == pytest.approx(0.1)


def test_a_square_is_far_from_every_line() -> None:
    points = {n: (n / 250_000) ** 2 for n in (250_000, 500_000, 1_000_000, 7_000_000)}
    assert straight_line(points).furthest(points) > 0.15


def test_small_sizes_count_as_much_as_large_ones() -> None:
    points = {250_000: 60.0, 500_000: 60.0, 1_000_000: 110.0, 7_000_000: 710.0}
    # In seconds the smallest is 25 off, which the largest would hide.
    assert straight_line(points).furthest(points) > 0.15


def test_rows_name_windows_speed_time_and_memory() -> None:
    sizes = {250_000: 35.0, 500_000: 60.0, 1_000_000: 110.0}
    passages = {events: [passage(events, seconds)] * 3 for events, seconds in sizes.items()}
    exact, speed, time, memory = figures(passages, 1_000_000, 7_000_000, (6_500.0, 710.0))
    assert exact.met and exact.ours == [0.0]
    assert speed.result == pytest.approx(1_000_000 / 110) and speed.bound == "emulator"
    assert time.met and time.details["fixed part, s"] == pytest.approx(10)
    assert memory.met and memory.details["1,000,000 events, MB"] == pytest.approx(3_500)
    assert memory.details["expected for 7,000,000 from the smaller sizes, MB"] == 6_500
    assert "0.50 KB for each event" in memory.why
    assert "7,000,000 events were not run: 6,500 MB and 710 s were expected." in time.why


def test_the_largest_size_counts_if_it_was_run() -> None:
    sizes = {250_000: 35.0, 1_000_000: 110.0, 7_000_000: 900.0}
    passages = {events: [passage(events, seconds)] for events, seconds in sizes.items()}
    time = figures(passages, 1_000_000, 7_000_000, (6_500.0, 710.0))[2]
    assert "to 7,000,000 events" in time.name and "not run" not in time.why
    assert time.details["7,000,000 events, s"] == 900.0


def test_one_window_too_many_in_any_run_is_a_miss() -> None:
    good = [passage(250_000, 35.0)] * 3
    passages = {250_000: good, 500_000: [*good, passage(500_000, 60.0, wrong=1)]}
    exact = figures(passages, 500_000, 7_000_000, (1.0, 1.0))[0]
    assert not exact.met
