"""The planted users do what the truth file says, and the alert rule is neither right nor wrong about all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from generated_events import count_in_windows, read_events, read_truth

from helpers.bot_rule import BotRule
from helpers.dataset import sample_path
from helpers.generator.batch import Batch, empty_batch
from helpers.generator.bots import TEAM, Kind, choose_kinds, draw_times, merge, plan
from helpers.generator.catalogue import Catalogue, build_catalogue
from helpers.generator.shop import Shop, make_rng

RULE = BotRule()


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return read_events(sample_path())


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return read_truth(sample_path().with_name("bots.csv")).set_index("user_id")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return build_catalogue()


def test_truth_agrees_with_the_events(events: pd.DataFrame, truth: pd.DataFrame) -> None:
    planted = events[events["user_id"].isin(truth.index)].groupby("user_id")
    found = planted["event_time"].agg(first_event="min", last_event="max", events="size")
    found["max_actions_10s"] = count_in_windows(events).groupby("user_id").max()
    columns = ["first_event", "last_event", "events", "max_actions_10s"]
    pd.testing.assert_frame_equal(truth[columns].sort_index(), found[columns].sort_index())


def test_kinds_lie_on_both_sides_of_the_thresholds(truth: pd.DataFrame) -> None:
    most = truth.groupby("kind")["max_actions_10s"].agg(["min", "max"])
    assert most.loc["scraper", "min"] > 2 * RULE.alert_over
    assert most.loc["cart_stuffer", "min"] > 2 * RULE.alert_over
    assert list(most.loc["just_over"]) == [RULE.alert_over + 1, RULE.alert_over + 2]
    assert list(most.loc["just_under"]) == [RULE.alert_over - 1, RULE.alert_over]
    assert list(most.loc["straddler"]) == [6, 6]
    assert RULE.activity_over < most.loc["below", "min"] <= most.loc["below", "max"] < RULE.alert_over
    assert most.loc["slow", "max"] <= RULE.activity_over
    assert most.loc["busy_person", "min"] > RULE.alert_over
    assert set(truth.loc[~truth["is_bot"], "kind"]) == {"busy_person"}


def test_the_alert_rule_is_wrong_about_some(events: pd.DataFrame, truth: pd.DataFrame) -> None:
    windows = count_in_windows(events, RULE.window_seconds)
    alerted = set(windows[windows > RULE.alert_over].index.get_level_values("user_id"))
    bots = set(truth.index[truth["is_bot"]])
    assert len(alerted & bots) == 10
    assert len(alerted - bots) == 3
    assert len(bots) == 21


def test_a_sliding_window_finds_those_who_straddle(events: pd.DataFrame, truth: pd.DataFrame) -> None:
    for user in truth.index[truth["kind"] == "straddler"]:
        seconds = events.loc[events["user_id"] == user, "seconds"].to_numpy()
        in_ten = np.searchsorted(seconds, seconds + 10) - np.arange(len(seconds))
        assert in_ten.max() == 12


def test_a_small_data_set_gets_those_for_which_there_is_room() -> None:
    assert choose_kinds(100) == []
    assert [kind.name for kind in choose_kinds(1000)] == ["just_over"]
    assert choose_kinds(50_000) == list(TEAM)
    assert len(choose_kinds(200_000)) == 4 * len(TEAM)
    assert len(choose_kinds(100_000_000)) == len(choose_kinds(10_000_000))


def test_bots_can_be_planted_among_any_events_in_order(catalogue: Catalogue) -> None:
    visits, planted = plan(list(TEAM), catalogue, make_rng(8))
    assert len(planted) == sum(visit.kind.events for visit in visits)
    merged = list(merge(Shop(40_000, 2, catalogue).events(), planted))
    seconds = np.concatenate([batch.seconds for batch in merged])
    assert len(seconds) == 40_000 + len(planted)
    assert (np.diff(seconds) >= 0).all()
    users, counts = np.unique(np.concatenate([batch.user for batch in merged]), return_counts=True)
    by_user = dict(zip(users.tolist(), counts.tolist(), strict=True))
    assert all(by_user[visit.user] == visit.kind.events for visit in visits)


def test_bots_after_the_last_event_are_kept(catalogue: Catalogue) -> None:
    _, planted = plan(list(TEAM[:2]), catalogue, make_rng(8))
    merged: list[Batch] = list(merge(iter([empty_batch()]), planted))
    assert sum(map(len, merged)) == len(planted)


class Slowest(np.random.Generator):
    """Draws numbers just below 1."""

    def random(self, *args: object, **kwargs: object) -> float:  # type: ignore[override]
        return 1 - 1e-9


@pytest.mark.parametrize("kind", TEAM, ids=lambda kind: f"{kind.name} {kind.bursts[0]}")
def test_no_visit_lasts_longer_than_its_kind_says(kind: Kind) -> None:
    rng = make_rng(6)
    assert max(int(draw_times(kind, rng)[-1]) for _ in range(200)) <= kind.longest_seconds
    assert draw_times(kind, Slowest(np.random.PCG64(1)))[-1] == kind.longest_seconds
