"""The bot rule judged by the truth: the users that the generator planted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.dataset.inspection import sample_path
from helpers.errors import LabError

_NEEDED = {"user_id", "is_bot", "kind", "last_event", "events"}


class NoTruthError(LabError):
    """A file does not list planted users."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} does not list planted users ({reason}): name a file that the generator wrote.")


@dataclass(frozen=True)
class Judgement:
    """How well a list of suspects meets the planted bots.

    Attributes
    ----------
    planted
        Bots among the events.
    alerted
        Users that were taken for bots.
    precision
        Share of the alerted users that are bots; None if nobody was alerted.
    recall
        Share of the bots that were alerted; None if there are none.
    """

    planted: int
    alerted: int
    precision: float | None
    recall: float | None

    def as_record(self) -> dict[str, Any]:
        """Return the judgement as `run.json` has it."""
        return {
            "planted": self.planted,
            "alerted": self.alerted,
            "precision": self.precision,
            "recall": self.recall,
        }


def planted_users(path: str, events: pd.DataFrame) -> pd.DataFrame | None:
    """Return the planted users that the events have, None if nobody knows the truth.

    Parameters
    ----------
    path
        CSV of the planted users; empty for the sample's, which counts if there are some of them and every one
        has as many events as it says.
    events
        As `helpers.dataset.read_events` gives them.

    Returns
    -------
    DataFrame
        `user_id` (int64), `kind` (str), `is_bot` (bool), `events` (int64), and what else the file has;
        users with events after the last of `events` are left out.

    Raises
    ------
    NoTruthError
        If the file cannot be read, or is no such list.
    """
    file = Path(path) if path else sample_path().with_name("bots.csv")
    try:
        users = pd.read_csv(file)
        if missing := _NEEDED - set(users.columns):
            raise NoTruthError(file, f"no column {', '.join(sorted(missing))}")
        users = users.astype({"user_id": "int64", "events": "int64", "last_event": "str"})
        if not users["is_bot"].isin([True, False]).all():
            raise NoTruthError(file, "is_bot is neither true nor false")
        users["is_bot"] = users["is_bot"].astype(bool)
        last = pd.to_datetime(users["last_event"].str.removesuffix(" UTC"), utc=True)
    except (OSError, ValueError) as error:
        raise NoTruthError(file, str(error)) from error
    users = users[last <= events["event_time"].max()].reset_index(drop=True)
    counts = events["user_id"].value_counts().reindex(users["user_id"]).fillna(0)
    if not path and (users.empty or not (counts.to_numpy() == users["events"].to_numpy()).all()):
        return None
    return users


def judge(alerted: Iterable[int], planted: pd.DataFrame) -> Judgement:
    """Lay suspects beside the truth.

    Parameters
    ----------
    alerted
        User ids.
    planted
        As `planted_users` returns it.
    """
    bots = set(planted.loc[planted["is_bot"], "user_id"])
    suspects = set(alerted)
    hits = len(bots & suspects)
    precision = hits / len(suspects) if suspects else None
    return Judgement(len(bots), len(suspects), precision, hits / len(bots) if bots else None)


def by_threshold(most_actions: pd.Series, planted: pd.DataFrame, thresholds: Iterable[int]) -> pd.DataFrame:
    """Judge the rule for many thresholds.

    Parameters
    ----------
    most_actions
        The most actions of each user in one window, indexed by user id (int64).
    planted
        As `planted_users` returns it.
    thresholds
        A user is taken for a bot above this.

    Returns
    -------
    DataFrame
        Indexed by threshold: `precision`, `recall` (float64, missing where undefined).
    """
    judged = {each: judge(most_actions[most_actions > each].index, planted) for each in thresholds}
    rows = {each: (judgement.precision, judgement.recall) for each, judgement in judged.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["precision", "recall"], dtype="float64")
