"""The benchmark's way through the whole platform ends in equal lists, and says what it took."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import awswrangler as wr
import pytest

import helpers
from helpers.bench.shop_day import write_shop_day
from helpers.bench.through import run_through
from helpers.bot_rule import BotRule
from helpers.windows import count_windows


@pytest.fixture
def lab(services_dir: Path, flink_urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[helpers.Lab]:
    monkeypatch.setenv("LAB_TARGET", "local")
    monkeypatch.setenv("LAB_BUILD_DIR", str(services_dir))
    # What `connect` sets is gone after the test.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    wr.config.athena_query_wait_polling_delay = 0.05
    yield helpers.connect()
    wr.config.reset()


def test_events_are_reconciled_in_all_three_places(lab: helpers.Lab, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    truth = count_windows(write_shop_day(5_000, 1, path), BotRule())
    assert len(truth) > 0
    passage = run_through(lab, "end-to-end", path, truth)
    assert (passage.events, passage.windows, passage.wrong) == (5_000, len(truth), 0)
    assert list(passage.stages) == [
        "all events sent",
        "all windows and alerts in DynamoDB",
        "all events in the lake",
        "all compared",
    ]
    assert list(passage.stages.values()) == sorted(passage.stages.values())
    assert passage.peak_bytes["emulator"] > 0 and passage.peak_bytes["task manager"] > 0
    assert passage.most_in_all_bytes >= max(passage.peak_bytes.values())
