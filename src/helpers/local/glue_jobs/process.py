"""One attempt of a job: a Python process with the script, the arguments and the way to the local AWS."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_POLL_SECONDS = 0.05
_GRACE_SECONDS = 5.0
_RUNTIME = Path(__file__).parent / "runtime"


@dataclass(frozen=True)
class Ended:
    """How an attempt ended: SUCCEEDED, FAILED, TIMEOUT or STOPPED, and what it printed."""

    state: str
    message: str | None
    output: str
    errors: str


def execute(
    script: Path,
    arguments: Mapping[str, str],
    environment: Mapping[str, str],
    timeout_seconds: float,
    stopped: threading.Event,
) -> Ended:
    """Run a script to its end in a process of its own, in its own folder.

    Parameters
    ----------
    arguments
        By name with the two hyphens, `--table`.
    environment
        Variables beside those of this process.
    timeout_seconds
        After which the process is ended.
    stopped
        Set by who wants the process to end.
    """
    folder = script.parent
    command = [sys.executable, str(script), *(part for pair in arguments.items() for part in pair)]
    variables = {**os.environ, "PYTHONPATH": str(_RUNTIME), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", **environment}
    output, errors = folder / "stdout.log", folder / "stderr.log"
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        state = _wait(process, time.monotonic() + timeout_seconds, stopped)
    printed = output.read_text(encoding="utf-8", errors="replace")
    complaints = errors.read_text(encoding="utf-8", errors="replace")
    return Ended(state, _message(state, complaints, process.returncode), printed, complaints)


def _wait(process: subprocess.Popen[bytes], deadline: float, stopped: threading.Event) -> str:
    while process.poll() is None:
        if stopped.is_set() or time.monotonic() > deadline:
            process.terminate()
            try:
                process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return "STOPPED" if stopped.is_set() else "TIMEOUT"
        time.sleep(_POLL_SECONDS)
    return "SUCCEEDED" if process.returncode == 0 else "FAILED"


def _message(state: str, errors: str, code: int) -> str | None:
    if state == "TIMEOUT":
        return "Job run timed out"
    if state != "FAILED":
        return None
    lines = [line for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else f"Command failed with exit code {code}"
