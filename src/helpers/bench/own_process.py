"""One measurement in a process of its own, so that its memory and processor time are nobody else's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from helpers.errors import LabError


class MeasuredProcessError(LabError):
    """A measured process ended early."""

    def __init__(self, way: str, words: str) -> None:
        last = words.strip().splitlines()[-1:] or ["it said nothing"]
        super().__init__(f"The measured process ({way}) failed: {last[0]}")


def run_alone(module: str, way: str, job: Mapping[str, Any]) -> dict[str, Any]:
    """Run `python -m MODULE WAY JOB`, the job as JSON, and return the JSON object that it prints.

    Raises
    ------
    MeasuredProcessError
        If the process fails.
    """
    command = [sys.executable, "-m", module, way, json.dumps(job, default=str)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise MeasuredProcessError(way, done.stderr)
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed
