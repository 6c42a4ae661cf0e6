"""Events once through the whole platform: replay, both streams, Flink, function, table, lake, and reconciled."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.bench.lake_arm import LakeArm
from helpers.bench.live_arm import LiveArm
from helpers.bench.memory import watched
from helpers.bench.processes import groups_of, measured_work
from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.lab import Lab
from helpers.waiting import until
from helpers.windows import reconcile

_LONGEST_SECONDS = 3000.0


class JobBrokeError(LabError):
    """The Flink job failed on its way."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Flink's job failed on its way, so the run says nothing: {reason}")


@dataclass(frozen=True)
class Passage:
    """What a run took.

    Attributes
    ----------
    events, windows
        How many.
    maybe_doubled
        Events that may be in the stream twice, since an answer of Kinesis was lost: a machine under load.
    seconds
        From the first event sent to the last list compared.
    stages
        Seconds since the first event until: all events sent, all windows and alerts in DynamoDB, all events
        in the lake's table, all compared.
    wrong
        Windows missing or extra in DynamoDB, against the lake and against the file.
    peak_bytes, most_in_all_bytes
        The most memory of each group of processes, and of all at one time.
    cpu_seconds
        Processor time by group; of the functions and the job only of those that still run at the end.
    """

    events: int
    windows: int
    maybe_doubled: int
    seconds: float
    stages: dict[str, float]
    wrong: int
    peak_bytes: dict[str, int]
    most_in_all_bytes: int
    cpu_seconds: dict[str, float]


def run_through(lab: Lab, name: str, path: Path, truth: pd.DataFrame) -> Passage:
    """Send the events of a file through a platform of its own, and measure.

    Parameters
    ----------
    lab
        Connected to a local AWS and a Flink.
    name
        Prefix of what the platform's parts are called.
    path
        The events.
    truth
        Their windows, as `helpers.windows.count_windows` gives them.

    Raises
    ------
    helpers.errors.LabError
        If a part does not come up, the job fails, or something does not arrive.
    """
    rule = BotRule()
    arm = LiveArm(lab, name)
    arm.make_alerts(rule)
    _forget(lab, arm)
    lake, key, flink = LakeArm(lab, arm), arm.upload(path), lab.flink()
    alerts = int((truth["actions"] > rule.alert_over).sum())
    job = arm.deploy(flink)
    until(lambda: flink.checkpoint(job), "the job's first checkpoint", _LONGEST_SECONDS)
    stages: dict[str, float] = {}

    def kept() -> pd.DataFrame:
        return arm.kept().reindex(columns=["window_start", "user_id", "actions", "alert_message_id"])

    def all_kept() -> bool:
        failure = flink.failure(job)
        if failure:
            raise JobBrokeError(failure)
        found = kept()
        return len(found) >= len(truth) and int(found["alert_message_id"].notna().sum()) >= alerts

    with watched(lambda: groups_of(lab), 0.5) as memory, measured_work(groups_of(lab)) as work:
        began = time.monotonic()
        report = arm.play(key)
        sent = report.sent
        stages["all events sent"] = time.monotonic() - began
        until(all_kept, f"{len(truth)} windows and {alerts} alerts", _LONGEST_SECONDS)
        stages["all windows and alerts in DynamoDB"] = time.monotonic() - began
        until(lambda: lake.rows() >= sent, f"{sent:,} events in the lake", _LONGEST_SECONDS)
        stages["all events in the lake"] = time.monotonic() - began
        found = kept().astype({"user_id": str})
        found["window_start"] = pd.to_datetime(found["window_start"])
        against = [reconcile(found, lake.windows(rule)), reconcile(found, truth)]
        seconds = stages["all compared"] = time.monotonic() - began
    flink.cancel(job)
    flink.close()
    wrong = sum(result.missing + result.extra for result in against)
    return Passage(
        events=sent,
        windows=len(found),
        maybe_doubled=report.maybe_doubled,
        seconds=seconds,
        stages=stages,
        wrong=wrong,
        peak_bytes=memory.most_bytes,
        most_in_all_bytes=memory.most_in_all_bytes,
        cpu_seconds=work.cpu_seconds,
    )


def _forget(lab: Lab, arm: LiveArm) -> None:
    """Remove the window that woke the function up: it is none of the file's."""
    table = lab.session.resource("dynamodb").Table(arm.settings.activity_table)
    for item in arm.kept().to_dict("records"):
        table.delete_item(Key={"user_id": int(item["user_id"]), "window_start": item["window_start"]})
