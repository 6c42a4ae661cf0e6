"""The local AWS gone, and started anew, under a running job: named in a line, and the course goes on after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from shop_stream import as_csv, shop_events, windows_in, windows_of

import helpers
from helpers.bench.live_arm import LiveArm
from helpers.flink import FlinkSession
from helpers.local import ports, process
from helpers.local.watch import LocalAwsAnewError, LocalAwsGoneError
from helpers.waiting import until

pytestmark = pytest.mark.faults

EVENTS = shop_events(2000)


@pytest.fixture
def build_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A build folder with a local AWS of its own, which the tests' Flink reaches as well as theirs."""
    monkeypatch.setenv("LAB_TARGET", "local")
    monkeypatch.setenv("LAB_BUILD_DIR", str(tmp_path))
    # What `connect` sets is gone after the test.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    # Not the default port, which another checkout may take in between.
    with ports.listen(0) as free:
        port = free.getsockname()[1]
    process.start(tmp_path, port)
    yield tmp_path
    process.stop(tmp_path)


def test_a_job_says_what_it_misses_and_a_new_one_finds_every_window(
    flink: FlinkSession, build_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(as_csv(EVENTS))
    before = LiveArm(helpers.connect(), "anew")
    stream, job = before.settings.events_stream, before.deploy(flink)
    before.play(before.upload(path))
    until(lambda: windows_in(before.kinesis, before.settings.activity_stream, 1), "a window", 60)
    until(lambda: flink.checkpoint(job), "a checkpoint", 30)

    state = json.loads((build_dir / "local" / "aws.json").read_text(encoding="utf-8"))
    server = psutil.Process(state["pid"])
    server.kill()
    psutil.wait_procs([server], timeout=10)
    told = until(lambda: flink.failure(job), "the failure", 60)
    assert told is not None and told.startswith("ConnectException: Connection refused") and "\n" not in told
    with pytest.raises(LocalAwsGoneError):
        before.kinesis.list_streams()

    process.start(build_dir, state["port"])
    missed = lambda: f"Stream {stream} under account" in (flink.failure(job) or "")  # noqa: E731
    until(missed, "the failure to name the stream", 60)
    with pytest.raises(LocalAwsAnewError):
        before.kinesis.list_streams()

    # As notebooks 03 and 08 do it when they are run again; the old job is still there.
    again = LiveArm(helpers.connect(), "anew")
    new_job = again.deploy(flink)
    again.play(again.upload(path))
    expected = windows_of(EVENTS)
    assert windows_in(again.kinesis, again.settings.activity_stream, len(expected), once=False) == expected
    assert flink.failure(new_job) is None
