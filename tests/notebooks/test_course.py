"""The course runs in order, again on what it made, and each notebook alone says what it needs."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import plain_answers
import pytest

from helpers.runner import NotebookFailedError, NotebookRun, find_notebooks, run_all
from helpers.settings import find_project_root
from helpers.target import held_services

ROOT = find_project_root()

# Lines that are no events, each for a reason of its own.
MALFORMED = (
    "2019-10-03 25:00:00 UTC,view,1,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,gaze,1,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,view,1.5,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,view,1,2,a.b,x,,3,s",
    "2019-10-03 00:00:00 UTC,view,1,2,a.b,x,1.00",
)


def write_mangled(path: Path, rows: int = 20_000) -> list[plain_answers.Row]:
    """Write the sample's head with CRLF, bad lines, exact duplicates and a cut end; return its events."""
    with gzip.open(ROOT / "data" / "sample" / "events.csv.gz", "rt", encoding="utf-8", newline="") as file:
        header, *lines = [next(file).rstrip("\n") for _ in range(rows + 1)]
    lines[700:700] = lines[650:700]
    mangled = list(lines)
    for number, bad in enumerate(MALFORMED[:-1]):
        mangled.insert(1000 * (number + 1), bad)
    mangled.append(MALFORMED[-1])
    path.write_bytes("\r\n".join([header, *mangled]).encode())
    return plain_answers.read_rows([header, *lines])


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A local AWS on which the course was run once by nbval, comparing the cells marked for it."""
    build_dir = tmp_path_factory.mktemp("course") / "build"
    with held_services("local", build_dir):
        compared = subprocess.run(
            [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", "notebooks"],
            cwd=ROOT,
            env={**os.environ, "LAB_BUILD_DIR": str(build_dir), "LAB_TARGET": "local"},
            capture_output=True,
            text=True,
            check=False,
        )
        yield SimpleNamespace(build_dir=build_dir, compared=compared)


@pytest.mark.timeout(1500)
def test_committed_outputs_are_what_a_run_gives(course: SimpleNamespace) -> None:
    assert course.compared.returncode == 0, course.compared.stdout[-4000:]


@pytest.fixture(scope="module")
def again(course: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The course run a second time, on what the first has made, with a file that is not clean."""
    dataset = tmp_path_factory.mktemp("data") / "mangled.csv"
    kept = write_mangled(dataset)
    runs: list[NotebookRun] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_BUILD_DIR", str(course.build_dir))
        patch.setenv("LAB_TARGET", "local")
        notebooks = find_notebooks(ROOT / "notebooks")
        run_all(notebooks, course.build_dir / "notebooks", {"dataset": str(dataset)}, runs.append)
    return SimpleNamespace(runs=runs, rows=kept, results=course.build_dir / "results")


@pytest.mark.timeout(1500)
def test_every_notebook_runs_again_on_what_exists(again: SimpleNamespace, notebooks: list[Path]) -> None:
    assert [(run.name, run.status) for run in again.runs] == [(path.stem, "ok") for path in notebooks]


def test_what_is_malformed_is_counted_and_the_rest_kept(again: SimpleNamespace) -> None:
    dataset = json.loads((again.results / "run.json").read_text(encoding="utf-8"))["dataset"]
    assert dataset["rows"] == len(again.rows)
    assert dataset["rejected"] == len(MALFORMED)


def test_the_answers_are_those_of_plain_python(again: SimpleNamespace) -> None:
    expected = {
        "unique_visitors_per_day": plain_answers.unique_visitors_per_day(again.rows),
        "cart_abandonment": plain_answers.cart_abandonment(again.rows),
        "top_categories_by_hour": plain_answers.top_categories(again.rows, "hour"),
        "top_categories_by_weekday": plain_answers.top_categories(again.rows, "weekday"),
        "brands_to_promote": plain_answers.brands_to_promote(again.rows),
    }
    for name, rows in expected.items():
        with (again.results / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            found = list(csv.reader(file))[1:]
        assert len(found) == len(rows), name
        for fields, row in zip(found, rows, strict=True):
            for text, value in zip(fields, row, strict=True):
                assert type(value)(text) == value, f"{name}: {text} instead of {value}"


def test_run_json_has_what_other_programs_read(course: SimpleNamespace) -> None:
    record = json.loads((course.build_dir / "results" / "run.json").read_text(encoding="utf-8"))
    assert set(record["dataset"]) == {"source", "rows", "rejected", "first_event", "last_event"}
    assert set(record["replay"]) == {"records", "rejected", "retried", "failed", "seconds", "records_per_second"}
    assert record["replay"]["failed"] == 0
    assert set(record["reconciliation"]) == {"expected", "found", "missing", "extra"}
    assert record["reconciliation"]["missing"] == record["reconciliation"]["extra"] == 0
    assert all(set(query) == {"query", "bytes_scanned", "seconds"} for query in record["athena"])


@pytest.mark.timeout(600)
def test_alone_a_notebook_runs_or_names_the_one_to_run_first(notebook: Path, fresh_aws: Path) -> None:
    try:
        run_all([notebook], fresh_aws / "notebooks", {}, lambda run: None)
    except NotebookFailedError as failure:
        error = str(failure).splitlines()[1]
        assert re.search(r"run (notebook )?\d\d_\w+", error, re.IGNORECASE), error
        assert "Error" in error.partition(":")[0]


def test_a_misspelt_parameter_fails(notebook: Path, fresh_aws: Path) -> None:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    with pytest.raises(PapermillExecutionError, match="No parameter raws in this notebook"):
        papermill.execute_notebook(str(notebook), str(fresh_aws / "copy.ipynb"), {"raws": 7}, progress_bar=False)
