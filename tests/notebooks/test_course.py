"""The course runs in order, again on what it made, and each notebook alone says what it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.runner import NotebookFailedError, NotebookRun, run_all
from helpers.settings import find_project_root
from helpers.target import held_services

ROOT = find_project_root()


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


@pytest.mark.timeout(900)
def test_committed_outputs_are_what_a_run_gives(course: SimpleNamespace) -> None:
    assert course.compared.returncode == 0, course.compared.stdout[-4000:]


@pytest.mark.timeout(900)
def test_every_notebook_runs_again_on_what_exists(
    course: SimpleNamespace, notebooks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_BUILD_DIR", str(course.build_dir))
    monkeypatch.setenv("LAB_TARGET", "local")
    runs: list[NotebookRun] = []
    run_all(notebooks, course.build_dir / "notebooks", {}, runs.append)
    assert [run.status for run in runs] == ["ok"] * len(notebooks)


def test_run_json_has_what_other_programs_read(course: SimpleNamespace) -> None:
    record = json.loads((course.build_dir / "results" / "run.json").read_text(encoding="utf-8"))
    assert set(record["dataset"]) == {"source", "rows", "rejected", "first_event", "last_event"}
    assert set(record["replay"]) == {"records", "rejected", "retried", "failed", "seconds", "records_per_second"}
    assert record["replay"]["failed"] == 0
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
