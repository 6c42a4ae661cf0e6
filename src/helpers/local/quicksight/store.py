"""What Quick Sight holds, by account and region."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region

# How long an asynchronous creation stays in progress, in seconds.
_IN_PROGRESS_SECONDS = 0.1


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Resource:
    """What every kind of resource has; `permissions` are actions by principal."""

    id: str
    arn: str
    name: str
    tags: dict[str, str]
    permissions: dict[str, list[str]]
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)


@dataclass
class Progress:
    """A creation or an update that takes its time; `errors` are what it ends with."""

    verb: str = "CREATION"
    errors: list[dict[str, Any]] = field(default_factory=list)
    lenient: bool = False
    _began: float = field(default_factory=time.monotonic)

    @property
    def status(self) -> str:
        if time.monotonic() - self._began < _IN_PROGRESS_SECONDS:
            return f"{self.verb}_IN_PROGRESS"
        return f"{self.verb}_FAILED" if self.errors and not self.lenient else f"{self.verb}_SUCCESSFUL"

    @property
    def failed(self) -> bool:
        return bool(self.errors) and not self.lenient


@dataclass(kw_only=True)
class DataSource(Resource):
    type: str
    members: dict[str, Any]
    progress: Progress


@dataclass(kw_only=True)
class Ingestion:
    id: str
    arn: str
    request_type: str
    status: str = "INITIALIZED"
    error: dict[str, str] | None = None
    rows: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    created: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class DataSet(Resource):
    """A data set; `members` are those of the request that describe it, `columns` what it gives."""

    members: dict[str, Any]
    columns: list[dict[str, str]]
    ingestions: dict[str, Ingestion] = field(default_factory=dict)
    schedules: dict[str, dict[str, Any]] = field(default_factory=dict)
    refresh_properties: dict[str, Any] | None = None
    spice_bytes: int = 0


@dataclass(kw_only=True)
class Version:
    number: int
    members: dict[str, Any]
    progress: Progress
    created: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class Dashboard(Resource):
    versions: dict[int, Version]
    published: int | None = None
    published_at: datetime | None = None
    link_permissions: dict[str, list[str]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Analysis(Resource):
    members: dict[str, Any]
    progress: Progress
    deletion_time: datetime | None = None


@dataclass
class Subscription:
    """The account's subscription; without an identity region users are taken in every region."""

    name: str
    edition: str = "ENTERPRISE"
    email: str = ""
    authentication: str = "IAM_AND_QUICKSIGHT"
    identity_region: str | None = None
    termination_protection: bool = True
    public_sharing: bool = False


@dataclass
class World:
    """The resources of one account in one region."""

    data_sources: dict[str, DataSource] = field(default_factory=dict)
    data_sets: dict[str, DataSet] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)
    analyses: dict[str, Analysis] = field(default_factory=dict)


_worlds: dict[tuple[str, str], World] = {}
_subscriptions: dict[str, Subscription | None] = {}


def here() -> World:
    """Return the resources of the account and region of the request."""
    return _worlds.setdefault((get_account_id(), get_region()), World())


def subscription() -> Subscription | None:
    """Return the account's subscription; the laptop's account has one from the beginning."""
    account = get_account_id()
    return _subscriptions.setdefault(account, Subscription(f"account-{account}"))


def subscribe(new: Subscription | None) -> None:
    """Begin or end the account's subscription; with it goes everything that the account holds."""
    account = get_account_id()
    _subscriptions[account] = new
    if new is None:
        for key in [key for key in _worlds if key[0] == account]:
            del _worlds[key]


def arn(kind: str, identifier: str) -> str:
    """Return the ARN of a resource of this account and region, `kind` as it is written there."""
    region = get_region()
    partition = "aws-us-gov" if region.startswith("us-gov-") else "aws-cn" if region.startswith("cn-") else "aws"
    return f"arn:{partition}:quicksight:{region}:{get_account_id()}:{kind}/{identifier}"


def reset() -> None:
    """Forget everything, as the emulator does when it is reset."""
    _worlds.clear()
    _subscriptions.clear()
