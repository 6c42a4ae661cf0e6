"""Parts of Flink killed under the whole live arm: exact rows in DynamoDB, and each alert once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from flink_parts import JOB_MANAGER, TASK_MANAGER, kill
from shop_stream import as_csv, shop_events, windows_of

import helpers
from helpers.bench.live_arm import LiveArm
from helpers.bot_rule import BotRule
from helpers.flink import FlinkSession
from helpers.waiting import until

pytestmark = pytest.mark.faults

EVENTS = shop_events(6000, seed=2)
EXPECTED = windows_of(EVENTS)
RULE = BotRule()


@pytest.fixture
def lab(services_dir: Path, flink_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> helpers.Lab:
    monkeypatch.setenv("LAB_TARGET", "local")
    monkeypatch.setenv("LAB_BUILD_DIR", str(services_dir))
    # What `connect` sets is gone after the test.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    return helpers.connect()


def rows_of(arm: LiveArm) -> Counter[tuple[str, str, int]]:
    """Return what is in the table, without the window that woke the function up."""
    found = arm.kept()[["window_start", "user_id", "actions"]].astype({"user_id": str})
    return Counter(row for row in found.itertuples(index=False, name=None) if row[1] != "1")


def test_task_and_job_manager_killed_leave_exact_rows_and_each_alert_once(
    lab: helpers.Lab, flink: FlinkSession, services_dir: Path, tmp_path: Path
) -> None:
    arm = LiveArm(lab, "killed")
    arm.make_alerts(RULE)
    path = tmp_path / "events.csv"
    path.write_bytes(as_csv(EVENTS))
    key, job = arm.upload(path), arm.deploy(flink)
    until(lambda: flink.checkpoint(job), "a checkpoint", 30)
    victims, sent, rows = [TASK_MANAGER, JOB_MANAGER], 0, 0

    def more_rows() -> bool:
        return flink.state(job) == "RUNNING" and sum(rows_of(arm).values()) > rows

    def progress(records: int) -> None:
        nonlocal sent, rows
        sent += records
        if victims and sent > len(EVENTS) * (3 - len(victims)) / 3:
            # The job works, again after the first one, and has written what a checkpoint may not know of.
            until(more_rows, "more rows", 60)
            rows = sum(rows_of(arm).values())
            kill(flink, services_dir, victims.pop(0))

    arm.play(key, progress=progress)
    assert not victims
    expected = Counter({(start, user, actions): 1 for (start, user), actions in EXPECTED.items()})
    until(lambda: len(rows_of(arm)) >= len(expected), "every row", 60)
    alerting = {(start, user) for (start, user), actions in EXPECTED.items() if actions > RULE.alert_over}
    until(lambda: len(arm.mails()) >= len(alerting), "every alert", 60)
    assert rows_of(arm) == expected
    alerts = [json.loads(mail["Message"]) for mail in arm.mails()]
    assert Counter((alert["window_start"], str(alert["user_id"])) for alert in alerts) == dict.fromkeys(alerting, 1)
    assert alerting
