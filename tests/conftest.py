"""The local AWS that the tests share, one process for the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from helpers.local import process

LOCAL_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}

# Each Flink of the tests lives a minute or so: compiling a second time costs it more of the processor than it saves.
JAVA_TOOL_OPTIONS = "-XX:TieredStopAtLevel=1"

# The longest first, and all that needs Flink by the worker that has one: both workers then end at about the same time.
FIRST = ("tests/notebooks/test_course.py", "tests/zeppelin/", "tests/local_aws/test_bench_end_to_end.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what lets tests/contract run in an account."""
    group = parser.getgroup("contract", "the contract tests, against a real account")
    group.addoption("--aws-prefix", help="run tests/contract in your own account, with names that begin so")
    group.addoption("--aws-cap-usd", type=float, default=0.0, help="what they may cost in all")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the course and Flink."""
    places = (*FIRST, "")
    items.sort(key=lambda item: next(i for i, place in enumerate(places) if item.nodeid.startswith(place)))


@pytest.fixture(scope="session", autouse=True)
def no_real_account(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test may reach a real account, whatever the machine's own credentials are, unless it was asked to."""
    if request.config.getoption("--aws-prefix"):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_PROFILE", raising=False)
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        for name, value in LOCAL_CREDENTIALS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session", autouse=True)
def short_lived_java() -> Iterator[None]:
    """Every Java of the run compiles swiftly rather than well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", JAVA_TOOL_OPTIONS)
        yield


@pytest.fixture(autouse=True)
def default_session() -> Iterator[None]:
    """What `helpers.connect` does to boto3's own session ends with the test that called it."""
    before = boto3.DEFAULT_SESSION
    yield
    boto3.DEFAULT_SESSION = before


@pytest.fixture(scope="session")
def services_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build folder of the tests' own local AWS."""
    build_dir = tmp_path_factory.mktemp("local_aws")
    process.start(build_dir)
    try:
        yield build_dir
    finally:
        process.stop(build_dir)


@pytest.fixture(scope="session")
def local_aws(services_dir: Path) -> str:
    """Endpoint URL of a local AWS of the tests' own."""
    return process.running_endpoint(services_dir)


@pytest.fixture(scope="session")
def flink_urls(services_dir: Path) -> tuple[str, str]:
    """URLs of the SQL gateway and the REST API of a Flink of the tests' own."""
    process.start_flink(services_dir)
    return process.flink_urls(services_dir)


@pytest.fixture(scope="session")
def client(local_aws: str) -> Callable[[str], Any]:
    """Make a boto3 client of a service of the local AWS."""

    def make(service: str) -> Any:
        return boto3.client(service, endpoint_url=local_aws, region_name="us-east-1")

    return make
