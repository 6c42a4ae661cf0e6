"""How fast the first 7 million rows are cut, plain, from a .gz, and while they go up to S3."""

from __future__ import annotations

import gzip
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from helpers.bench.cut_once import Cost, Job, measured
from helpers.bench.figure import Bound, Figure, Scale
from helpers.bench.memory import MB
from helpers.bench.services import aws_process, cpu_seconds, fresh_lab
from helpers.bench.shop_events import ROWS, shop_events

_COPY_BYTES = 4 * 1024 * 1024
_PANDAS = "pandas read_csv(nrows) and to_csv"
# One thread of Python at work, and little else.
_BUSY = 0.85


class Pair(NamedTuple):
    """The same work done by the lab and by what it is measured against, one after the other."""

    ours: Cost
    baseline: Cost


class Upload(NamedTuple):
    """A cut that goes up while it is read, and the upload of the finished cut; the emulator's share of both."""

    pair: Pair
    emulator_cpu_seconds: tuple[float, float]


def measure(scale: Scale) -> list[Figure]:
    """Measure the rows of the table about cutting.

    Raises
    ------
    helpers.errors.LabError
        If the file cannot be made or cut.
    """
    rows = scale.of(ROWS)
    plain = shop_events(scale)
    packed = _packed(plain, scale.folder)
    figures = []
    peaks: list[int] = []
    # Unpacking takes as long as cutting, for pandas too: half the ratio can be had.
    for source, target in ((plain, 8.0), (packed, 5.0)):
        pairs = [_cut_both_ways(Job(source, rows, scale.folder / "cut.csv")) for _ in range(scale.runs)]
        peaks += [pair.ours.peak_bytes for pair in pairs]
        figures.append(_speed(source, rows, target, pairs))
    figures.append(_memory(rows, peaks))
    figures.append(_while_uploading(_uploads(scale, plain, rows), rows))
    return figures


def _packed(plain: Path, folder: Path) -> Path:
    """Pack a file as gzip does by default."""
    packed = folder / f"{plain.name}.gz"
    with plain.open("rb") as file, gzip.open(packed, "wb", compresslevel=6) as archive:
        shutil.copyfileobj(file, archive, _COPY_BYTES)
    return packed


def _cut_both_ways(job: Job) -> Pair:
    pair = []
    for way in ("cut", "pandas"):
        pair.append(measured(way, job))
        job.target.unlink()
    return Pair(*pair)


def _speed(source: Path, rows: int, target: float, pairs: Sequence[Pair]) -> Figure:
    seconds = statistics.median(pair.ours.seconds for pair in pairs)
    cores = statistics.median(pair.ours.cpu_seconds / pair.ours.seconds for pair in pairs)
    kind = "a .gz" if source.suffix == ".gz" else "plain CSV"
    bound: Bound = "client" if cores > _BUSY else "disk"
    idle = "" if cores > _BUSY else ", so it waits for the disk"
    return Figure(
        name=f"cutting the first {rows:,} rows of {kind}",
        against=_PANDAS,
        unit="rows/s",
        ours=[rows / pair.ours.seconds for pair in pairs],
        baseline=[rows / pair.baseline.seconds for pair in pairs],
        target=target,
        more_is_better=True,
        bound=bound,
        why=f"The cut keeps {cores:.2f} processors busy for {seconds:.1f} s{idle}.",
        on_aws="The same: it runs on the learner's machine, before anything reaches AWS.",
        details={
            "seconds": seconds,
            "pandas, seconds": statistics.median(pair.baseline.seconds for pair in pairs),
            "processor seconds": statistics.median(pair.ours.cpu_seconds for pair in pairs),
            "pandas, peak memory in MB": max(pair.baseline.peak_bytes for pair in pairs) / MB,
        },
    )


def _memory(rows: int, peaks: Sequence[int]) -> Figure:
    return Figure(
        name=f"peak memory of cutting {rows:,} rows",
        against="",
        unit="MB",
        ours=[peak / MB for peak in peaks],
        baseline=[],
        target=200,
        more_is_better=False,
        bound="none",
        why="Blocks of a megabyte go through three threads, at most four waiting between two; most is numpy itself.",
        on_aws="The same: it runs on the learner's machine.",
    )


def _uploads(scale: Scale, source: Path, rows: int) -> list[Upload]:
    uploads = []
    with fresh_lab(scale.folder / "aws") as lab:
        s3, bucket, emulator = lab.client("s3"), lab.settings.bucket, aws_process(lab)
        s3.create_bucket(Bucket=bucket)
        job = Job(source, rows, scale.folder / "cut.csv", lab.settings.endpoint_url or "", bucket, "raw/cut.csv")
        measured("cut", job)
        for _ in range(scale.runs):
            costs, shares = [], []
            for way in ("cut_to_s3", "upload"):
                before = cpu_seconds(emulator)
                costs.append(measured(way, job))
                shares.append(cpu_seconds(emulator) - before)
                s3.delete_object(Bucket=bucket, Key=job.key)
            uploads.append(Upload(Pair(*costs), (shares[0], shares[1])))
    return uploads


def _while_uploading(uploads: Sequence[Upload], rows: int) -> Figure:
    ours = statistics.median(upload.pair.ours.seconds for upload in uploads)
    client = statistics.median(upload.pair.ours.cpu_seconds for upload in uploads)
    emulator = statistics.median(upload.emulator_cpu_seconds[0] for upload in uploads)
    alone = statistics.median(upload.emulator_cpu_seconds[1] for upload in uploads)
    cores = psutil.cpu_count() or 1
    bound: Bound = "emulator" if emulator >= client else "client"
    return Figure(
        name=f"cutting {rows:,} rows while uploading them to S3",
        against="uploading the finished cut alone, by upload_file",
        unit="s",
        ours=[upload.pair.ours.seconds for upload in uploads],
        baseline=[upload.pair.baseline.seconds for upload in uploads],
        target=1.2,
        more_is_better=False,
        bound=bound,
        why=f"Cutting and sending take {client:.1f} processor seconds, the emulator's one thread {emulator:.1f} "
        f"({alone:.1f} for the finished cut): on {cores} processors {ours:.1f} s in all.",
        on_aws="The upload is bound by the learner's own line: at 100 Mbit/s 0.94 GB take 75 s and the cut hides "
        "behind it; S3 takes parts of 5 MiB to 5 GiB, 10,000 at most (S3 user guide, Multipart upload limits).",
        details={
            "client, processor seconds": client,
            "client of the upload alone, processor seconds": statistics.median(
                upload.pair.baseline.cpu_seconds for upload in uploads
            ),
            "emulator, processor seconds": emulator,
            "emulator for the upload alone, processor seconds": alone,
            "peak memory in MB": max(upload.pair.ours.peak_bytes for upload in uploads) / MB,
        },
    )
