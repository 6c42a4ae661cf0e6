"""Python shell jobs run their script, with arguments and libraries, and end as it ends."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.local.glue_jobs.process import execute

GREETING = """
import sys
import boto3
from awsglue.utils import getResolvedOptions

options = getResolvedOptions(sys.argv, ["bucket", "name"])
boto3.client("s3").put_object(Bucket=options["bucket"], Key="greeting", Body=f"hello {options['name']}".encode())
print("greeted", options["name"])
"""


class Jobs:
    """Jobs whose scripts lie in a bucket of their own."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.glue, self.s3, self.logs = client("glue"), client("s3"), client("logs")
        self.bucket = f"jobs-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)

    def create(self, script: str, **members: Any) -> str:
        name = f"job-{uuid.uuid4().hex[:10]}"
        self.s3.put_object(Bucket=self.bucket, Key=f"{name}.py", Body=script.encode())
        command = {
            "Name": "pythonshell",
            "PythonVersion": "3.9",
            "ScriptLocation": f"s3://{self.bucket}/{name}.py",
        }
        role = "arn:aws:iam::000000000000:role/job"
        self.glue.create_job(**{"Name": name, "Role": role, "Command": command, **members})
        return name

    def wait(self, job: str, run_id: str, *states: str) -> dict[str, Any]:
        """Return a run once it is in one of the states, of those in which it is over by default."""
        deadline = time.monotonic() + 30
        while True:
            run: dict[str, Any] = self.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
            if run["JobRunState"] in (states or ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")):
                return run
            assert time.monotonic() < deadline, run
            time.sleep(0.05)

    def run(self, script: str, arguments: dict[str, str] | None = None, **members: Any) -> dict[str, Any]:
        job = self.create(script, **members)
        return self.wait(job, self.glue.start_job_run(JobName=job, Arguments=arguments or {})["JobRunId"])


@pytest.fixture(scope="module")
def jobs(client: Callable[[str], Any]) -> Jobs:
    return Jobs(client)


def test_a_job_gets_its_arguments_and_reaches_the_local_aws(jobs: Jobs) -> None:
    defaults = {"--bucket": jobs.bucket, "--name": "nobody", "--library-set": "analytics"}
    run = jobs.run(GREETING, {"--name": "world, in one piece"}, DefaultArguments=defaults)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert "ErrorMessage" not in run
    assert run["Id"].startswith("jr_")
    assert run["MaxCapacity"] == 0.0625
    assert run["CompletedOn"] >= run["StartedOn"]
    greeting = jobs.s3.get_object(Bucket=jobs.bucket, Key="greeting")["Body"].read()
    assert greeting == b"hello world, in one piece"
    events = jobs.logs.get_log_events(logGroupName="/aws-glue/python-jobs/output", logStreamName=run["Id"])["events"]
    assert [event["message"] for event in events] == ["greeted world, in one piece"]


def test_a_failing_job_says_why(jobs: Jobs) -> None:
    run = jobs.run("print('so far')\nraise ValueError('the price is no number')")
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: the price is no number")
    events = jobs.logs.get_log_events(logGroupName="/aws-glue/python-jobs/error", logStreamName=run["Id"])["events"]
    assert events[0]["message"].startswith("Traceback")


def test_a_missing_argument_is_named(jobs: Jobs) -> None:
    run = jobs.run(GREETING, {"--bucket": jobs.bucket})
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].endswith("GlueArgumentError: the following arguments are required: --name")


def test_a_silent_failure_has_its_exit_code(jobs: Jobs) -> None:
    run = jobs.run("raise SystemExit(3)")
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "Command failed with exit code 3")


def test_a_missing_script_fails_the_run(jobs: Jobs) -> None:
    job = jobs.create("pass")
    jobs.s3.delete_object(Bucket=jobs.bucket, Key=f"{job}.py")
    run = jobs.wait(job, jobs.glue.start_job_run(JobName=job)["JobRunId"])
    assert run["JobRunState"] == "FAILED"
    assert f"s3://{jobs.bucket}/{job}.py" in run["ErrorMessage"]


def test_a_failed_run_is_tried_again(jobs: Jobs) -> None:
    job = jobs.create("raise SystemExit(1)", MaxRetries=1)
    first = jobs.glue.start_job_run(JobName=job)["JobRunId"]
    jobs.wait(job, first)
    again = jobs.wait(job, f"{first}_attempt_1")
    assert (again["Attempt"], again["PreviousRunId"], again["JobRunState"]) == (1, first, "FAILED")
    assert [run["Id"] for run in jobs.glue.get_job_runs(JobName=job)["JobRuns"]] == [again["Id"], first]


def test_a_run_can_be_stopped_and_only_one_runs(jobs: Jobs) -> None:
    job = jobs.create("import time\ntime.sleep(60)")
    run_id = jobs.glue.start_job_run(JobName=job)["JobRunId"]
    with pytest.raises(ClientError) as error:
        jobs.glue.start_job_run(JobName=job)
    assert error.value.response["Error"] == {
        "Code": "ConcurrentRunsExceededException",
        "Message": f"Concurrent runs exceeded for {job}",
    }
    jobs.wait(job, run_id, "RUNNING")
    answer = jobs.glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_nothing"])
    assert [item["JobRunId"] for item in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert jobs.wait(job, run_id)["JobRunState"] == "STOPPED"


def test_an_unknown_job_cannot_start(jobs: Jobs) -> None:
    with pytest.raises(ClientError) as error:
        jobs.glue.start_job_run(JobName="nowhere")
    assert error.value.response["Error"] == {
        "Code": "EntityNotFoundException",
        "Message": "Failed to start job run due to missing metadata",
    }


def test_the_capacity_is_one_of_two(jobs: Jobs) -> None:
    with pytest.raises(ClientError) as error:
        jobs.create("pass", MaxCapacity=2)
    assert error.value.response["Error"] == {
        "Code": "InvalidInputException",
        "Message": "MaxCapacity of a Python shell job must be 0.0625 or 1.",
    }


def test_a_script_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)", encoding="utf-8")
    ended = execute(script, {}, {}, 1.0, threading.Event())
    assert (ended.state, ended.message) == ("TIMEOUT", "Job run timed out")
    assert ended.output.split() == ["begun"]
