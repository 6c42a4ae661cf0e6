"""The console page over the local AWS."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.local import process


@pytest.fixture(scope="module")
def build_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A build folder with the local AWS and its console page up."""
    folder = tmp_path_factory.mktemp("console")
    process.start(folder)
    yield folder
    process.stop(folder)


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())


def test_the_console_needs_the_local_aws(tmp_path: Path) -> None:
    with pytest.raises(process.LocalAwsDownError, match=r"^The local AWS is not up: start it with `make up`"):
        process.start_console(tmp_path)


def test_the_console_shows_buckets_and_streams(build_dir: Path) -> None:
    endpoint = process.running_endpoint(build_dir)
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="shown-bucket")
    boto3.client("kinesis", endpoint_url=endpoint).create_stream(StreamName="shown-stream", ShardCount=1)
    url = process.start_console(build_dir)
    with urllib.request.urlopen(url, timeout=30) as page:
        assert "<title>StackPort" in page.read().decode()
    assert "shown-bucket" in json.dumps(get(f"{url}/api/resources/s3"))
    assert "shown-stream" in json.dumps(get(f"{url}/api/resources/kinesis"))


def test_the_console_is_found_again_and_told_in_local_json(build_dir: Path) -> None:
    url = process.start_console(build_dir)
    assert process.start_console(build_dir) == url
    assert json.loads((build_dir / "local.json").read_text(encoding="utf-8"))["console"] == url
    services = process.status(build_dir)
    assert services is not None
    assert services.console == url


def test_the_console_is_for_looking_only(build_dir: Path) -> None:
    url = process.start_console(build_dir)
    request = urllib.request.Request(f"{url}/api/s3/buckets/shown-bucket", method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 403


def test_stopping_the_local_aws_stops_the_console(build_dir: Path) -> None:
    url = process.start_console(build_dir)
    assert process.stop(build_dir) is True
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)
