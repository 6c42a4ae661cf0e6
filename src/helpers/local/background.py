"""A program of the lab that runs in the background: start, find again, check, stop.

The program itself (`helpers.local.serving`) writes down who it is (process id, when that process began,
port and a random name of this instance) and holds a file lock for as long as it lives, which the system
frees however it ends. So neither a stale file, nor a process id that the system gave to someone else, nor
a foreign server on the port is ever taken for it, and two starts at once leave one program.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from helpers.local import ports
from helpers.local.background_errors import (
    BuildFolderError,
    ForeignProcessError,
    NotAnsweringError,
    ProgramCrashedError,
)
from helpers.local.serving import EXIT_HELD, EXIT_NO_WRITE, EXIT_PORT_TAKEN, INSTANCE_PATH, Running

logger = logging.getLogger(__name__)

STOP_SECONDS = 10.0

# Clocks are corrected; two processes with one id within this span do not happen.
_SAME_BEGIN_SECONDS = 2.0


@dataclass(frozen=True)
class Program:
    """One kind of background program.

    Parameters
    ----------
    title
        What messages call it, such as `local AWS`.
    name
        Stem of its files in the folder of the local services.
    module
        Python module to run; its `main` serves with `serving`.
    port
        Port it takes unless told otherwise; another free one if that is taken.
    start_seconds
        How long it may take to answer, on a laptop that is busy.
    """

    title: str
    name: str
    module: str
    port: int
    start_seconds: float = 60.0

    def start(self, folder: Path, port: int | None = None, environment: dict[str, str] | None = None) -> Running:
        """Start the program, or find it if it is up, and wait until it answers.

        Parameters
        ----------
        folder
            Where its files are; made if missing.
        port
            This port or none.
        environment
            Variables to add to this process's own.

        Raises
        ------
        helpers.local.ports.PortTakenError
            If `port` is given and taken.
        BuildFolderError
            If `folder` cannot be written.
        ProgramCrashedError, NotAnsweringError
            If it does not come up.
        """
        if port is not None:
            ports.check_port(port)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BuildFolderError(folder, error) from error
        found = self.find(folder)
        if found is not None:
            return self._wait_for(found, folder)
        wanted = self.port if port is None else port
        try:
            return self._launch(folder, wanted, environment or {})
        except ports.PortTakenError:
            if port is not None:
                raise
        return self._launch(folder, 0, environment or {})

    def find(self, folder: Path) -> Running | None:
        """Return the program that belongs to `folder` if it is up."""
        running = self._written(folder)
        if running is not None and (_process_of(running) is not None or _answers(running)):
            return running
        return None

    def left_behind(self, folder: Path) -> bool:
        """Return whether the program ended without being stopped."""
        return self._written(folder) is not None and self.find(folder) is None

    def stop(self, folder: Path) -> bool:
        """Stop the program and what it started, by force if need be; return whether it was up.

        Raises
        ------
        ForeignProcessError
            If it belongs to another user.
        """
        running = self.find(folder)
        if running is not None:
            self._end(running)
        if self._state_path(folder).is_file():
            self._state_path(folder).unlink(missing_ok=True)
        return running is not None

    def log_path(self, folder: Path) -> Path:
        return folder / f"{self.name}.log"

    def _state_path(self, folder: Path) -> Path:
        return folder / f"{self.name}.json"

    def _written(self, folder: Path) -> Running | None:
        try:
            state = json.loads(self._state_path(folder).read_text(encoding="utf-8"))
            return Running(int(state["pid"]), float(state["began"]), int(state["port"]), str(state["instance"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _launch(self, folder: Path, port: int, environment: dict[str, str]) -> Running:
        instance = secrets.token_hex(16)
        command = [sys.executable, "-m", self.module, "--port", str(port), "--folder", str(folder)]
        log = self.log_path(folder)
        try:
            with log.open("ab") as out:
                child = subprocess.Popen(
                    [*command, "--instance", instance],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **environment},
                    **_detached(),
                )
        except OSError as error:
            raise BuildFolderError(log, error) from error
        try:
            return self._await_child(child, instance, folder, port)
        except BaseException:
            child.kill()
            child.wait()
            raise

    def _await_child(self, child: subprocess.Popen[bytes], instance: str, folder: Path, port: int) -> Running:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            written = self._written(folder)
            if written is not None and written.instance == instance and _answers(written):
                return written
            status = child.poll()
            if status == EXIT_HELD:
                # Another start was quicker, or an earlier one was killed before it saw its end.
                found = self._await_other(folder, deadline)
                return self._wait_for(found, folder)
            if status == EXIT_PORT_TAKEN:
                raise ports.PortTakenError(port)
            if status == EXIT_NO_WRITE:
                raise BuildFolderError(folder, _why_not_writable(folder))
            if status is not None:
                raise ProgramCrashedError(self.title, status, self.log_path(folder))
            time.sleep(0.02)
        raise NotAnsweringError(self.title, child.pid, self.start_seconds, self.log_path(folder))

    def _await_other(self, folder: Path, deadline: float) -> Running:
        while time.monotonic() < deadline:
            found = self.find(folder)
            if found is not None:
                return found
            time.sleep(0.05)
        raise ProgramCrashedError(self.title, None, self.log_path(folder))

    def _wait_for(self, running: Running, folder: Path) -> Running:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if _answers(running):
                return running
            if _process_of(running) is None:
                raise ProgramCrashedError(self.title, None, self.log_path(folder))
            time.sleep(0.05)
        raise NotAnsweringError(self.title, running.pid, self.start_seconds, self.log_path(folder))

    def _end(self, running: Running) -> None:
        try:
            process = psutil.Process(running.pid)
            family = process.children(recursive=True)
            process.terminate()
            _, alive = psutil.wait_procs([process], timeout=STOP_SECONDS)
            for survivor in [*alive, *family]:
                _kill(survivor)
            psutil.wait_procs([process, *family], timeout=STOP_SECONDS)
        except psutil.NoSuchProcess:
            logger.debug("%s %s ended meanwhile", self.title, running.pid)
        except psutil.AccessDenied as error:
            raise ForeignProcessError(self.title, running.pid) from error


def _why_not_writable(folder: Path) -> OSError:
    if shutil.disk_usage(folder).free < 2**20:
        return OSError(0, "the disk is full")
    return OSError(0, "writing there failed")


def _process_of(running: Running) -> psutil.Process | None:
    try:
        process = psutil.Process(running.pid)
        same = abs(process.create_time() - running.began) <= _SAME_BEGIN_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def _answers(running: Running) -> bool:
    # No proxy of the environment may come between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{running.url}{INSTANCE_PATH}", timeout=5) as answer:
            return bool(answer.read(64) == running.instance.encode())
    except (OSError, ValueError):
        return False


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        logger.debug("process %s ended by itself", process.pid)


def _detached() -> dict[str, Any]:
    """Return what makes a child outlive the terminal and its Ctrl-C."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
