"""One run of the whole course: check the input, hold the services, run the notebooks, report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import costs, run_record
from helpers.dataset import inspect, parse_rows, sample_path
from helpers.errors import LabError
from helpers.lab import RUN_INSTANCE, connect
from helpers.parameters import check_all_known
from helpers.report import write_report
from helpers.runner import NotebookRun, as_records, find_notebooks, run_all
from helpers.settings import (
    Settings,
    Target,
    build_dir_from_environment,
    find_project_root,
    target_from_environment,
)
from helpers.target import held_services, local_watch

# A row of the Kaggle file has 134 bytes, and about 20 when packed.
_LEAST_BYTES_PER_ROW = 20
_SAMPLE_ROWS = 50_000
_BOTS_SEED = 1


class NoOwnDatasetError(LabError):
    """Bots were asked for without a file to plant them in."""

    def __init__(self) -> None:
        super().__init__(
            "The sample has its bots already: name a file of your own to plant bots in (DATASET or --dataset)."
        )


class NotConfirmedError(LabError):
    """A run on AWS was asked for without the word that lets it spend money."""

    def __init__(self) -> None:
        super().__init__("Nothing was created: add CONFIRM=yes (or `--confirm yes`) to run this on your AWS account.")


def run_course(
    dataset: Path | None,
    rows: str | None,
    target: Target | None,
    confirm: str,
    say: Callable[[str], None],
    bots: bool = False,
) -> Path:
    """Run every notebook and return the path of the report.

    Parameters
    ----------
    dataset
        The learner's own file, None for the committed sample.
    rows
        How many of its first rows, as typed; None for all.
    target
        None takes `LAB_TARGET`, else `local`.
    confirm
        Only `yes` lets a run on AWS start.
    say
        Takes one line of progress.
    bots
        Plant bots among the learner's events, for notebook 10 to judge the rule by.

    Raises
    ------
    helpers.errors.LabError
        With one clear sentence; input is checked before anything is created, and an executed copy
        of a failed notebook stays in the build folder.
    """
    # `DATASET=~/2019-Oct.csv` reaches this as it is typed from some shells.
    dataset = dataset.expanduser().resolve() if dataset else None
    given = checked_parameters(dataset, rows)
    if bots and dataset in (None, sample_path().resolve()):
        raise NoOwnDatasetError()
    chosen = target or target_from_environment()
    build_dir = build_dir_from_environment()
    notebooks = find_notebooks(find_project_root() / "notebooks")
    check_all_known(notebooks, given)
    if bots and (chosen == "local" or confirm == "yes"):
        given = with_bots(given, build_dir / "dataset", say)
    os.environ.update(LAB_TARGET=chosen, LAB_BUILD_DIR=str(build_dir))
    with held_services(chosen, build_dir):
        lab = connect()
        say(str(lab))
        if chosen == "aws":
            say(estimate_line(dataset, parse_rows(rows)))
            if confirm != "yes":
                raise NotConfirmedError()
        _clear(lab.settings)
        run_record.note(lab.settings, "target", chosen)
        runs: list[NotebookRun] = []

        def done(run: NotebookRun) -> None:
            runs.append(run)
            say(f"  {run.name:<16} {run.status:<7} {run.seconds:6.1f} s")

        if chosen == "local":
            # By this the notebooks tell whether the local AWS is still the same.
            os.environ[RUN_INSTANCE] = local_watch(build_dir).instance
        try:
            run_all(notebooks, build_dir / "notebooks", given, done)
        except BaseException:
            try:
                _conclude(lab.settings, runs)
            except LabError as error:
                # Not in place of what stopped the run.
                say(str(error))
            if chosen == "aws":
                say("What was made so far is in your account and costs on: `python -m helpers clean-up` deletes it.")
            raise
        finally:
            os.environ.pop(RUN_INSTANCE, None)
        return _conclude(lab.settings, runs)


def _conclude(settings: Settings, runs: list[NotebookRun]) -> Path:
    """Note how the run went, and write the report."""
    run_record.note(settings, "notebooks", as_records(runs))
    rows = run_record.read(settings).get("dataset", {}).get("rows", 0)
    run_record.note(settings, "cost_on_aws_usd", round(costs.estimate_usd(rows), 4))
    return write_report(settings)


def checked_parameters(dataset: Path | None, rows: str | None) -> dict[str, Any]:
    """Return the notebooks' parameters for a data set, after looking into the file.

    Raises
    ------
    helpers.errors.LabError
        If the file or the number of rows cannot be used.
    """
    given: dict[str, Any] = {}
    first_rows = parse_rows(rows)
    if dataset is not None:
        given["dataset"] = str(inspect(dataset, first_rows).path)
    if first_rows is not None:
        given["rows"] = first_rows
    return given


def with_bots(given: dict[str, Any], folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Plant bots in a data set and return the parameters for the new one, which has only the rows asked for.

    Raises
    ------
    helpers.errors.LabError
        If there is no room for bots, the file is damaged, or the new one cannot be written.
    """
    from helpers.generator.injection import inject

    report = inject(inspect(given["dataset"]), given.get("rows"), _BOTS_SEED, folder)
    say(
        f"{report.planted} users with {report.planted_rows:,} events are planted among {report.rows:,} rows: "
        f"{report.path}, {report.truth_path}"
    )
    return {"dataset": str(report.path), "bots": str(report.truth_path)}


def estimate_line(dataset: Path | None, rows: int | None) -> str:
    """Return one sentence with what a run costs on AWS, its streams kept for an hour.

    Without a number of rows, a file is taken to have as many as its size allows.
    """
    count = rows or (dataset.stat().st_size // _LEAST_BYTES_PER_ROW if dataset else _SAMPLE_ROWS)
    hourly = costs.estimate_usd(count, hours=1) - costs.estimate_usd(count, hours=0)
    return (
        f"About ${costs.estimate_usd(count):.2f} for up to {count:,} events with the streams kept for an hour, "
        f"and ${hourly:.2f} for every further hour (prices of us-east-1, read {costs.read_on()})."
    )


def _clear(settings: Settings) -> None:
    """Remove what an earlier run left, so that no old picture or table passes for this run's."""
    for folder in ("notebooks", "report", "results"):
        shutil.rmtree(settings.build_dir / folder, ignore_errors=True)
