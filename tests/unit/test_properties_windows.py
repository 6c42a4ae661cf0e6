"""The windows of pandas, of the function on stream 1 and of the lake's SQL are those of whole-number arithmetic."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.watch.events import PoisonRecordError, WindowKey, window_of
from helpers.bot_rule import BotRule
from helpers.windows import count_windows

pytestmark = pytest.mark.faults

EPOCH = datetime(1970, 1, 1)
# To the second, as the file has them; before 1970 too.
moments = st.integers(-(10**9), 4 * 10**9).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
# Close together, so that windows have more than one event.
close_moments = st.tuples(moments, st.lists(st.integers(0, 300), max_size=40)).map(
    lambda drawn: [drawn[0] + timedelta(seconds=seconds) for seconds in drawn[1]]
)
events = st.tuples(close_moments, st.lists(st.integers(0, 2), min_size=40, max_size=40)).map(
    lambda drawn: list(zip(drawn[1], drawn[0], strict=False))
)
lengths = st.integers(1, 7200)


def start_of(moment: datetime, window_seconds: int) -> datetime:
    """Return the start of a moment's window: no floats, no time zones."""
    seconds = (moment - EPOCH) // timedelta(seconds=1)
    return EPOCH + timedelta(seconds=seconds - seconds % window_seconds)


def plain_counts(happened: list[tuple[int, datetime]], window_seconds: int) -> Counter[tuple[datetime, int]]:
    return Counter((start_of(moment, window_seconds), user) for user, moment in happened)


def record(user: Any, moment: datetime) -> bytes:
    event = {"event_time": f"{moment:%Y-%m-%d %H:%M:%S} UTC", "event_type": "view", "user_id": user}
    return json.dumps(event).encode()


@given(events, lengths, st.integers(1, 5))
@settings(max_examples=60, deadline=None, database=None)
def test_pandas_and_the_function_count_the_same_windows(
    happened: list[tuple[int, datetime]], window_seconds: int, over: int
) -> None:
    expected = plain_counts(happened, window_seconds)
    by_function = Counter(window_of(record(user, moment), window_seconds) for user, moment in happened)
    assert by_function == {WindowKey(user, start): count for (start, user), count in expected.items()}
    frame = pd.DataFrame(happened, columns=["user_id", "event_time"])
    counted = count_windows(frame, BotRule(window_seconds, over, over))
    busy = sorted((start, str(user), count) for (start, user), count in expected.items() if count > over)
    found = zip(counted["window_start"].dt.to_pydatetime(), counted["user_id"], counted["actions"], strict=True)
    assert sorted(found) == busy


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["²", "٣", "1_0"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.one_of(
        st.binary(max_size=30),
        json_values.map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {
                "event_type": st.just("view"),
                "event_time": st.sampled_from(["2019-10-01 00:00:03 UTC", "0001-01-01 00:00:00 UTC"]),
                "user_id": st.sampled_from(["7", "²", "٣", "1_0", "-1", True, None, 1.0, 2**63, "9" * 5000])
                | json_values,
            }
        ).map(lambda event: json.dumps(event).encode()),
        st.fixed_dictionaries(
            {
                "event_type": st.just("view") | json_values,
                "event_time": st.just("2019-10-01 00:00:03 UTC") | json_values,
                "user_id": st.just("7"),
            }
        ).map(lambda event: json.dumps(event).encode()),
    )
)
@settings(max_examples=200, deadline=None, database=None)
def test_any_record_is_a_window_no_traffic_or_poison(data: bytes) -> None:
    try:
        window = window_of(data, 10)
    except PoisonRecordError:
        return
    assert window is None or (window.user_id >= 0 and window.window_start.second % 10 == 0)


def test_the_lakes_sql_lays_the_same_windows(client: Callable[[str], Any]) -> None:
    athena, s3 = client("athena"), client("s3")
    s3.create_bucket(Bucket="properties-of-windows")

    @given(st.lists(moments, min_size=1, max_size=60), lengths)
    @settings(max_examples=12, deadline=None, database=None)
    def check(drawn: list[datetime], window_seconds: int) -> None:
        values = ", ".join(f"(timestamp '{moment:%Y-%m-%d %H:%M:%S}')" for moment in drawn)
        # As notebook 10 lays them.
        started = f"from_unixtime(floor(to_unixtime(event_time) / {window_seconds}) * {window_seconds})"
        query = athena.start_query_execution(
            QueryString=f"SELECT cast(to_unixtime({started}) AS bigint) FROM (VALUES {values}) AS t (event_time)",
            ResultConfiguration={"OutputLocation": "s3://properties-of-windows/"},
        )["QueryExecutionId"]
        while (state := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])["State"] in (
            "QUEUED",
            "RUNNING",
        ):
            time.sleep(0.01)
        assert state["State"] == "SUCCEEDED", state
        _, *rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        found = [EPOCH + timedelta(seconds=int(row["Data"][0]["VarCharValue"])) for row in rows]
        assert found == [start_of(moment, window_seconds) for moment in drawn]

    check()
