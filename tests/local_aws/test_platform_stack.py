"""The CloudFormation template: up to date with iam/, clean, and made and unmade as its README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import cfnlint
import pytest
from platform_resources import described

from helpers import stack
from helpers.local import process
from helpers.settings import DEFAULT_PREFIX, LOCAL_ACCOUNT, Settings, find_project_root

ROOT = find_project_root()
CREATING, DELETING = re.findall(r"```\n(.*?)```", (ROOT / "infrastructure" / "README.md").read_text("utf-8"), re.DOTALL)


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """A local AWS with nothing in it."""
    process.start(tmp_path)
    yield process.running_endpoint(tmp_path)
    process.stop(tmp_path)


def run(commands: str, endpoint: str, folder: Path) -> str:
    """Run commands of the README in a shell, in a folder that looks like the checkout; return what they print."""
    for name in ("infrastructure", "src"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "AWS_ENDPOINT_URL": endpoint, "PATH": programs, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_roles_are_those_of_iam() -> None:
    text = stack.template_path().read_text(encoding="utf-8")
    assert stack.rendered(text) == text, "run `python -m helpers stack`"


def test_the_template_has_nothing_to_complain_about() -> None:
    found = cfnlint.lint_file(stack.template_path())
    assert [f"{match.linenumber}: {match.message}" for match in found] == []


def test_every_resource_that_can_be_tagged_is(endpoint: str) -> None:
    template = cfnlint.decode.decode(str(stack.template_path()))[0]
    untagged = {
        "AWS::S3::BucketPolicy", "AWS::Glue::Database", "AWS::Glue::Classifier", "AWS::Glue::Table",
        "AWS::SNS::Subscription", "AWS::Lambda::EventSourceMapping", "AWS::CloudWatch::Dashboard",
        "AWS::Budgets::Budget", "AWS::Logs::LogStream", "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption",
    }  # fmt: skip
    without = {
        name for name, each in template["Resources"].items()
        if each["Type"] not in untagged and "Tags" not in each["Properties"]
    }  # fmt: skip
    assert without == set()


def test_the_commands_of_its_readme_make_the_platform_and_delete_it(endpoint: str, tmp_path: Path) -> None:
    def client(service: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1")

    exported = run(CREATING + "\necho BUCKET=$BUCKET LAB=$LAB", endpoint, tmp_path).splitlines()[-1]
    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, "us-east-1", "local", endpoint, tmp_path)
    assert exported.endswith(f"LAB={settings.bucket}")
    found = described(client, settings)
    assert found[settings.events_stream]["OpenShardCount"] == 2
    assert found["mapping"]["State"] == "Enabled"

    run(f"export {exported}\n{DELETING}", endpoint, tmp_path)
    assert client("s3").list_buckets()["Buckets"] == []
    assert client("kinesis").list_streams()["StreamNames"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("lambda").list_functions()["Functions"] == []
