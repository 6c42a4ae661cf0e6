"""What a broken or foreign process, file or folder does to the local AWS."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from helpers.local import background, process
from helpers.local.background import Program
from helpers.local.background_errors import BuildFolderError, NotAnsweringError, ProgramCrashedError

pytestmark = pytest.mark.faults


@pytest.fixture
def build_dir(tmp_path: Path) -> Iterator[Path]:
    """A build folder whose services are stopped after the test."""
    yield tmp_path / "build"
    process.stop(tmp_path / "build")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Program]:
    """Make a small background program of one body, run once it has its lock and port."""

    def make(body: str) -> Program:
        lines = ["from helpers.local.serving import serving", "with serving('small') as served:"]
        (tmp_path / "small_program.py").write_text("\n".join([*lines, *(f"    {line}" for line in body.splitlines())]))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return Program("small program", "small", "small_program", 4600)

    return make


# A program that answers as a background program must, and nothing else.
ANSWERING = """
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(served.instance.encode())
server = http.server.HTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
server.socket = served.listener
server.serve_forever()
"""


def write_state(build_dir: Path, **state: object) -> Path:
    path = build_dir / "local" / "aws.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(state), encoding="utf-8")
    return path


def test_a_process_id_that_now_belongs_to_another_program_is_neither_found_nor_killed(build_dir: Path) -> None:
    write_state(build_dir, pid=os.getpid(), began=psutil.Process().create_time() - 60, port=4566, instance="old")
    assert process.status(build_dir) is None
    assert process.stop(build_dir) is False
    assert psutil.Process().is_running()
    assert process.start(build_dir).aws_endpoint


def test_a_foreign_server_on_the_remembered_port_is_not_taken_for_the_local_aws(build_dir: Path) -> None:
    foreign = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=foreign.serve_forever, daemon=True).start()
    try:
        write_state(build_dir, pid=2**22 + 1, began=1.0, port=foreign.server_port, instance="old")
        assert process.status(build_dir) is None
        assert process.start(build_dir).aws_endpoint != f"http://127.0.0.1:{foreign.server_port}"
    finally:
        foreign.shutdown()
        foreign.server_close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "began": 0, "port": 1, "instance": ""}'])
def test_a_damaged_state_file_does_not_block_a_start(
    tmp_path: Path, program: Callable[[str], Program], text: str
) -> None:
    small, folder = program(ANSWERING), tmp_path / "local"
    folder.mkdir()
    (folder / "small.json").write_text(text, encoding="utf-8")
    assert small.find(folder) is None
    assert small.start(folder) == small.find(folder)
    assert small.stop(folder) is True


def test_a_crash_is_told_with_the_log_and_the_next_start_works(build_dir: Path) -> None:
    process.start(build_dir)
    crashed = psutil.Process(json.loads((build_dir / "local" / "aws.json").read_text())["pid"])
    crashed.kill()
    psutil.wait_procs([crashed], timeout=10)
    log = build_dir / "local" / "aws.log"
    with pytest.raises(ProgramCrashedError) as told:
        process.running_endpoint(build_dir)
    assert str(told.value) == (
        f"The local AWS ended by itself: start it again with `make up`. Its log {log} ends with: (nothing)"
    )
    assert process.status(build_dir) is None
    assert not (build_dir / "local.json").exists()
    assert process.start(build_dir).aws_endpoint


def test_a_crash_while_starting_shows_the_end_of_the_log(tmp_path: Path, program: Callable[[str], Program]) -> None:
    with pytest.raises(ProgramCrashedError) as told:
        program("raise ValueError('no such luck')").start(tmp_path / "local")
    log = tmp_path / "local" / "small.log"
    assert str(told.value).startswith("The small program ended by itself with exit status 1: start it again")
    assert f"Its log {log} ends with: " in str(told.value)
    assert str(told.value).endswith("ValueError: no such luck")


def test_a_program_that_does_not_end_by_itself_is_killed_with_its_children(
    tmp_path: Path, program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "STOP_SECONDS", 0.5)
    stubborn = program(
        "import signal, subprocess, sys, http.server\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "(served.folder / 'child').write_text(str(child.pid))\n" + ANSWERING
    )
    folder = tmp_path / "local"
    running = stubborn.start(folder)
    child = psutil.Process(int((folder / "child").read_text()))
    assert stubborn.stop(folder) is True
    assert not psutil.pid_exists(running.pid) or psutil.Process(running.pid).status() == psutil.STATUS_ZOMBIE
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert stubborn.find(folder) is None


def test_a_program_that_never_answers_is_given_up_and_ended(tmp_path: Path, program: Callable[[str], Program]) -> None:
    silent = replace(program("import time; time.sleep(600)"), start_seconds=1.0)
    began = time.monotonic()
    with pytest.raises(NotAnsweringError, match=r"^The small program \(process \d+\) does not answer"):
        silent.start(tmp_path / "local")
    assert time.monotonic() - began < 20
    assert silent.find(tmp_path / "local") is None


def test_a_build_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    assert process.status(in_the_way / "build") is None
    assert process.stop(in_the_way / "build") is False
    with pytest.raises(BuildFolderError) as refused:
        process.start(in_the_way / "build")
    assert str(refused.value) == (
        f"The lab cannot write to {in_the_way / 'build' / 'local'} (Not a directory): make room or allow it there, "
        "or name another folder with LAB_BUILD_DIR."
    )


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(build_dir: Path) -> None:
    (build_dir / "local" / "aws.json").mkdir(parents=True)
    with pytest.raises(BuildFolderError, match=r"^The lab cannot write to .*local \(writing there failed\): make room"):
        process.start(build_dir)


def test_a_console_page_left_by_a_crash_ends_with_the_next_start(build_dir: Path) -> None:
    process.start(build_dir)
    old = process.start_console(build_dir)
    crashed = psutil.Process(json.loads((build_dir / "local" / "aws.json").read_text())["pid"])
    crashed.kill()
    psutil.wait_procs([crashed], timeout=10)
    assert process.start(build_dir).console is None
    with pytest.raises(OSError):
        urllib.request.urlopen(old, timeout=5)
