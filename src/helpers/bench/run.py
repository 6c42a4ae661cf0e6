"""Run the parts of the benchmark, print the table and keep it in `bench.json` and on a page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from helpers.bench import record
from helpers.bench.figure import Figure
from helpers.bench.page import write_page
from helpers.bench.texts import row
from helpers.errors import LabError
from helpers.report import write_report
from helpers.settings import DEFAULT_PREFIX, DEFAULT_REGION, LOCAL_ACCOUNT, Settings
from helpers.target import local_services

# By name, in the order of running: the module with `measure`.
PARTS = {
    "replaying": "helpers.bench.replaying",
    "cutting": "helpers.bench.cutting",
    "querying": "helpers.bench.querying",
    "streaming": "helpers.bench.streaming",
    "end_to_end": "helpers.bench.end_to_end",
    "soak": "helpers.bench.soak",
}
# Ten minutes at a steady rate: no row of the table.
ONLY_IF_NAMED = ("soak",)
# A part that takes longer hangs: the longest takes a quarter of an hour.
LONGEST_SECONDS = 3600
_GRACE_SECONDS = 60


class UnknownPartError(LabError):
    """A part was asked for that the benchmark does not have."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"The benchmark has no part {name}: choose from {', '.join(known)}.")


class InvalidScaleError(LabError):
    """A benchmark of no size, or larger than the whole."""

    def __init__(self, name: str, value: float, remedy: str) -> None:
        super().__init__(f"The benchmark's {name} is {value:g}: {remedy}.")


class PartFailedError(LabError):
    """Some parts could not be measured."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Not measured: {', '.join(names)}. The lines above say why; the other parts are kept.")


def run_benchmark(
    build_dir: Path,
    say: Callable[[str], None],
    only: Sequence[str] = (),
    runs: int = 3,
    share: float = 1.0,
    parts: Mapping[str, str] = PARTS,
) -> list[str]:
    """Measure the parts one after another, each in a process of its own, and return the names of those that failed.

    After each part `bench.json` and `report/bench.html` hold what is there so far; what parts that are not
    asked for measured before stays. A row that misses its target is no failure.

    Parameters
    ----------
    build_dir
        Where the results go; each part works below its `bench` folder, which is gone afterwards.
    say
        Takes one line of progress.
    only
        Names of parts; none for all but those that must be named.
    runs
        How often each figure is measured.
    share
        Of the full sizes.
    parts
        By name, the module that measures it.

    Raises
    ------
    UnknownPartError, InvalidScaleError
        Before anything is measured.
    """
    for name in only:
        if name not in parts:
            raise UnknownPartError(name, list(parts))
    if runs < 1:
        raise InvalidScaleError("number of runs", runs, "use 1 or more")
    if not 0 < share <= 1:
        raise InvalidScaleError("share", share, "use a number above 0, up to 1")
    failed = []
    _clear(build_dir / "bench")
    shared = build_dir / "bench" / "shared"
    shared.mkdir(parents=True)
    try:
        for name in parts:
            if name not in (only or set(parts).difference(ONLY_IF_NAMED)):
                continue
            say(f"{name} …")
            part, figures = _measure(name, parts[name], shared, runs, share)
            record.keep(build_dir, part, figures)
            _write_pages(build_dir)
            for figure in figures:
                say(row(figure))
            say(f"  {name}: {part.status} in {part.seconds:.0f} s" + (f", {part.error}" if part.error else ""))
            if part.error:
                failed.append(name)
    finally:
        _clear(build_dir / "bench")
    return failed


def _measure(name: str, module: str, shared: Path, runs: int, share: float) -> tuple[record.Part, Sequence[Figure]]:
    """Run one part; its own words go to `bench-NAME.log`, which stays only if it fails."""
    build_dir, folder = shared.parents[1], shared.with_name(name)
    folder.mkdir()
    request, answer, log = (build_dir / f"bench-{name}.{kind}" for kind in ("request", "figures", "log"))
    asked = {"module": module, "folder": str(folder), "shared": str(shared), "runs": runs, "share": share}
    asked["figures"] = str(answer)
    request.write_text(json.dumps(asked), encoding="utf-8")
    began, date = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    figures: Sequence[Figure] = ()
    try:
        error = _run(request, log)
        if not error:
            figures = [record.as_figure(entry) for entry in json.loads(answer.read_text(encoding="utf-8"))]
            log.unlink()
    finally:
        for path in (request, answer):
            path.unlink(missing_ok=True)
        _clear(folder)
    seconds = round(time.monotonic() - began, 1)
    return record.Part(name, "failed" if error else "ok", error, seconds, date, runs, share), figures


def _run(request: Path, log: Path) -> str:
    """Run the part's process and return what went wrong, in a line, or nothing."""
    with log.open("w", encoding="utf-8") as words:
        command = [sys.executable, "-m", "helpers.bench.part", str(request)]
        environment = os.environ | {"PYTHONUTF8": "1"}
        with subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, env=environment) as process:
            try:
                status = process.wait(LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                process.terminate()
                return f"it took more than {LONGEST_SECONDS} s"
            except KeyboardInterrupt:
                _ended(process)
                raise
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [f"it ended with {status}"]
    return f"{lines[-1].strip().removesuffix('.')} (see {log.name})" if status else ""


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Wait for a part that was interrupted as well to tidy up, and end it if it does not."""
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _clear(folder: Path) -> None:
    """Stop services that a part left running below its folder, and remove it."""
    for place in (path.parent for path in sorted(folder.rglob("local")) if path.is_dir()):
        local_services().stop(place)
    shutil.rmtree(folder, ignore_errors=True)


def _write_pages(build_dir: Path) -> None:
    write_page(build_dir)
    if (build_dir / "report" / "index.html").exists():
        # It links to the page of the benchmark.
        write_report(Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", None, build_dir))
