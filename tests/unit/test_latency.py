"""The way of an alert is split into stages that add up to it, on times that a reader can add in the head."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import latency

SHOP = pd.Timestamp("2019-10-01 00:00:00")
CLOCK = pd.Timestamp("2026-11-24 12:00:00")
MOMENTS = ["arrived_at", "handled_at", "published_at", "mailed_at"]
STAGES = list(latency.STAGES.values())


def at(seconds: float, origin: pd.Timestamp = CLOCK) -> pd.Timestamp:
    return origin + pd.Timedelta(seconds=seconds)


def alert(user: str, window: int, *moments: float) -> dict[str, object]:
    """An alert of the window of 10 seconds that begins so many seconds after midnight."""
    times = {name: at(each) for name, each in zip(MOMENTS, moments, strict=True)}
    return {"user_id": user, "window_start": at(window, SHOP), "window_end": at(window + 10, SHOP), **times}


def crossing(user: str, window: int, moment: float) -> dict[str, object]:
    return {"user_id": user, "window_start": at(window, SHOP), "crossed_at": at(moment)}


def clock(sent: dict[int, float]) -> pd.DataFrame:
    rows = {"event_time": [at(second, SHOP) for second in sent], "sent_at": [at(moment) for moment in sent.values()]}
    return pd.DataFrame(rows)


def split(alerts: list[dict[str, object]], crossings: list[dict[str, object]], sent: dict[int, float]) -> pd.DataFrame:
    return latency.stage_seconds(pd.DataFrame(alerts), pd.DataFrame(crossings), clock(sent), watermark=5)


def test_each_stage_runs_from_the_moment_before() -> None:
    stages = split([alert("7", 0, 3.0, 3.5, 3.7, 4.0)], [crossing("7", 0, 1.0)], {4: 0.9, 15: 2.0, 16: 9.0})
    assert list(stages.columns) == STAGES
    assert stages.iloc[0].tolist() == pytest.approx([1.0, 1.0, 0.5, 0.2, 0.3])
    assert (stages.dtypes == "float64").all()


@pytest.mark.parametrize(("second", "waited"), [(14, 4.0), (15, 1.0)])
def test_a_window_ends_with_the_first_event_past_its_end_and_the_watermark(second: int, waited: float) -> None:
    stages = split([alert("7", 0, 6.0, 6.0, 6.0, 6.0)], [crossing("7", 0, 1.0)], {second: 2.0, 30: 5.0})
    assert stages[STAGES[0]].tolist() == pytest.approx([waited])


def test_alerts_of_windows_that_no_event_closed_are_left_out() -> None:
    alerts = [alert("7", 0, 3, 3, 3, 3), alert("7", 100, 8, 8, 8, 8)]
    stages = split(alerts, [crossing("7", 0, 1), crossing("7", 100, 6)], {20: 2, 112: 7})
    assert len(stages) == 1
    assert stages[STAGES[0]].tolist() == [1.0]


def test_windows_of_one_user_and_users_of_one_window_are_kept_apart() -> None:
    alerts = [alert("8", 0, 3, 4, 5, 6), alert("7", 20, 30, 31, 32, 33), alert("7", 0, 3, 3, 3, 3)]
    crossings = [crossing("7", 0, 1.5), crossing("7", 20, 21), crossing("8", 0, 1.0)]
    stages = split(alerts, crossings, {15: 2, 35: 25})
    assert sorted(stages.sum(axis=1)) == pytest.approx([1.5, 5.0, 12.0])


def test_the_stages_add_up_to_the_whole_way_and_nothing_given_is_changed() -> None:
    alerts = pd.DataFrame([alert(str(user), 0, 3 + user, 4 + user, 5 + user, 6 + user) for user in range(20)])
    crossings = pd.DataFrame([crossing(str(user), 0, 0.1 * user) for user in range(20)])
    before = alerts.copy(deep=True)
    stages = latency.stage_seconds(alerts, crossings, clock({15: 2.0}), watermark=5)
    assert sorted(stages.sum(axis=1)) == pytest.approx([6 + user - 0.1 * user for user in range(20)])
    pd.testing.assert_frame_equal(alerts, before)


def test_the_summary_has_median_and_95th_percentile_of_stages_and_whole() -> None:
    stages = pd.DataFrame({"one": [float(n) for n in range(101)], "two": [1.0] * 101})
    summary = latency.summary(stages)
    assert summary.index.tolist() == ["one", "two", "the whole way"]
    assert summary.columns.tolist() == ["p50", "p95"]
    assert summary.to_numpy().tolist() == [[50.0, 95.0], [1.0, 1.0], [51.0, 96.0]]


def test_without_an_alert_there_is_a_summary_without_numbers() -> None:
    none = pd.DataFrame([alert("7", 0, 1, 1, 1, 1)])[:0]
    stages = latency.stage_seconds(none, pd.DataFrame([crossing("7", 0, 1)])[:0], clock({1: 1}), watermark=5)
    assert list(stages.columns) == STAGES
    summary = latency.summary(stages)
    assert summary.index.tolist() == [*STAGES, "the whole way"]
    assert summary.isna().all(axis=None)
