"""What runs when a Studio application runs: the lab's own Flink."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.errors import LabError
from helpers.local import process

logger = logging.getLogger(__name__)

RUNTIMES = "ZEPPELIN-FLINK-"

OnStatus = Callable[..., None]


class StudioOrEmulated:
    """Stands where the emulator keeps its engine for applications, and takes those of Studio.

    Parameters
    ----------
    emulated
        The emulator's engine, which takes the others.
    """

    def __init__(self, emulated: Any) -> None:
        self._emulated = emulated
        self._one_at_a_time = threading.Lock()
        # ARNs of applications that were told to stop, maybe while they started
        self._ending: set[str] = set()
        self._failures: dict[str, str] = {}

    def available(self) -> bool:
        return True

    def supports(self, runtime: str) -> bool:
        """Say whether jobs of a runtime environment really run."""
        return runtime.startswith(RUNTIMES) or (self._emulated.available() and self._emulated.supports(runtime))

    def start(self, application: dict[str, Any], savepoint: str | None, on_status: OnStatus) -> None:
        """Start the local Flink, or find it, and tell `on_status` when it runs or why it does not."""
        if not _is_studio(application):
            self._emulated.start(application, savepoint, on_status)
            return
        arn = application["ApplicationARN"]
        self._ending.discard(arn)
        self._failures.pop(arn, None)
        threading.Thread(target=self._start, args=(arn, on_status), daemon=True).start()

    def stop(self, application: dict[str, Any], force: bool, snapshot: bool) -> str | None:
        """Stop the local Flink; what its jobs knew is gone, as a Studio application takes no snapshots."""
        if not _is_studio(application):
            path: str | None = self._emulated.stop(application, force, snapshot)
            return path
        self._ending.add(application["ApplicationARN"])
        with self._one_at_a_time:
            process.stop_flink(_build_dir())
        return None

    def failure(self, arn: str) -> str | None:
        """Return why the last start of a Studio application failed, None if it did not."""
        return self._failures.get(arn)

    def delete(self, application: dict[str, Any]) -> None:
        """Stop what still runs of an application that is being deleted."""
        if _is_studio(application):
            self.stop(application, True, False)
        else:
            self._emulated.delete(application)

    def snapshot(self, application: dict[str, Any], name: str) -> str | None:
        path: str | None = None if _is_studio(application) else self._emulated.snapshot(application, name)
        return path

    def reset(self) -> None:
        self._emulated.reset()

    def _start(self, arn: str, on_status: OnStatus) -> None:
        with self._one_at_a_time:
            if arn in self._ending:
                return
            try:
                process.start_flink(_build_dir())
            except LabError as error:
                self._failures[arn] = str(error)
                on_status("READY", str(error))
            else:
                if arn not in self._ending:
                    on_status("RUNNING")


def page_url() -> str | None:
    """Return the URL of the local Flink's web page, None while it is not up."""
    try:
        return process.flink_urls(_build_dir())[1]
    except process.FlinkNotUpError:
        return None


def _is_studio(application: dict[str, Any]) -> bool:
    return str(application["RuntimeEnvironment"]).startswith(RUNTIMES)


def _build_dir() -> Path:
    return Path(os.environ["LAB_BUILD_DIR"])
