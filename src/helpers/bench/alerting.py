"""How long an alert takes from the event that crosses the threshold to the mailbox, beyond window and watermark."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers import latency
from helpers.bench.figure import Figure, Scale
from helpers.bench.live_arm import LiveArm
from helpers.bench.processes import EMULATOR, FUNCTIONS, JVMS, Work, groups_of, measured_work
from helpers.bench.shop_day import EVENTS_PER_SECOND, write_shop_day
from helpers.bot_rule import BotRule
from helpers.errors import LabError
from helpers.lab import Lab
from helpers.replay.read_back import read_shard
from helpers.replay.shards import list_shards
from helpers.waiting import until
from helpers.windows import count_windows

EVENTS = 50_000
# A minute of the shop in a second: about a thousand events a second.
SPEED = 60.0
_LONGEST_SECONDS = 120.0
_MAIL_TIMES = ("window_start", "window_end", "arrived_at", "handled_at", "published_at", "mailed_at")


class NoAlertError(LabError):
    """A benchmark of alerts had none."""

    def __init__(self, events: int) -> None:
        super().__init__(f"None of the {events:,} events raises an alert: measure with a larger share.")


class Run(NamedTuple):
    """One replay: the stages of each alert in seconds, and what it took."""

    stages: pd.DataFrame
    work: Work


def measure(scale: Scale, lab: Lab) -> Figure:
    """Measure the 95th percentile of event to mail, window and watermark left out.

    Raises
    ------
    helpers.errors.LabError
        If a part does not come up, an alert does not arrive, or there is none.
    """
    runs = [_one_run(scale, lab, number) for number in range(1, scale.runs + 1)]
    stages = pd.concat([run.stages for run in runs])
    own = latency.summary(stages.iloc[:, 1:])
    busy = {name: sum(run.work.cores(*groups) for run in runs) / len(runs) for name, groups in _GROUPS.items()}
    slowest = own.drop("the whole way")["p50"].idxmax()
    return Figure(
        name="event to alert mail, beyond window and watermark, 95 of 100",
        against="",
        unit="s",
        ours=[_p95(run.stages) for run in runs],
        baseline=[],
        target=2.0,
        more_is_better=False,
        bound="Flink" if slowest == latency.STAGES["arrived_at"] else "emulator",
        why=(
            f"The longest stage is: {slowest}, half of the alerts within {own.loc[slowest, 'p50']:.2f} s; "
            + ", ".join(f"{name} keeps {cores:.2f} processors busy" for name, cores in busy.items())
            + "."
        ),
        on_aws=(
            "About a second more, and seconds for the first call of an environment, left out here: Flink asks a shard "
            "five times a second, Lambda polls one once a second "
            "(https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html), and mail takes its own time."
        ),
        details=_details(own, stages),
    )


_GROUPS = {"Flink": JVMS, "the emulator": (EMULATOR,), "the function": (FUNCTIONS,)}


def _one_run(scale: Scale, lab: Lab, number: int) -> Run:
    path, rule = scale.folder / "shop.csv", BotRule()
    windows = count_windows(write_shop_day(scale.of(EVENTS), number, path), rule)
    alerts = windows[windows["actions"] > rule.alert_over]
    arm, flink = LiveArm(lab, f"alerting-{number}"), lab.flink()
    arm.make_alerts(rule)
    job = arm.deploy(flink)
    until(lambda: flink.checkpoint(job), "the job's first checkpoint", _LONGEST_SECONDS)
    key = arm.upload(path)
    with measured_work(groups_of(lab)) as work:
        arm.play(key, speed=SPEED)
        until(lambda: len(arm.mails()) >= len(alerts), f"{len(alerts)} mails", _LONGEST_SECONDS)
    flink.cancel(job)
    flink.close()
    sent = _sent(arm, rule)
    clock = sent.groupby("event_time")["sent_at"].min().reset_index()
    stages = latency.stage_seconds(_way(arm.mails()), _crossings(sent, rule), clock, rule.watermark_seconds)
    if stages.empty:
        raise NoAlertError(scale.of(EVENTS))
    return Run(stages, work)


def _sent(arm: LiveArm, rule: BotRule) -> pd.DataFrame:
    """Read stream 1 back: `event_time`, `sent_at` (datetime64, UTC without zone), `user_id` (str), `window_start`."""
    stream = arm.settings.events_stream
    shards = [shard["ShardId"] for shard in list_shards(arm.kinesis, stream)]
    records = (record for shard in shards for record in read_shard(arm.kinesis, stream, shard))
    rows = [(event["event_time"], event["txn_timestamp"], event["user_id"]) for event in map(_event, records)]
    sent = pd.DataFrame(rows, columns=["event_time", "sent_at", "user_id"])
    sent["event_time"] = pd.to_datetime(sent["event_time"].str.removesuffix(" UTC"))
    sent["sent_at"] = pd.to_datetime(sent["sent_at"])
    return sent.assign(window_start=sent["event_time"].dt.floor(f"{rule.window_seconds}s"))


def _event(record: dict[str, bytes]) -> dict[str, str]:
    event: dict[str, str] = json.loads(record["Data"])
    return event


def _crossings(sent: pd.DataFrame, rule: BotRule) -> pd.DataFrame:
    """Return when the event of each window was sent that crossed the threshold."""
    keys = ["user_id", "window_start"]
    ordered = sent.sort_values(["event_time", "sent_at"], kind="stable")
    crossing = ordered[ordered.groupby(keys).cumcount() == rule.alert_over]
    return crossing.rename(columns={"sent_at": "crossed_at"})[[*keys, "crossed_at"]]


def _way(mails: Sequence[dict[str, str]]) -> pd.DataFrame:
    rows = [json.loads(mail["Message"]) | {"mailed_at": mail["Received"]} for mail in mails]
    way = pd.DataFrame(rows, columns=["user_id", *_MAIL_TIMES]).astype({"user_id": str})
    return way.assign(**{name: pd.to_datetime(way[name]) for name in _MAIL_TIMES})


def _p95(stages: pd.DataFrame) -> float:
    return float(latency.summary(stages.iloc[:, 1:]).loc["the whole way", "p95"])


def _details(own: pd.DataFrame, stages: pd.DataFrame) -> dict[str, float]:
    found = {
        f"{stage}, {percentile} in s": float(own.loc[stage, percentile])
        for stage in own.index
        for percentile in ("p50", "p95")
    }
    return found | {"alerts": len(stages), "events/s": EVENTS_PER_SECOND * SPEED}
