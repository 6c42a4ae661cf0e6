"""The CloudFormation template: up to date with iam/, clean, and made and unmade as its README says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import cfnlint
import pytest
from botocore.exceptions import ClientError
from platform_resources import described, quick_sight_author
from recorded_rights import without_each

from helpers import stack
from helpers.costs.price_list import price_usd
from helpers.costs.services import athena_usd
from helpers.iam import documents
from helpers.local import process
from helpers.settings import DEFAULT_PREFIX, LOCAL_ACCOUNT, Settings, find_project_root

ROOT = find_project_root()
ROOT_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
README = (ROOT / "infrastructure" / "README.md").read_text("utf-8")
ADMINISTERING, CREATING, ADDING, DELETING = re.findall(r"```\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A local AWS with nothing in it, which holds callers to their policies."""
    monkeypatch.setenv("AUTH", "true")
    process.start(tmp_path)
    yield process.running_endpoint(tmp_path)
    process.stop(tmp_path)


def client_at(endpoint: str, service: str, keys: dict[str, str] = ROOT_KEYS) -> Any:
    names = {name.lower(): value for name, value in keys.items()}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **names)


def as_one_with(endpoint: str, policy: dict[str, Any]) -> dict[str, str]:
    """Return the keys of somebody who has one policy and no other."""
    iam, role = client_at(endpoint, "iam"), f"one-{uuid4().hex}"
    who = {"Effect": "Allow", "Principal": {"AWS": LOCAL_ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [who]})
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(policy))
    given = client_at(endpoint, "sts").assume_role(RoleArn=arn, RoleSessionName="one")["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return {"AWS" + re.sub("([A-Z])", r"_\1", name).upper(): given[name] for name in names}


def run(commands: str, endpoint: str, folder: Path, keys: dict[str, str] = ROOT_KEYS) -> str:
    """Run commands of the README in a shell, in a folder that looks like the checkout; return what they print."""
    for name in ("infrastructure", "src"):
        if not (folder / name).exists():
            (folder / name).symlink_to(ROOT / name)
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    where = {"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "us-east-1", "LAB_BUILD_DIR": str(folder / "build")}
    python = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests" / "support" / "impatient")])
    environment = {**os.environ, **keys, **where, "PATH": programs, "PYTHONPATH": python}
    done = subprocess.run(
        ["bash", "-euc", commands], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_roles_are_those_of_iam_and_quick_sight_is_that_of_the_notebook() -> None:
    text = stack.template_path().read_text(encoding="utf-8")
    assert stack.rendered(text) == text, "run `python -m helpers stack`"


def test_the_template_has_nothing_to_complain_about() -> None:
    found = cfnlint.lint_file(stack.template_path())
    assert [f"{match.linenumber}: {match.message}" for match in found] == []


def test_the_prices_of_its_readme_are_those_of_the_price_file() -> None:
    author, reader = price_usd("quicksight_author_month"), price_usd("quicksight_reader_month")
    assert f"**${author:.0f}** for each author and ${reader:.0f} for each reader" in README
    assert f"${athena_usd(0):.5f} or more" in README


def test_every_resource_that_can_be_tagged_is(endpoint: str) -> None:
    template = cfnlint.decode.decode(str(stack.template_path()))[0]
    untagged = {
        "AWS::S3::BucketPolicy", "AWS::Glue::Database", "AWS::Glue::Classifier", "AWS::Glue::Table",
        "AWS::SNS::Subscription", "AWS::Lambda::EventSourceMapping", "AWS::CloudWatch::Dashboard",
        "AWS::Budgets::Budget", "AWS::Logs::LogStream", "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption",
        "AWS::QuickSight::RefreshSchedule",
    }  # fmt: skip
    without = {
        name for name, each in template["Resources"].items()
        if each["Type"] not in untagged and "Tags" not in each["Properties"]
    }  # fmt: skip
    assert without == set()


def test_the_commands_of_its_readme_make_the_platform_and_delete_it(endpoint: str, tmp_path: Path) -> None:
    def client(service: str) -> Any:
        return client_at(endpoint, service)

    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, "us-east-1", "local", endpoint, tmp_path)
    for name in documents.learner_policies():
        own = f"{settings.prefix}-{name.removeprefix('learner-')}"
        client("iam").create_policy(PolicyName=own, PolicyDocument=json.dumps(documents.policy(settings, name)))
    run(ADMINISTERING, endpoint, tmp_path)
    attached = client("iam").list_attached_role_policies(RoleName=settings.stack_role)["AttachedPolicies"]
    assert len(attached) == 8

    own, asking = (documents.policy(settings, name) for name in ("stack-caller", "learner-quicksight"))
    caller = as_one_with(endpoint, {**own, "Statement": [*own["Statement"], *asking["Statement"]]})
    exported = run(CREATING + "\necho BUCKET=$BUCKET LAB=$LAB", endpoint, tmp_path, caller).splitlines()[-1]
    assert exported == f"BUCKET={settings.code_bucket} LAB={settings.bucket}"
    quick_sight = client("quicksight")
    assert quick_sight.list_data_sources(AwsAccountId=LOCAL_ACCOUNT)["DataSources"] == []
    quick_sight_author(client)
    run(f"export ACCOUNT={LOCAL_ACCOUNT} {exported}\n{ADDING}", endpoint, tmp_path, caller)
    found = described(client, settings)
    assert found["quick sight dashboard"] == found["quick sight analysis"]
    assert found[settings.events_stream]["OpenShardCount"] == 2
    assert found["mapping"]["State"] == "Enabled"

    run(f"export {exported}\n{DELETING}", endpoint, tmp_path, caller)
    assert client("s3").list_buckets()["Buckets"] == []
    assert client("kinesis").list_streams()["StreamNames"] == []
    roles = {role["RoleName"] for role in client("iam").list_roles()["Roles"]}
    assert not {getattr(settings, f"{role}_role") for role in documents.ROLES} & roles
    assert client("lambda").list_functions()["Functions"] == []
    assert quick_sight.list_data_sources(AwsAccountId=LOCAL_ACCOUNT)["DataSources"] == []
    assert quick_sight.list_analyses(AwsAccountId=LOCAL_ACCOUNT)["AnalysisSummaryList"] == []


def test_whoever_makes_the_stack_may_do_without_no_statement(endpoint: str, tmp_path: Path) -> None:
    settings = Settings(DEFAULT_PREFIX, LOCAL_ACCOUNT, "us-east-1", "local", endpoint, tmp_path)

    def first_calls(policy: dict[str, Any]) -> None:
        keys = as_one_with(endpoint, policy)
        s3, cloudformation = client_at(endpoint, "s3", keys), client_at(endpoint, "cloudformation", keys)
        s3.create_bucket(Bucket=settings.code_bucket)
        s3.put_object(Bucket=settings.code_bucket, Key="x", Body=b"")
        s3.get_object(Bucket=settings.code_bucket, Key="x")
        try:
            cloudformation.describe_stacks(StackName=settings.stack)
        except ClientError as error:
            assert "does not exist" in str(error), error

    first_calls(documents.policy(settings, "stack-caller"))
    # The emulator does not check whether a role may be passed.
    for name, rest in without_each(documents.policy(settings, "stack-caller")):
        if name != "HandTheRoleToCloudFormation":
            with pytest.raises((ClientError, AssertionError), match=r"AccessDenied|not authorized"):
                first_calls(rest)
