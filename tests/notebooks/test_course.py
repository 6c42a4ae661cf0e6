"""The course runs in order, again on what it made, and each notebook alone says what it needs."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import plain_answers
import pytest
import recorded_rights
from platform_resources import create_stack, described
from store_server import AWS_WITH_STORES, stores_of

from helpers.iam import documents
from helpers.iam.recorder import FILE_VARIABLE
from helpers.local import process
from helpers.runner import NotebookFailedError, NotebookRun, find_notebooks, run_all
from helpers.settings import DEFAULT_PREFIX, DEFAULT_REGION, LOCAL_ACCOUNT, Settings, find_project_root
from helpers.target import held_services

ROOT = find_project_root()
CLEAN_UP = "12_clean_up"

# Lines that are no events, each for a reason of its own.
MALFORMED = (
    "2019-10-03 25:00:00 UTC,view,1,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,gaze,1,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,view,1.5,2,a.b,x,1.00,3,s",
    "2019-10-03 00:00:00 UTC,view,1,2,a.b,x,,3,s",
    "2019-10-03 00:00:00 UTC,view,1,2,a.b,x,1.00",
)

# Stores that are not what the lab made, by the end of their name: what AWS itself keeps after a deletion, what every
# account has from its first call on, and what the program has learnt for its own ends.
KEPT = (
    # Metrics for 15 months, alarms' history for 30 days
    "cloudwatch._metrics",
    "cloudwatch._alarm_history",
    # The workgroup `primary`, and the world of Quick Sight with its subscription
    "athena._workgroups",
    "quicksight.store._worlds",
    "quicksight.store._subscriptions",
    # How often a policy of AWS's own is attached: 0
    "iam._aws_managed_attachment_counts",
    # Ids of ended uploads, job runs and applications, for whoever asks once more
    "s3._completed_multipart_uploads",
    "glue_jobs.runs._stopped",
    "kinesisanalyticsv2._dataplane._ending",
    # Handlers by type of resource, installed with the services
    "_RESOURCE_HANDLERS",
    "_STACK_TAG_PROPERTY",
)

# Rights of the learner that the run of the course may not use, by policy, each with its reason.
_AGAIN = "used only where a notebook finds what it made before"
UNRECORDED: dict[str, dict[str, str]] = {
    "learner-batch": dict.fromkeys(["glue:BatchDeletePartition", "glue:UpdateTable"], _AGAIN),
    "learner-alerts": dict.fromkeys(
        ["dynamodb:BatchWriteItem", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"], _AGAIN
    ),
    "learner-quicksight": {
        **dict.fromkeys(
            [
                "quicksight:UpdateAnalysis",
                "quicksight:UpdateDataSet",
                "quicksight:UpdateDataSource",
                "quicksight:UpdateRefreshSchedule",
            ],
            _AGAIN,
        ),
        **dict.fromkeys(
            ["quicksight:CreateIngestion", "quicksight:DescribeIngestion"], "to import a data set between two nights"
        ),
    },
    "learner-clean-up": {
        "iam:DetachRolePolicy": "for policies that were attached to the lab's roles by hand",
        "kinesisanalytics:DeleteApplicationSnapshot": "for snapshots that were taken by hand",
    },
}


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


def compare(notebooks: list[Path], build_dir: Path, calls: Path) -> subprocess.CompletedProcess[str]:
    """Run notebooks in order by nbval, comparing the cells marked for it."""
    names = [str(path.relative_to(ROOT)) for path in notebooks]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", *names],
        cwd=ROOT,
        env={**os.environ, "LAB_BUILD_DIR": str(build_dir), "LAB_TARGET": "local", FILE_VARIABLE: str(calls)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, notebooks: list[Path]) -> Iterator[SimpleNamespace]:
    """A local AWS on which the course was run once by nbval, up to its clean-up, comparing the cells marked for it."""
    build_dir = tmp_path_factory.mktemp("course") / "build"
    calls = build_dir / "calls.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        # It tells what its stores hold, by which the clean-up is judged.
        patch.setattr(process, "AWS", AWS_WITH_STORES)
        patch.setenv("PYTHONPATH", str(ROOT / "tests" / "support"))
        with held_services("local", build_dir):
            compared = compare([path for path in notebooks if path.stem != CLEAN_UP], build_dir, calls)
            yield SimpleNamespace(build_dir=build_dir, compared=compared, calls=calls)


@pytest.mark.timeout(1500)
def test_committed_outputs_are_what_a_run_gives(course: SimpleNamespace) -> None:
    assert course.compared.returncode == 0, course.compared.stdout[-4000:]


def test_the_cloudformation_template_makes_what_the_notebooks_make(
    course: SimpleNamespace, fresh_aws: Path, tmp_path: Path
) -> None:
    def clients_at(build_dir: Path) -> Callable[[str], Any]:
        endpoint = process.running_endpoint(build_dir)
        return lambda service: boto3.client(service, endpoint_url=endpoint, region_name=DEFAULT_REGION)

    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", None, tmp_path)
    create_stack(clients_at(fresh_aws), tmp_path, "you@example.com")
    stack, notebooks = described(clients_at(fresh_aws), settings), described(clients_at(course.build_dir), settings)
    assert {name: value for name, value in stack.items() if value != notebooks[name]} == {}
    assert stack.keys() == notebooks.keys()


@pytest.fixture(scope="module")
def again(course: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The course run a second time, on what the first has made, with a file that is not clean."""
    dataset = tmp_path_factory.mktemp("data") / "mangled.csv"
    kept = write_mangled(dataset)
    runs: list[NotebookRun] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_BUILD_DIR", str(course.build_dir))
        patch.setenv("LAB_TARGET", "local")
        patch.setenv(FILE_VARIABLE, str(course.calls))
        notebooks = find_notebooks(ROOT / "notebooks")
        run_all(notebooks, course.build_dir / "notebooks", {"dataset": str(dataset)}, runs.append)
    needed = recorded_rights.rights_of_calls(recorded_rights.read_calls(course.calls))
    return SimpleNamespace(runs=runs, rows=kept, results=course.build_dir / "results", needed=needed)


