"""Starting a Studio application starts the local Flink, its URL leads there, stopping it stops Flink."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.local import process
from helpers.waiting import until

NAME = "shop"


@pytest.fixture
def build_dir(tmp_path: Path) -> Iterator[Path]:
    """A local AWS of the test's own, since Flink will be stopped."""
    process.start(tmp_path)
    yield tmp_path
    process.stop(tmp_path)


@pytest.fixture
def studio(build_dir: Path) -> Any:
    endpoint = process.running_endpoint(build_dir)
    applications = boto3.client("kinesisanalyticsv2", endpoint_url=endpoint, region_name="us-east-1")
    applications.create_application(
        ApplicationName=NAME,
        RuntimeEnvironment="ZEPPELIN-FLINK-3_0",
        ApplicationMode="INTERACTIVE",
        ServiceExecutionRole="arn:aws:iam::000000000000:role/studio",
    )
    return applications


def status(studio: Any) -> str:
    return str(studio.describe_application(ApplicationName=NAME)["ApplicationDetail"]["ApplicationStatus"])


def operation(studio: Any, operation_id: str) -> str:
    found = studio.describe_application_operation(ApplicationName=NAME, OperationId=operation_id)
    return str(found["ApplicationOperationInfoDetails"]["OperationStatus"])


def flink_is_up(build_dir: Path) -> bool:
    found = process.status(build_dir)
    return found is not None and found.flink_rest is not None


def test_flink_runs_as_long_as_the_application(studio: Any, build_dir: Path) -> None:
    assert not flink_is_up(build_dir)
    started = studio.start_application(ApplicationName=NAME)["OperationId"]
    assert status(studio) == "STARTING"
    assert operation(studio, started) == "IN_PROGRESS"
    with pytest.raises(studio.exceptions.ResourceInUseException, match="cannot be started in 'STARTING' state"):
        studio.start_application(ApplicationName=NAME)
    until(lambda: status(studio) == "RUNNING", "the application to run", 120)
    assert operation(studio, started) == "SUCCESSFUL"

    for kind in ("ZEPPELIN_UI_URL", "FLINK_DASHBOARD_URL"):
        url = studio.create_application_presigned_url(ApplicationName=NAME, UrlType=kind)["AuthorizedUrl"]
        with urllib.request.urlopen(url, timeout=10) as page:
            assert b"Apache Flink" in page.read()

    studio.stop_application(ApplicationName=NAME)
    until(lambda: status(studio) == "READY", "the application to stop", 60)
    assert not flink_is_up(build_dir)


def test_an_application_forced_to_stop_while_it_starts_does_not_run(studio: Any, build_dir: Path) -> None:
    started = studio.start_application(ApplicationName=NAME)["OperationId"]
    with pytest.raises(studio.exceptions.ResourceInUseException, match="cannot be Stopped in 'STARTING' state"):
        studio.stop_application(ApplicationName=NAME)
    studio.stop_application(ApplicationName=NAME, Force=True)
    seen = set()

    def is_ready() -> bool:
        seen.add(status(studio))
        return "READY" in seen

    until(is_ready, "the application to stop", 120)
    assert seen <= {"FORCE_STOPPING", "READY"}
    assert operation(studio, started) == "CANCELLED"
    assert not flink_is_up(build_dir)
