"""A local AWS, and a Flink if need be, that a benchmark has for itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import psutil

from helpers.lab import Lab, connect
from helpers.target import local_services


@contextmanager
def fresh_lab(build_dir: Path, *, flink: bool = False) -> Iterator[Lab]:
    """Start services that hold nothing yet, connect to them, and stop them at the end.

    Parameters
    ----------
    build_dir
        A folder below `Scale.folder` that no other service uses.
    flink
        Start Flink too.

    Raises
    ------
    helpers.errors.LabError
        If the services do not come up.
    """
    process = local_services()
    before, session = dict(os.environ), boto3.DEFAULT_SESSION
    os.environ.update(LAB_TARGET="local", LAB_BUILD_DIR=str(build_dir))
    try:
        process.start(build_dir)
        if flink:
            process.start_flink(build_dir)
        yield connect()
    finally:
        process.stop(build_dir)
        os.environ.clear()
        os.environ.update(before)
        boto3.DEFAULT_SESSION = session


def aws_process(lab: Lab) -> psutil.Process:
    """Return the process of the local AWS that a lab talks to."""
    process = local_services()
    running = process.AWS.find(process.folder(lab.settings.build_dir))
    return psutil.Process(running.pid)


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time that a process has used since it began, in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)
