"""Be a background program of the lab: take folder, lock and port, write down who it is, and serve.

The other side, which starts and stops it, is `helpers.local.background`.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

from helpers.local import ports
from helpers.local.origins import AsgiApp, guarded

logger = logging.getLogger(__name__)

INSTANCE_PATH = "/_lab/instance"
# A request that names another instance than this one has gone astray, and is not looked at.
INSTANCE_HEADER = "x-lab-instance"
ASTRAY = 421

EXIT_HELD = 73
EXIT_NO_WRITE = 74
EXIT_PORT_TAKEN = 75


@dataclass(frozen=True)
class Running:
    """A program that is up; `began` in seconds since the epoch."""

    pid: int
    began: float
    port: int
    instance: str

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.port}"


@dataclass(frozen=True)
class Served:
    """What a background program was told: its listening socket, folder and instance name."""

    listener: socket.socket
    folder: Path
    instance: str

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def answering(self, app: AsgiApp) -> AsgiApp:
        """Return `app` with one more path, which tells the name of this instance.

        Foreign web pages are refused, and requests that are meant for another instance.
        """
        body, header = self.instance.encode(), INSTANCE_HEADER.encode()

        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            astray = scope["type"] == "http" and dict(scope["headers"]).get(header, body) != body
            if not astray and (scope["type"] != "http" or scope["path"] != INSTANCE_PATH):
                await app(scope, receive, send)
                return
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": ASTRAY if astray else 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return guarded(answer)


@contextmanager
def serving(name: str) -> Iterator[Served]:
    """Be the background program `name`: take folder, lock and port as the command line says.

    Ends the process with a status of its own, which `Program.start` understands, if one of them
    cannot be had.
    """
    parser = argparse.ArgumentParser(description=f"Run {name} in the foreground.")
    parser.add_argument("--port", type=int, required=True, help="0 for any free one")
    parser.add_argument("--folder", type=Path, required=True, help="where to keep files")
    parser.add_argument("--instance", default="", help="name of this instance")
    args = parser.parse_args()
    folder: Path = args.folder.resolve()
    state = folder / f"{name}.json"
    try:
        held = FileLock(folder / f"{name}.lock").acquire(timeout=1)
    except Timeout:
        sys.exit(EXIT_HELD)
    except OSError:
        sys.exit(EXIT_NO_WRITE)
    with held:
        try:
            listener = ports.listen(args.port)
        except ports.PortTakenError:
            sys.exit(EXIT_PORT_TAKEN)
        served = Served(listener, folder, args.instance)
        try:
            _start_log_anew()
            _write(state, Running(os.getpid(), psutil.Process().create_time(), served.port, args.instance))
        except OSError:
            sys.exit(EXIT_NO_WRITE)
        try:
            yield served
        except Exception:
            # A crash: the file stays, so that the next command can tell it from a stop.
            logger.exception("%s crashed", name)
            raise
        state.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` so that a reader sees either the old or the new content.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, running: Running) -> None:
    write_whole(path, json.dumps(asdict(running)) + "\n")


def _start_log_anew() -> None:
    if not sys.stdout.isatty() and sys.stdout.seekable():
        os.ftruncate(sys.stdout.fileno(), 0)
