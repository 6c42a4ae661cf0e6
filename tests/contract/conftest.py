"""The contract that the lab counts on, held against the local AWS, or against an account of yours.

    pytest tests/contract --aws-prefix lab-test --aws-cap-usd 0.25

runs it in the account of your credentials, in your region. Everything it makes has names that begin with the
prefix, and is deleted. Each test says what it may cost at most; more than the cap, and nothing runs.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from helpers.errors import LabError
from helpers.iam.sign_in import account_of, chosen_region, open_session
from helpers.settings import DEFAULT_REGION, LOCAL_ACCOUNT


@dataclass
class Account:
    """Where a test runs, and what it must delete.

    Attributes
    ----------
    session, endpoint
        How to reach it; no endpoint for AWS itself.
    prefix
        Start of every name.
    number
        The account's id.
    """

    session: boto3.Session
    endpoint: str | None
    prefix: str
    number: str
    undo: ExitStack = field(default_factory=ExitStack)

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    @property
    def partition(self) -> str:
        return self.session.get_partition_for_region(self.region)

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)

    def name(self, what: str) -> str:
        """Return a name that nobody else has."""
        return f"{self.prefix}-{what}-{secrets.token_hex(4)}"

    def later(self, delete: Callable[..., Any], **arguments: Any) -> None:
        """Delete something when the test has ended, the latest first."""
        self.undo.callback(lambda: delete(**arguments))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run nothing but this folder in an account, and only what the cap allows."""
    if config.getoption("--aws-prefix") is None:
        return
    foreign = [item.nodeid for item in items if item.get_closest_marker("costs") is None]
    if foreign:
        raise pytest.UsageError(f"--aws-prefix is for tests/contract alone: {foreign[0]} does not say what it costs.")
    sum_usd = sum(item.get_closest_marker("costs").args[0] for item in items)  # type: ignore[union-attr]
    cap_usd = config.getoption("--aws-cap-usd")
    if sum_usd > cap_usd:
        raise pytest.UsageError(
            f"These {len(items)} tests may cost ${sum_usd:.4f}, more than ${cap_usd}: "
            "raise --aws-cap-usd or choose fewer."
        )


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest) -> Account:
    prefix = request.config.getoption("--aws-prefix")
    if prefix is None:
        session = boto3.Session(region_name=DEFAULT_REGION)
        return Account(session, request.getfixturevalue("local_aws"), "contract", LOCAL_ACCOUNT)
    try:
        region = chosen_region(open_session())
        session = boto3.Session(region_name=region)
        return Account(session, None, prefix, account_of(session, region))
    except LabError as trouble:
        # In one sentence, instead of once for each test.
        pytest.exit(str(trouble), pytest.ExitCode.USAGE_ERROR)


@pytest.fixture
def aws(place: Account) -> Iterator[Account]:
    """The account; what a test has made there is deleted at its end."""
    with ExitStack() as undo:
        place.undo = undo
        yield place
