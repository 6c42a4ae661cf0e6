"""The processes of a running Flink, and their sudden end."""

from __future__ import annotations

from pathlib import Path

import psutil

from helpers.flink import FlinkSession
from helpers.waiting import until

JOB_MANAGER, TASK_MANAGER = ".StandaloneSessionClusterEntrypoint", ".TaskManagerRunner"
GATEWAY, ZOOKEEPER = ".SqlGateway", ".ZooKeeperServerMain"


def part(services_dir: Path, main_class: str) -> psutil.Process:
    """Return one of the processes of the Flink of a build folder."""
    mark = (services_dir / "local" / "flink" / "conf").as_uri()
    [found] = [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(mark in argument for argument in process.info["cmdline"] or [])
        and any(argument.endswith(main_class) for argument in process.info["cmdline"])
    ]
    return found


def kill(flink: FlinkSession, services_dir: Path, *main_classes: str) -> None:
    """Kill parts of Flink at once, and wait until they are gone."""
    # A job manager killed while it cancels the job of another test would take that job up again.
    until(lambda: all(job.state != "CANCELLING" for job in flink.jobs()), "cancelled jobs to end", 30)
    killed = [part(services_dir, name) for name in main_classes]
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, timeout=5)
