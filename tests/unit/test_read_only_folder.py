"""A build folder that is really read-only: every command says it in one sentence, and tidies up what it can."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from read_only import read_only, run_commands

from helpers.local import process

pytestmark = pytest.mark.faults

START = "import sys; from pathlib import Path; from helpers.local import process; process.start(Path(sys.argv[1]))"
REASON = r"cannot (write to|be written).* \(Permission denied\)"


def test_commands_that_write_there_say_so_in_one_sentence_and_the_others_work(tmp_path: Path) -> None:
    build_dir = tmp_path / "build"
    build_dir.mkdir()
    writing = [
        ["up"],
        ["run", "--rows", "1000"],
        ["lab"],
        ["bench", "--only", "cutting"],
        ["generate", "--rows", "10", "--seed", "1", "--out", str(build_dir / "events.csv")],
    ]
    looking = [["status"], ["stop"], ["costs", "--rows", "1000"]]
    with read_only(build_dir):
        told = run_commands(build_dir, [*writing, *looking])
        assert list(build_dir.iterdir()) == []
    for command, answer in zip(writing, told, strict=False):
        assert answer.status == 1 and answer.said == "", command
        assert re.search(REASON, answer.refused), command
        assert answer.refused.count("\n") == 1 and "make room or" in answer.refused, command
    for command, answer in zip(looking, told[len(writing) :], strict=True):
        assert (answer.status, answer.refused) == (0, ""), command


def test_services_in_a_folder_that_became_read_only_can_be_stopped(tmp_path: Path) -> None:
    # In a process that ends, as a learner does: nobody waits for a child of this one, and a zombie would stay.
    subprocess.run([sys.executable, "-c", START, str(tmp_path)], check=True, timeout=60)
    running = process.AWS.find(tmp_path / "local")
    try:
        with read_only(tmp_path):
            [up, stopped] = run_commands(tmp_path, [["status"], ["stop"]])
            assert process.AWS.find(tmp_path / "local") is None
    finally:
        process.stop(tmp_path)
    assert running is not None and running.url in up.said
    assert (stopped.status, stopped.said) == (1, "")
    assert re.fullmatch(r"The lab cannot write to .* \(Permission denied\): make room .*\n", stopped.refused)
