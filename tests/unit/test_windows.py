"""Windows are counted as a plain count does it, and laid side by side without hiding a single one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.bot_rule import BotRule
from helpers.windows import COLUMNS, count_windows, reconcile

pytestmark = pytest.mark.faults

BEGIN = datetime(2019, 10, 1, tzinfo=UTC)

Events = list[tuple[int, int]]


def shop(events: Events) -> pd.DataFrame:
    """Events of users at seconds after the first of October."""
    frame = pd.DataFrame(events, columns=["user_id", "second"], dtype="int64")
    moments = pd.to_datetime([BEGIN + timedelta(seconds=second) for _, second in events], utc=True)
    return frame.assign(event_time=moments.astype("datetime64[s, UTC]"))


def plain_windows(events: Events, rule: BotRule) -> list[tuple[datetime, datetime, str, int]]:
    epoch = int(BEGIN.timestamp())
    counts = Counter((user, (epoch + second) // rule.window_seconds) for user, second in events)
    length = timedelta(seconds=rule.window_seconds)
    rows = []
    for (user, number), actions in counts.items():
        start = datetime(1970, 1, 1) + number * length
        rows += [(start, start + length, str(user), actions)] * (actions > rule.activity_over)
    return sorted(rows)


def tuples(windows: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in windows.itertuples(index=False)]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(-40, 40)), max_size=80),
    st.integers(1, 60),
    st.integers(1, 6),
)
def test_counts_are_those_of_plain_python(events: Events, window_seconds: int, over: int) -> None:
    rule = BotRule(window_seconds, over, over)
    assert tuples(count_windows(shop(events), rule)) == plain_windows(events, rule)


@pytest.mark.parametrize(("actions", "found"), [(5, 0), (6, 1)])
def test_a_window_must_exceed_the_threshold(actions: int, found: int) -> None:
    assert len(count_windows(shop([(1, 3)] * actions), BotRule())) == found


def test_a_border_belongs_to_the_later_window() -> None:
    before, on = count_windows(shop([(1, 9)] * 6 + [(1, 10)] * 7), BotRule()).itertuples()
    assert (before.window_start, before.window_end, before.actions) == (
        datetime(2019, 10, 1), datetime(2019, 10, 1, 0, 0, 10), 6
    )  # fmt: skip
    assert (on.window_start, on.actions) == (datetime(2019, 10, 1, 0, 0, 10), 7)


def test_windows_begin_at_multiples_of_their_length_since_the_epoch() -> None:
    (window,) = count_windows(shop([(1, 3)] * 6), BotRule(window_seconds=7)).itertuples()
    assert int(window.window_start.timestamp()) % 7 == 0


@pytest.mark.parametrize("events", [[], [(1, 3)] * 6], ids=["no events", "one window"])
def test_columns_and_types_are_the_same_whatever_is_found(events: Events) -> None:
    windows = count_windows(shop(events), BotRule())
    assert list(windows.columns) == COLUMNS
    assert [str(each) for each in windows.dtypes] == ["datetime64[s]", "datetime64[s]", "str", "int64"]


def test_times_with_and_without_a_zone_and_ids_as_text_count_the_same() -> None:
    events = shop([(12, 3)] * 6 + [(12, 25)] * 7)
    expected = count_windows(events, BotRule())
    assert len(expected) == 2
    naive = events.assign(event_time=events["event_time"].dt.tz_localize(None))
    pd.testing.assert_frame_equal(count_windows(naive, BotRule()), expected)
    pd.testing.assert_frame_equal(count_windows(events.astype({"user_id": "str"}), BotRule()), expected)
    pd.testing.assert_frame_equal(count_windows(events[::-1], BotRule()), expected)


def test_a_user_of_a_category_without_events_is_no_window() -> None:
    events = shop([(1, 3)] * 6).astype({"user_id": pd.CategoricalDtype([1, 2])})
    assert count_windows(events, BotRule())["user_id"].tolist() == ["1"]


WINDOWS = count_windows(shop([(1, 3)] * 6 + [(2, 3)] * 7 + [(1, 15)] * 8), BotRule())


def counts(found: pd.DataFrame, expected: pd.DataFrame) -> tuple[int, int, int, int]:
    return tuple(reconcile(found, expected).as_record()[name] for name in ("expected", "found", "missing", "extra"))  # type: ignore[return-value]


def test_equal_lists_reconcile_in_any_order_of_rows_and_columns() -> None:
    assert counts(WINDOWS[::-1][COLUMNS[::-1]], WINDOWS) == (3, 3, 0, 0)


def test_a_missing_window_is_counted() -> None:
    assert counts(WINDOWS[1:], WINDOWS) == (3, 2, 1, 0)


def test_an_extra_window_is_counted() -> None:
    assert counts(WINDOWS, WINDOWS[1:]) == (2, 3, 0, 1)


def test_another_count_is_one_missing_and_one_extra() -> None:
    assert counts(WINDOWS.assign(actions=WINDOWS["actions"].replace(7, 9)), WINDOWS) == (3, 3, 1, 1)


def test_another_user_or_start_is_one_missing_and_one_extra() -> None:
    assert counts(WINDOWS.assign(user_id=WINDOWS["user_id"].replace("2", "3")), WINDOWS) == (3, 3, 1, 1)
    later = WINDOWS["window_start"] + pd.to_timedelta([0, 0, 10], unit="s")
    assert counts(WINDOWS.assign(window_start=later), WINDOWS) == (3, 3, 1, 1)


def test_a_window_found_twice_is_extra_and_one_expected_twice_is_missing() -> None:
    twice = pd.concat([WINDOWS, WINDOWS[:1]])
    assert counts(twice, WINDOWS) == (3, 4, 0, 1)
    assert counts(WINDOWS, twice) == (4, 3, 1, 0)
    assert counts(twice, twice[::-1]) == (4, 4, 0, 0)


def test_a_double_does_not_stand_in_for_a_missing_one() -> None:
    assert counts(pd.concat([WINDOWS[1:], WINDOWS[1:2]]), WINDOWS) == (3, 3, 1, 1)


def test_a_table_without_windows_reconciles() -> None:
    # As a scan of an empty table of DynamoDB reads: columns without a type.
    nothing = pd.DataFrame(columns=["user_id", "window_start"]).reindex(columns=COLUMNS).astype({"user_id": str})
    nothing["window_start"] = pd.to_datetime(nothing["window_start"])
    assert counts(nothing, WINDOWS) == (3, 0, 3, 0)
    assert counts(nothing, WINDOWS[:0]) == (0, 0, 0, 0)
    assert counts(WINDOWS, nothing) == (0, 3, 0, 3)


def test_athenas_types_reconcile() -> None:
    lake = WINDOWS.astype({"window_start": "datetime64[ns]", "user_id": "string", "actions": "Int64"})
    assert counts(WINDOWS, lake) == (3, 3, 0, 0)
