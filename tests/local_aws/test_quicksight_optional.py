"""Notebook 11 is optional: in an account without Quick Sight it ends well and has made nothing."""

from __future__ import annotations

from pathlib import Path

import boto3
import nbformat
import pytest

from helpers.local import process
from helpers.runner import run_all
from helpers.settings import LOCAL_ACCOUNT, Settings, find_project_root

NOTEBOOK = find_project_root() / "notebooks" / "11_quicksight.ipynb"
REGION = "us-east-1"


@pytest.fixture
def unsubscribed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The build folder of a local AWS of its own, with the tables that the notebook needs and no subscription."""
    build_dir = tmp_path / "build"
    process.start(build_dir)
    endpoint = process.running_endpoint(build_dir)
    settings = Settings("ecommerce-lab", LOCAL_ACCOUNT, REGION, "local", endpoint, build_dir)
    glue, dynamodb, api = (
        boto3.client(name, endpoint_url=endpoint, region_name=REGION) for name in ("glue", "dynamodb", "quicksight")
    )
    glue.create_database(DatabaseInput={"Name": settings.database})
    glue.create_table(DatabaseName=settings.database, TableInput={"Name": settings.events_table})
    dynamodb.create_table(
        TableName=settings.activity_table,
        KeySchema=[{"AttributeName": "user_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "user_id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    account = {"AwsAccountId": LOCAL_ACCOUNT}
    api.update_account_settings(**account, DefaultNamespace="default", TerminationProtectionEnabled=False)
    api.delete_account_subscription(**account)
    monkeypatch.setenv("LAB_BUILD_DIR", str(build_dir))
    monkeypatch.setenv("LAB_TARGET", "local")
    return build_dir


def printed(copy: Path) -> str:
    cells = nbformat.read(copy, as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    return "".join(output.get("text", "") for output in outputs)


def test_without_a_subscription_the_notebook_says_so_and_ends_well(unsubscribed: Path) -> None:
    try:
        (run,) = run_all([NOTEBOOK], unsubscribed / "notebooks", {}, lambda run: None)
        said = printed(unsubscribed / "notebooks" / NOTEBOOK.name)
    finally:
        process.stop(unsubscribed)
    assert run.status == "ok"
    assert said.endswith(
        f"Account {LOCAL_ACCOUNT} has no Amazon Quick Sight that this notebook could use (Account {LOCAL_ACCOUNT} "
        "is not signed up with QuickSight): nothing was created, and the course goes on without it.\n"
    )
