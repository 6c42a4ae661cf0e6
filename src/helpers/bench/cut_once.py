"""One cut or upload in a process of its own, to see its time, processor time and peak memory.

Run as `python -m helpers.bench.cut_once WAY REQUEST`; see `measured`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.bench.memory import own_peak_bytes
from helpers.bench.own_process import run_alone


@dataclass(frozen=True)
class Job:
    """What to do: the first `rows` of `source` to the file `target`, or as object `key` to `bucket`."""

    source: Path
    rows: int
    target: Path
    endpoint: str = ""
    bucket: str = ""
    key: str = ""


@dataclass(frozen=True)
class Cost:
    """What it took: seconds, processor seconds and the peak memory of the process in bytes."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measured(way: str, job: Job) -> Cost:
    """Run one of the ways below in a new process.

    Parameters
    ----------
    way
        `cut` and `cut_to_s3` as the lab does it, `pandas` as `read_csv(nrows)` and `to_csv`, `upload` of
        the file `target` that was cut before.

    Raises
    ------
    helpers.bench.own_process.MeasuredProcessError
        If the process fails.
    """
    return Cost(**run_alone("helpers.bench.cut_once", way, asdict(job)))


def _cut(job: Job) -> Callable[[], object]:
    from helpers.dataset import cut_to_file, inspect

    return lambda: cut_to_file(inspect(job.source), job.rows, job.target, _rejects(job))


def _pandas(job: Job) -> Callable[[], object]:
    import pandas as pd

    return lambda: pd.read_csv(job.source, nrows=job.rows).to_csv(job.target, index=False)


def _cut_to_s3(job: Job) -> Callable[[], object]:
    from helpers.dataset import cut_to_s3, inspect

    s3 = _s3(job)
    return lambda: cut_to_s3(inspect(job.source), job.rows, s3, job.bucket, job.key, _rejects(job))


def _upload(job: Job) -> Callable[[], object]:
    s3 = _s3(job)
    return lambda: s3.upload_file(str(job.target), job.bucket, job.key)


def _s3(job: Job) -> Any:
    import boto3

    return boto3.client("s3", endpoint_url=job.endpoint)


def _rejects(job: Job) -> Path:
    return job.target.with_suffix(".rejected")


WAYS = {"cut": _cut, "pandas": _pandas, "cut_to_s3": _cut_to_s3, "upload": _upload}


def main(way: str, words: str) -> None:
    """Do it and print what it took; imports are not counted."""
    given = json.loads(words)
    work = WAYS[way](Job(**{**given, "source": Path(given["source"]), "target": Path(given["target"])}))
    began, cpu = time.perf_counter(), time.process_time()
    work()
    cost = Cost(time.perf_counter() - began, time.process_time() - cpu, own_peak_bytes())
    sys.stdout.write(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main(*sys.argv[1:])
