"""The course's first notebooks in regions other than the default, one of another partition."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest

from helpers.local import process
from helpers.runner import find_notebooks, run_all
from helpers.settings import LOCAL_ACCOUNT, find_project_root

# Of the second region only what differs there: the first of the three.
FIRST = {"us-gov-west-1": ("01_bucket", "02_dataset", "03_streams"), "eu-west-1": ("01_bucket",)}


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("region", "partition"), [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov")])
def test_the_first_notebooks_work_in(
    region: str, partition: str, fresh_aws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    notebooks = [path for path in find_notebooks(find_project_root() / "notebooks") if path.stem in FIRST[region]]
    runs = run_all(notebooks, fresh_aws / "notebooks", {"rows": "1000"}, lambda run: None)
    assert [(run.name, run.status) for run in runs] == [(name, "ok") for name in FIRST[region]]

    session = boto3.Session(region_name=region)
    endpoint = process.running_endpoint(fresh_aws)
    s3, kinesis = (session.client(service, endpoint_url=endpoint) for service in ("s3", "kinesis"))
    bucket = f"ecommerce-lab-{LOCAL_ACCOUNT}-{region}"
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == region
    assert f"arn:{partition}:s3:::{bucket}" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    streams = ["ecommerce-lab-activity", "ecommerce-lab-events"] if "03_streams" in FIRST[region] else []
    assert kinesis.list_streams()["StreamNames"] == streams
    # What lies in the default region is another lab.
    other = boto3.Session(region_name="us-east-1").client("kinesis", endpoint_url=endpoint)
    assert other.list_streams()["StreamNames"] == []
