"""The local AWS in the background: start, find again, stop."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from helpers.local import ports, process
from helpers.local.ports import InvalidPortError, PortTakenError
from helpers.local.serving import INSTANCE_PATH, Running

pytestmark = pytest.mark.faults

START = "import sys; from pathlib import Path; from helpers.local import process; process.start(Path(sys.argv[1]))"


@pytest.fixture
def build_dir(tmp_path: Path) -> Iterator[Path]:
    """A build folder whose services are stopped after the test."""
    yield tmp_path / "build"
    process.stop(tmp_path / "build")


def running(build_dir: Path) -> Running:
    return Running(**json.loads((build_dir / "local" / "aws.json").read_text(encoding="utf-8")))


def instance_at(url: str) -> str:
    with urllib.request.urlopen(url + INSTANCE_PATH, timeout=5) as answer:
        return str(answer.read().decode())


def test_a_started_local_aws_answers_and_local_json_says_where(build_dir: Path) -> None:
    services = process.start(build_dir)
    assert instance_at(services.aws_endpoint) == running(build_dir).instance
    assert json.loads((build_dir / "local.json").read_text(encoding="utf-8")) == {
        "aws_endpoint": services.aws_endpoint,
        "flink_rest": None,
        "flink_sql_gateway": None,
        "console": None,
        "inbox": str(build_dir / "inbox"),
    }
    assert process.status(build_dir) == services
    assert process.running_endpoint(build_dir) == services.aws_endpoint


def test_stopping_ends_the_process_and_removes_local_json(build_dir: Path) -> None:
    process.start(build_dir)
    pid = running(build_dir).pid
    assert process.stop(build_dir) is True
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert not (build_dir / "local.json").exists()
    assert process.status(build_dir) is None
    assert process.stop(build_dir) is False


def test_asking_for_the_endpoint_of_a_stopped_local_aws_tells_how_to_start_it(build_dir: Path) -> None:
    with pytest.raises(process.LocalAwsDownError) as refused:
        process.running_endpoint(build_dir)
    assert str(refused.value) == ("The local AWS is not up: start it with `make up` (or `python -m helpers up`).")


def test_starting_twice_finds_the_first(build_dir: Path) -> None:
    first = process.start(build_dir)
    pid = running(build_dir).pid
    assert process.start(build_dir) == first
    assert running(build_dir).pid == pid


def test_it_outlives_the_command_that_started_it(build_dir: Path) -> None:
    subprocess.run([sys.executable, "-c", START, str(build_dir)], check=True, timeout=60)
    assert instance_at(process.running_endpoint(build_dir)) == running(build_dir).instance


def test_two_starts_at_once_leave_one_local_aws(build_dir: Path) -> None:
    starts = [subprocess.Popen([sys.executable, "-c", START, str(build_dir)]) for _ in range(3)]
    assert [start.wait(timeout=90) for start in starts] == [0, 0, 0]
    servers = [p for p in psutil.process_iter(["cmdline"]) if str(build_dir / "local") in (p.info["cmdline"] or [])]
    assert [p.pid for p in servers] == [running(build_dir).pid]


def test_a_start_that_was_killed_does_not_block_the_next(build_dir: Path) -> None:
    start = subprocess.Popen([sys.executable, "-c", START, str(build_dir)])
    log = build_dir / "local" / "aws.log"
    while not log.exists():
        assert start.poll() is None
    start.kill()
    start.wait()
    services = process.start(build_dir)
    assert instance_at(services.aws_endpoint) == running(build_dir).instance
    assert process.stop(build_dir) is True
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(build_dir / "local") in (p.info["cmdline"] or [])]


def test_two_checkouts_have_a_local_aws_each(build_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        assert process.start(build_dir).aws_endpoint != process.start(other).aws_endpoint
        process.stop(other)
        assert process.status(build_dir) is not None
    finally:
        process.stop(other)


def test_a_taken_default_port_gives_another_one(build_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        taken = foreign.getsockname()[1]
        monkeypatch.setattr(process, "AWS", replace(process.AWS, port=taken))
        services = process.start(build_dir)
        assert running(build_dir).port != taken
        assert instance_at(services.aws_endpoint) == running(build_dir).instance


def test_a_port_that_is_taken_between_look_and_bind_gives_another_one(
    build_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as foreign:
        # Bound and not listening yet: a look finds nobody there.
        foreign.bind(("127.0.0.1", 0))
        taken = foreign.getsockname()[1]
        assert not ports.answers(taken)
        with pytest.raises(PortTakenError):
            ports.listen(taken)
        monkeypatch.setattr(process, "AWS", replace(process.AWS, port=taken))
        monkeypatch.setattr(process, "CONSOLE", replace(process.CONSOLE, port=taken))
        services = process.start(build_dir)
        assert instance_at(services.aws_endpoint) == running(build_dir).instance
        assert not process.start_console(build_dir).endswith(f":{taken}")


def test_a_taken_port_that_was_asked_for_is_refused_by_name(build_dir: Path) -> None:
    with socket.socket() as foreign:
        foreign.bind(("0.0.0.0", 0))
        foreign.listen()
        taken = foreign.getsockname()[1]
        with pytest.raises(PortTakenError) as refused:
            process.start(build_dir, taken)
    assert str(refused.value) == (
        f"Port {taken} on 127.0.0.1 is taken by another program: end that one, or choose another port."
    )
    assert process.status(build_dir) is None


@pytest.mark.parametrize("port", [-1, 0, 80, 1023, 65536])
def test_a_port_outside_the_range_is_refused(build_dir: Path, port: int) -> None:
    with pytest.raises(InvalidPortError, match=rf"^{port} is not a port the lab can listen on: .* 1024 to 65535\.$"):
        process.start(build_dir, port)
