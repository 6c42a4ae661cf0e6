"""Everything that the lab starts listens on the loopback interface alone."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.local import process

pytestmark = pytest.mark.faults

PROGRAMS = ("aws", "console", "flink")


@pytest.fixture
def family(services_dir: Path, flink_urls: tuple[str, str]) -> dict[str, list[psutil.Process]]:
    """The processes of the local AWS, the console page and Flink, children included, by program."""
    process.start_console(services_dir)
    found = {}
    for name in PROGRAMS:
        state = json.loads((services_dir / "local" / f"{name}.json").read_text(encoding="utf-8"))
        head = psutil.Process(state["pid"])
        found[name] = [head, *head.children(recursive=True)]
    return found


def test_every_socket_of_every_process_is_on_the_loopback_interface(family: dict[str, list[Any]]) -> None:
    # Job manager, task manager and SQL gateway at least are children of their keeper.
    assert sum("java" in one.name() for one in family["flink"]) >= 3
    for name, processes in family.items():
        sockets = [socket for one in processes for socket in one.net_connections("inet") if _takes_callers(socket)]
        assert sockets, f"{name} listens nowhere"
        # Java writes IPv4 addresses as IPv6 ones.
        addresses = {socket.laddr.ip.removeprefix("::ffff:") for socket in sockets}
        assert addresses <= {"127.0.0.1", "::1"}, name


def test_flink_lets_no_foreign_page_read_and_takes_no_jars(flink_urls: tuple[str, str]) -> None:
    for url, path in zip(flink_urls, ("/info", "/config"), strict=True):
        request = urllib.request.Request(f"{url}{path}", headers={"Origin": "https://evil.example"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] in (None, "http://127.0.0.1")
    with urllib.request.urlopen(f"{flink_urls[1]}/config", timeout=30) as answer:
        assert json.load(answer)["features"]["web-submit"] is False


def _takes_callers(socket: Any) -> bool:
    """Say whether a socket waits for connections or datagrams from anywhere."""
    return bool(socket.status == psutil.CONN_LISTEN or (socket.status == psutil.CONN_NONE and not socket.raddr))
