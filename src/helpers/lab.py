"""The connection that every notebook opens first."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from IPython.core.getipython import get_ipython

from helpers.errors import LabError
from helpers.flink import FlinkSession
from helpers.iam.recorder import record_command_line, record_if_asked
from helpers.iam.refusals import explain_refusals
from helpers.iam.sign_in import account_of, chosen_region, open_session
from helpers.parameters import check_injected
from helpers.settings import (
    DEFAULT_PREFIX,
    DEFAULT_REGION,
    LOCAL_ACCOUNT,
    Settings,
    Target,
    build_dir_from_environment,
    partition_of,
    target_from_environment,
)
from helpers.target import flink_urls, local_endpoint, local_watch

if TYPE_CHECKING:
    from helpers.local.watch import Watch

# Names the local AWS that a run of the whole course began with.
RUN_INSTANCE = "LAB_RUN_INSTANCE"
# Names a role of the local AWS to act as. A local AWS that was started with AUTH=true holds it to its policies.
LOCAL_ROLE = "LAB_LOCAL_ROLE"


@dataclass(frozen=True)
class Lab:
    """The lab's settings and a way to reach AWS, or the laptop's AWS, with them."""

    settings: Settings
    session: boto3.Session

    def client(self, service: str) -> Any:
        """Return a boto3 client of `service` in the lab's region, for the lab's target."""
        return self.session.client(service, config=Config(retries={"mode": "standard", "max_attempts": 5}))

    def flink(self) -> FlinkSession:
        """Open a session on the laptop's Flink, started if need be, which reads the streams of the lab's target.

        Raises
        ------
        helpers.errors.LabError
            If Flink does not come up.
        """
        credentials = None if self.settings.target == "local" else _account_credentials(self.session)
        return FlinkSession(*flink_urls(self.settings.build_dir, credentials))

    def __str__(self) -> str:
        s = self.settings
        return f"{s.target} · account {s.account} · {s.region} · bucket {s.bucket}"


def connect() -> Lab:
    """Open the lab for the target that `LAB_TARGET` names (default: `local`).

    For the laptop it also points this process's AWS tools (CLI, awswrangler, boto3) at the local
    AWS, with made-up credentials, so that nothing can reach a real account by accident.

    Raises
    ------
    helpers.iam.sign_in.NoAccountError
        If the target is `aws` and no valid credentials are found.
    helpers.iam.sign_in.ClosedRegionError, helpers.iam.sign_in.UnreachableRegionError
        If the target is `aws` and the region is the trouble.
    helpers.local.process.LocalAwsDownError
        If the target is `local` and the local AWS is not up.
    helpers.local.watch.LocalAwsGoneError, helpers.local.watch.LocalAwsAnewError
        If it has gone since the run of the course began. Clients of the lab raise them as well, from then on.
    helpers.parameters.UnknownParameterError
        If papermill was given a parameter that the running notebook does not have.
    """
    _prepare_notebook()
    target = target_from_environment()
    prefix = os.environ.get("LAB_PREFIX", DEFAULT_PREFIX)
    if target == "local":
        return _connect_local(prefix)
    return _connect_aws(prefix, target)


def _account_credentials(session: boto3.Session) -> dict[str, str]:
    found = session.get_credentials().get_frozen_credentials()
    return {
        "AWS_ACCESS_KEY_ID": found.access_key,
        "AWS_SECRET_ACCESS_KEY": found.secret_key,
        "AWS_SESSION_TOKEN": found.token or "",
    }


def _prepare_notebook() -> None:
    """Check the parameters of the running notebook, and show errors of the lab as one sentence."""
    # `!aws` must find the command that came with the lab, whether or not its environment is activated.
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", "")])
    shell = get_ipython()
    if shell is not None:
        shell.set_custom_exc((LabError,), _show_sentence)
        check_injected(shell.user_ns.get("In", []))


def _explain(watch: Watch) -> None:
    """Let the running notebook say that the local AWS has gone when an answer breaks off half-way."""
    shell = get_ipython()
    if shell is None:
        return

    def show(shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None) -> Any:
        if not isinstance(error, LabError):
            try:
                watch.check()
            except LabError as gone:
                return _show_sentence(shell, type(gone), gone)
            return shell.showtraceback((kind, error, trace), tb_offset=tb_offset, running_compiled_code=True)
        return _show_sentence(shell, kind, error)

    shell.set_custom_exc((LabError, BotoCoreError), show)


def _show_sentence(shell: Any, kind: type[BaseException], error: BaseException, *_: Any, **__: Any) -> list[str]:
    lines = [f"{kind.__name__}: {error}"]
    shell._showtraceback(kind, error, lines)
    return lines


def _connect_local(prefix: str) -> Lab:
    build_dir = build_dir_from_environment()
    watch = local_watch(build_dir, os.environ.get(RUN_INSTANCE))
    watch.check()
    endpoint = local_endpoint(build_dir)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    os.environ.pop("AWS_PROFILE", None)
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION=region,
        AWS_DEFAULT_REGION=region,
        AWS_PAGER="",
    )
    if role := os.environ.get(LOCAL_ROLE):
        _take_role(f"arn:{partition_of(region)}:iam::{LOCAL_ACCOUNT}:role/{role}", region)
    if record_if_asked(LOCAL_ACCOUNT):
        record_command_line(build_dir)
    boto3.setup_default_session(region_name=region)
    settings = Settings(prefix, LOCAL_ACCOUNT, region, "local", endpoint, build_dir)
    session = boto3.Session(region_name=region)
    for each in (boto3.DEFAULT_SESSION, session):
        watch.listen(each)
        explain_refusals(each, settings)
    _explain(watch)
    return Lab(settings, session)


def _take_role(arn: str, region: str) -> None:
    """Let this process's AWS tools act as a role of the local AWS."""
    sts = boto3.Session(region_name=region).client("sts")
    given = sts.assume_role(RoleArn=arn, RoleSessionName="lab")["Credentials"]
    os.environ.update(
        AWS_ACCESS_KEY_ID=given["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
        AWS_SESSION_TOKEN=given["SessionToken"],
    )


def _connect_aws(prefix: str, target: Target) -> Lab:
    first = open_session()
    region = chosen_region(first)
    account = account_of(first, region)
    os.environ.setdefault("AWS_PAGER", "")
    # The CLI and awswrangler go to the same region.
    os.environ.update(AWS_REGION=region, AWS_DEFAULT_REGION=region)
    settings = Settings(prefix, account, region, target, None, build_dir_from_environment())
    record_if_asked(account)
    boto3.setup_default_session(region_name=region)
    session = boto3.Session(region_name=region)
    for each in (boto3.DEFAULT_SESSION, session):
        explain_refusals(each, settings)
    return Lab(settings, session)
