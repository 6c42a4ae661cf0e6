"""Checkpoints that cannot be written: the cause in one line, and a job that goes on as soon as they can."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.flink import FlinkSession, StatementFailedError
from helpers.waiting import until

pytestmark = pytest.mark.faults

NUMBERS = """CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '20',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '10000')"""


@pytest.fixture
def numbers(flink: FlinkSession) -> None:
    flink.execute(NUMBERS)
    flink.execute("CREATE TABLE nothing (n BIGINT) WITH ('connector' = 'blackhole')")


def test_a_job_whose_checkpoints_cannot_be_written_says_why_and_goes_on_when_they_can(
    flink: FlinkSession, numbers: None, services_dir: Path
) -> None:
    job = flink.execute("INSERT INTO nothing SELECT n FROM numbers")
    assert job is not None
    until(lambda: flink.checkpoint(job), "a checkpoint", 30)
    folder = services_dir / "local" / "flink" / "checkpoints"
    aside = folder.with_name("checkpoints-aside")
    folder.rename(aside)
    folder.write_text("no folder", encoding="utf-8")
    try:
        cause = until(lambda: flink.failure(job), "the failure", 30)
    finally:
        folder.unlink()
        aside.rename(folder)
    assert cause is not None and "\n" not in cause
    # Flink hands on the file system's words, unless it had written all but the last file of a checkpoint.
    words = ("FileNotFoundException: ", "IOException: ", "Flink cannot write its checkpoints to ")
    assert cause.startswith(words)
    assert str(folder) in cause
    until(lambda: flink.state(job) == "RUNNING", "the job", 30)


def test_a_job_that_can_never_write_its_checkpoints_is_refused_with_the_cause(
    flink: FlinkSession, numbers: None, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("no folder", encoding="utf-8")
    flink.execute(f"SET 'execution.checkpointing.dir' = '{taken.as_uri()}/checkpoints'")
    with pytest.raises(StatementFailedError) as error:
        flink.execute("INSERT INTO nothing SELECT n FROM numbers")
    assert str(error.value).startswith("Flink could not run `INSERT INTO nothing SELECT n FROM numbers`: ")
    assert str(taken) in str(error.value) and "\n" not in str(error.value)
