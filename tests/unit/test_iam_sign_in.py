"""Credentials and regions that do not work: one sentence each, by the standard chain of botocore alone."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from botocore.credentials import RefreshableCredentials

from helpers.iam import sign_in
from helpers.iam.sign_in import (
    ClosedRegionError,
    NoAccountError,
    SessionExpiredError,
    UnreachableRegionError,
    account_of,
    chosen_region,
    open_session,
)
from helpers.lab import connect
from helpers.settings import find_project_root

SSO_CONFIGURATION = """
[profile shop]
sso_session = work
sso_account_id = 123456789012
sso_role_name = Learner
region = eu-west-1

[sso-session work]
sso_region = eu-west-1
sso_start_url = https://shop.awsapps.com/start
sso_registration_scopes = sso:account:access
"""


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any credentials; returns its home."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("LAB_TARGET", "aws")
    monkeypatch.setenv("LAB_BUILD_DIR", str(tmp_path / "build"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    # Where `aws sso login` leaves its token; botocore has looked the home up when it was imported.
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    monkeypatch.setattr("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", str(cache))
    return tmp_path


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """A stand-in for AWS: the answers of STS and of IAM Identity Center."""
    server = Aws(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    for service in ("STS", "SSO", "SSO_OIDC"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{server.server_port}")
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Aws(ThreadingHTTPServer):
    """Answers as `refusals` says, by the region that a request is signed for; else it knows the caller."""

    refusals: dict[str, str]
    signers: list[str]

    def __init__(self, *where: object) -> None:
        self.refusals, self.signers = {}, []
        super().__init__(*where)  # type: ignore[arg-type]


class Answering(BaseHTTPRequestHandler):
    server: Aws

    def do_GET(self) -> None:
        """Hand out a role's credentials for a token of Identity Center."""
        if self.headers["x-amz-sso_bearer_token"] != "good":
            self._answer(401, '{"message": "Session token not found or invalid"}', "UnauthorizedException")
            return
        credentials = {"accessKeyId": "AKIAROLE", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4e12}
        self._answer(200, json.dumps({"roleCredentials": credentials}))

    def do_POST(self) -> None:
        """Say who the caller is."""
        self.rfile.read(int(self.headers["content-length"]))
        [(key, region)] = re.findall(r"Credential=(\w+)/\d+/([\w-]+)/", self.headers["authorization"])
        self.server.signers.append(key)
        code = self.server.refusals.get(region)
        if code:
            self._answer(403, f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>")
            return
        account = "<Account>123456789012</Account>"
        result = f"<GetCallerIdentityResult>{account}</GetCallerIdentityResult>"
        self._answer(200, f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>")

    def _answer(self, status: int, body: str, error: str = "") -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if error:
            self.send_header("x-amzn-errortype", error)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def with_keys(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", region)


def test_without_credentials_the_ways_to_get_some_are_named() -> None:
    with pytest.raises(NoAccountError) as trouble:
        connect()
    assert str(trouble.value) == (
        "AWS does not know who you are (there are no credentials): run `aws configure` or `aws sso login`, "
        "or work on the laptop with LAB_TARGET=local."
    )


def test_a_profile_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "shop")
    with pytest.raises(NoAccountError, match="there is no profile shop"):
        connect()


def test_a_configuration_that_cannot_be_read_is_named(machine: Path) -> None:
    (machine / ".aws" / "config").write_text("[default\nregion", encoding="utf-8")
    with pytest.raises(NoAccountError, match=r"\.aws.config.*: mend that file"):
        connect()


def test_half_a_key_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAKEY")
    with pytest.raises(NoAccountError, match="AWS_SECRET_ACCESS_KEY"):
        connect()


def test_keys_in_the_environment_work(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, "us-gov-west-1")
    lab = connect()
    assert (lab.settings.account, lab.settings.region, lab.settings.partition) == (
        "123456789012", "us-gov-west-1", "aws-us-gov",
    )  # fmt: skip
    assert lab.session.region_name == "us-gov-west-1"


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException"])
def test_keys_that_have_run_out_are_told_from_wrong_ones(code: str, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, "eu-west-1")
    aws.refusals["eu-west-1"] = code
    with pytest.raises(SessionExpiredError, match="your sign-in has run out"):
        connect()


def test_a_region_that_is_not_enabled_is_told_from_wrong_keys(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, "af-south-1")
    aws.refusals["af-south-1"] = "InvalidClientTokenId"
    with pytest.raises(ClosedRegionError) as trouble:
        connect()
    assert str(trouble.value) == (
        "The region af-south-1 is not enabled for your account: enable it in the console under Account, AWS Regions, "
        "or choose another one by AWS_REGION."
    )
    aws.refusals[sign_in.DEFAULT_REGION] = "InvalidClientTokenId"
    with pytest.raises(NoAccountError, match="InvalidClientTokenId"):
        connect()


def test_a_region_where_nothing_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    with pytest.raises(UnreachableRegionError, match=r"Nothing answers at http://127.0.0.1:9/?: is AWS_REGION right"):
        connect()


def test_the_region_is_that_of_the_environment_then_of_the_profile(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen_region(open_session()) == sign_in.DEFAULT_REGION
    (machine / ".aws" / "config").write_text("[default]\nregion = eu-north-1\n", encoding="utf-8")
    assert chosen_region(open_session()) == "eu-north-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert chosen_region(open_session()) == "eu-west-3"
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert chosen_region(open_session()) == "eu-west-2"


def sign_in_by_sso(machine: Path, token: str, lasts: timedelta) -> None:
    """Leave what `aws sso login` leaves: https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html."""
    (machine / ".aws" / "config").write_text(SSO_CONFIGURATION, encoding="utf-8")
    cached = {
        "startUrl": "https://shop.awsapps.com/start",
        "region": "eu-west-1",
        "accessToken": token,
        "expiresAt": f"{datetime.now(UTC) + lasts:%Y-%m-%dT%H:%M:%SZ}",
    }
    name = hashlib.sha1(b"work", usedforsecurity=False).hexdigest()
    (machine / ".aws" / "sso" / "cache" / f"{name}.json").write_text(json.dumps(cached), encoding="utf-8")


def test_a_profile_with_an_sso_session_works(machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in_by_sso(machine, "good", timedelta(hours=1))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    lab = connect()
    assert (lab.settings.account, lab.settings.region) == ("123456789012", "eu-west-1")
    assert aws.signers == ["AKIAROLE"]
    assert lab.session.get_credentials().access_key == "AKIAROLE"


@pytest.mark.parametrize(("token", "lasts"), [("good", timedelta(hours=-1)), ("revoked", timedelta(hours=1))])
def test_an_sso_session_that_is_over_leads_to_the_login(
    token: str, lasts: timedelta, machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_by_sso(machine, token, lasts)
    monkeypatch.setenv("AWS_PROFILE", "shop")
    with pytest.raises(SessionExpiredError) as trouble:
        connect()
    assert str(trouble.value) == (
        "AWS does not know who you are (your sign-in has run out): run `aws sso login --profile shop` "
        "or renew your keys, then go on, or work on the laptop with LAB_TARGET=local."
    )


def test_a_sign_in_that_runs_out_between_two_calls_leads_to_the_login(
    machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in_by_sso(machine, "good", timedelta(hours=1))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    sts = connect().client("sts")
    sign_in_by_sso(machine, "revoked", timedelta(hours=1))
    monkeypatch.setattr(RefreshableCredentials, "refresh_needed", lambda *_, **__: True)
    with pytest.raises(SessionExpiredError, match="aws sso login --profile shop"):
        sts.get_caller_identity()
    assert not [record for record in caplog.records if record.exc_info], "no traceback is shown"


def test_who_never_signed_in_by_sso_is_led_to_the_login(
    machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / ".aws" / "config").write_text(SSO_CONFIGURATION, encoding="utf-8")
    monkeypatch.setenv("AWS_PROFILE", "shop")
    with pytest.raises(SessionExpiredError, match="aws sso login --profile shop"):
        account_of(open_session(), "eu-west-1")


def ask_a_program(machine: Path, code: str) -> None:
    """Leave a profile `lab` whose keys come from a program, as `aws configure export-credentials` hands them over."""
    (machine / "program.py").write_text(code, encoding="utf-8")
    process = f'"{Path(sys.executable).as_posix()}" "{(machine / "program.py").as_posix()}"'
    text = f"[profile lab]\nregion = eu-west-1\ncredential_process = {process}\n"
    (machine / ".aws" / "config").write_text(text, encoding="utf-8")


def test_a_profile_may_ask_a_program_for_its_keys(machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"Version": 1, "AccessKeyId": "AKIALOGIN", "SecretAccessKey": "s", "SessionToken": "t"}
    ask_a_program(machine, f"print({json.dumps(json.dumps(keys))})")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert connect().settings.account == "123456789012"
    assert aws.signers == ["AKIALOGIN"]


def test_a_login_that_has_run_out_leads_to_the_login(machine: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Your session has expired. Please reauthenticate using 'aws login'."
    ask_a_program(machine, f"raise SystemExit({said!r})")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    with pytest.raises(NoAccountError, match=r"\(your sign-in has run out\): run `aws login`, then go on, or work"):
        connect()


def test_a_profile_of_a_login_leads_to_the_one_that_asks_the_cli(machine: Path, aws: Aws) -> None:
    session = "login_session = arn:aws:iam::123456789012:user/learner"
    (machine / ".aws" / "config").write_text(f"[default]\nregion = eu-west-1\n{session}\n", encoding="utf-8")
    with pytest.raises(NoAccountError) as trouble:
        connect()
    assert str(trouble.value) == (
        "AWS does not know who you are (boto3 alone cannot read the session that `aws login` leaves): let a profile "
        "ask the AWS CLI for its keys, as README.md says for `aws login`, or work on the laptop with LAB_TARGET=local."
    )
    readme = (find_project_root() / "README.md").read_text(encoding="utf-8")
    assert "credential_process" in readme and "`aws login`" in readme
