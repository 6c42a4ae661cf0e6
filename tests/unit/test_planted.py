"""The bot rule is judged by the planted users that the events really have, or not at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import planted
from helpers.bot_rule import BotRule
from helpers.dataset import read_events, sample_path
from helpers.windows import count_windows

HEADER = "user_id,kind,is_bot,first_event,last_event,events"
TRUTH = f"""{HEADER}
11,scraper,true,2019-10-01 00:00:00 UTC,2019-10-01 00:00:09 UTC,3
12,busy_person,false,2019-10-01 01:00:00 UTC,2019-10-01 01:00:09 UTC,2
13,below,true,2019-10-02 00:00:00 UTC,2019-10-02 00:00:09 UTC,1
"""


def shop(*rows: tuple[int, str]) -> pd.DataFrame:
    events = pd.DataFrame(rows, columns=["user_id", "event_time"]).astype({"user_id": "int64"})
    return events.assign(event_time=pd.to_datetime(events["event_time"], utc=True))


def write(folder: Path, text: str) -> str:
    path = folder / "bots.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return read_events(sample_path())


def known(users: pd.DataFrame | None) -> pd.DataFrame:
    assert users is not None
    return users


def test_the_samples_planted_are_known(sample: pd.DataFrame) -> None:
    users = known(planted.planted_users("", sample))
    assert (len(users), int(users["is_bot"].sum())) == (24, 21)
    assert [str(users[name].dtype) for name in ("user_id", "is_bot", "events")] == ["int64", "bool", "int64"]


def test_of_the_samples_first_rows_only_those_who_came_and_went(sample: pd.DataFrame) -> None:
    users = known(planted.planted_users("", sample[:30_000]))
    last = sample["event_time"].iloc[29_999]
    assert 0 < len(users) < 24
    assert (pd.to_datetime(users["last_event"].str.removesuffix(" UTC"), utc=True) <= last).all()


def test_of_another_file_nobody_knows(sample: pd.DataFrame) -> None:
    assert planted.planted_users("", sample[sample["user_id"] != 555830737]) is None
    assert planted.planted_users("", sample.assign(user_id=sample["user_id"] + 1)) is None


def test_a_file_that_ends_before_the_samples_first_bot_is_not_taken_for_the_sample() -> None:
    assert planted.planted_users("", shop((1, "2019-09-01 00:00:00"))) is None


@pytest.mark.parametrize(("last", "users"), [("2019-10-01 01:00:08", [11]), ("2019-10-01 01:00:09", [11, 12])])
def test_a_list_of_ones_own_counts_up_to_the_last_event(last: str, users: list[int], tmp_path: Path) -> None:
    found = known(planted.planted_users(write(tmp_path, TRUTH), shop((1, last))))
    assert found["user_id"].tolist() == users


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "No columns to parse"),
        ("user_id,kind\n1,x\n", "no column events, is_bot, last_event"),
        (f"{HEADER}\n11,x,maybe,a,2019-10-01 00:00:09 UTC,3\n", "is_bot is neither true nor false"),
        (f"{HEADER}\n11,x,,a,2019-10-01 00:00:09 UTC,3\n", "is_bot is neither true nor false"),
        (f"{HEADER}\n11,x,true,a,someday,3\n", "someday"),
        (f"{HEADER}\nme,x,true,a,2019-10-01 00:00:09 UTC,3\n", "me"),
        (f"{HEADER}\n11,x,true,a,2019-10-01 00:00:09 UTC,\n", "NA|nan|NaN"),
    ],
)
def test_a_file_that_is_no_such_list_is_refused_in_a_sentence(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(planted.NoTruthError, match=reason) as refused:
        planted.planted_users(write(tmp_path, text), shop((1, "2019-10-03")))
    assert "bots.csv does not list planted users" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(planted.NoTruthError, match=r"nobody\.csv does not list planted users"):
        planted.planted_users(str(tmp_path / "nobody.csv"), shop((1, "2019-10-03")))


USERS = pd.DataFrame({"user_id": [11, 12, 13, 14], "is_bot": [True, False, True, True]})


@pytest.mark.parametrize(
    ("alerted", "expected"),
    [
        ([11, 13, 14], (3, 3, 1.0, 1.0)),
        ([11, 12, 99, 100], (3, 4, 0.25, 1 / 3)),
        ([11, 11, 12], (3, 2, 0.5, 1 / 3)),
        ([12], (3, 1, 0.0, 0.0)),
        ([], (3, 0, None, 0.0)),
    ],
)
def test_precision_and_recall(alerted: list[int], expected: tuple[int, int, float | None, float | None]) -> None:
    judged = planted.judge(alerted, USERS)
    assert (judged.planted, judged.alerted, judged.precision, judged.recall) == expected
    assert list(judged.as_record().values()) == list(expected)


def test_without_a_bot_there_is_no_recall() -> None:
    judged = planted.judge([12], USERS[1:2])
    assert (judged.planted, judged.precision, judged.recall) == (0, 0.0, None)


def test_a_higher_threshold_trades_recall_for_precision() -> None:
    most = pd.Series({11: 12, 12: 11, 13: 7, 14: 5, 99: 6})
    judged = planted.by_threshold(most, USERS, [4, 6, 10, 11, 12])
    assert judged.index.tolist() == [4, 6, 10, 11, 12]
    assert judged["precision"].tolist()[:4] == pytest.approx([3 / 5, 2 / 3, 1 / 2, 1.0])
    assert pd.isna(judged["precision"].iloc[4])
    assert judged["recall"].tolist() == pytest.approx([1.0, 2 / 3, 1 / 3, 1 / 3, 0.0])


def test_the_samples_rule_is_judged_as_its_events_say(sample: pd.DataFrame) -> None:
    users = known(planted.planted_users("", sample))
    most = count_windows(sample, BotRule(10, 1, 1)).astype({"user_id": "int64"}).groupby("user_id")["actions"].max()
    judged = planted.judge(most[most > BotRule().alert_over].index, users)
    assert (judged.planted, judged.alerted) == (21, 13)
    assert (judged.precision, judged.recall) == (10 / 13, 10 / 21)
    assert planted.by_threshold(most, users, [10]).loc[10].tolist() == [10 / 13, 10 / 21]