@pytest.mark.timeout(1500)
def test_every_notebook_runs_again_on_what_exists(again: SimpleNamespace, notebooks: list[Path]) -> None:
    assert [(run.name, run.status) for run in again.runs] == [(path.stem, "ok") for path in notebooks]


def test_after_the_clean_up_each_store_of_the_local_aws_is_as_in_a_fresh_one(
    again: SimpleNamespace, course: SimpleNamespace, tmp_path: Path
) -> None:
    used, modules = stores_of(process.running_endpoint(course.build_dir), [])
    process.start(tmp_path)
    try:
        fresh, _ = stores_of(process.running_endpoint(tmp_path), modules)
    finally:
        process.stop(tmp_path)
    left = {name: keys for name, keys in used.items() if keys != fresh.get(name, []) and not name.endswith(KEPT)}
    assert left == {}


@pytest.mark.timeout(600)
def test_the_clean_up_runs_again_on_nothing_and_gives_its_committed_outputs(
    again: SimpleNamespace, course: SimpleNamespace, notebooks: list[Path]
) -> None:
    compared = compare([path for path in notebooks if path.stem == CLEAN_UP], course.build_dir, course.calls)
    assert compared.returncode == 0, compared.stdout[-4000:]


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


@pytest.fixture(scope="module")
def learner() -> dict[str, documents.Document]:
    """The learner's policies by name, for the laptop's account."""
    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, DEFAULT_REGION, "local", None, ROOT / "build")
    return {name: documents.policy(settings, name) for name in documents.learner_policies()}


def test_the_learners_policies_allow_every_call(again: SimpleNamespace, learner: dict[str, documents.Document]) -> None:
    services = {right.action.partition(":")[0] for right in again.needed}
    assert services >= {"s3", "kinesis", "glue", "athena", "firehose", "lambda", "sns", "dynamodb", "iam", "budgets"}
    assert recorded_rights.refused(learner.values(), again.needed) == []


def test_they_allow_nothing_that_no_call_uses(again: SimpleNamespace, learner: dict[str, documents.Document]) -> None:
    unused = recorded_rights.in_vain(learner, again.needed)
    found = {name: sorted(set(actions) - UNRECORDED.get(name, {}).keys()) for name, actions in unused.items()}
    assert {name: actions for name, actions in found.items() if actions} == {}


def test_without_any_statement_a_call_is_refused(
    again: SimpleNamespace, learner: dict[str, documents.Document]
) -> None:
    for name, document in learner.items():
        others = [other for own, other in learner.items() if own != name]
        unused = {action.lower() for action in UNRECORDED.get(name, {})}
        for statement, rest in recorded_rights.without_each(document):
            [left_out] = [each for each in document["Statement"] if each["Sid"] == statement]
            actions = {action.lower() for action in recorded_rights.many(left_out["Action"])}
            if not actions <= unused:
                assert recorded_rights.refused([*others, rest], again.needed), f"{name} can do without {statement}"


@pytest.mark.timeout(600)
def test_alone_a_notebook_runs_or_names_the_one_to_run_first(notebook: Path, fresh_aws: Path) -> None:
    try:
        run_all([notebook], fresh_aws / "notebooks", {}, lambda run: None)
    except NotebookFailedError as failure:
        error = str(failure).splitlines()[1]
        assert re.search(r"run (notebook )?\d\d_\w+", error, re.IGNORECASE), error
        assert "Error" in error.partition(":")[0]


def test_a_misspelt_parameter_fails(
    notebook: Path, services_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import papermill
    from papermill.exceptions import PapermillExecutionError

    # It comes to nothing, so all share one local AWS.
    monkeypatch.setenv("LAB_BUILD_DIR", str(services_dir))
    monkeypatch.setenv("LAB_TARGET", "local")
    with pytest.raises(PapermillExecutionError, match="No parameter raws in this notebook"):
        papermill.execute_notebook(str(notebook), str(tmp_path / "copy.ipynb"), {"raws": 7}, progress_bar=False)
