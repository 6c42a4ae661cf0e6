"""Who you are to AWS: what is wrong with the credentials or the region, in one sentence.

Credentials come through botocore's standard chain alone (environment, profiles, SSO, roles):
https://docs.aws.amazon.com/boto3/latest/guide/credentials.html
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    CredentialRetrievalError,
    EndpointConnectionError,
    MissingDependencyException,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from helpers.errors import LabError
from helpers.settings import DEFAULT_REGION

EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
# How services refuse credentials that they do not know, and those of an account to which the region is closed.
_UNKNOWN_CODES = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId", "OptInRequired"}
)
_SSO = (SSOTokenLoadError, UnauthorizedSSOTokenError, TokenRetrievalError)
_WITHOUT_CREDENTIALS = (*_SSO, NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
# A profile of `aws login` would want awscrt here, which would then sign every request of the lab.
_ASK_THE_CLI = "let a profile ask the AWS CLI for its keys, as README.md says for `aws login`"
_OR_LOCAL = "or work on the laptop with LAB_TARGET=local"


class NoAccountError(LabError):
    """AWS cannot tell who the learner is, or does not let them in.

    Parameters
    ----------
    reason
        What is wrong.
    remedy
        What to do.
    """

    def __init__(self, reason: str, remedy: str = "run `aws configure` or `aws sso login`") -> None:
        super().__init__(f"AWS does not know who you are ({reason}): {remedy}, {_OR_LOCAL}.")


class SessionExpiredError(NoAccountError):
    """The credentials were good for some hours, which are over."""

    def __init__(self, profile: str) -> None:
        login = "aws sso login" + ("" if profile == "default" else f" --profile {profile}")
        super().__init__("your sign-in has run out", f"run `{login}` or renew your keys, then go on")


class ClosedRegionError(LabError):
    """The credentials are good, and the region is not open to the account."""

    def __init__(self, region: str) -> None:
        super().__init__(
            f"The region {region} is not enabled for your account: enable it in the console under Account, "
            "AWS Regions, or choose another one by AWS_REGION."
        )


class UnreachableRegionError(LabError):
    """No AWS answers in the region."""

    def __init__(self, region: str, endpoint: str) -> None:
        super().__init__(
            f"Nothing answers at {endpoint}: is AWS_REGION right ({region}), and are you connected to the internet?"
        )


def chosen_region(session: boto3.Session) -> str:
    """Return the region of `AWS_REGION`, else of the session (`AWS_DEFAULT_REGION`, the profile), else the default."""
    return os.environ.get("AWS_REGION") or session.region_name or DEFAULT_REGION


def open_session() -> boto3.Session:
    """Return a session by the standard chain.

    What botocore would tell of a refused refresh in a warning with its traceback, the lab says in one sentence.

    Raises
    ------
    NoAccountError
        If the profile that `AWS_PROFILE` names is missing, or the configuration cannot be read.
    """
    for name in ("botocore.credentials", "botocore.tokens"):
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        return boto3.Session()
    except ProfileNotFound:
        profile = os.environ.get("AWS_PROFILE", "default")
        remedy = "set AWS_PROFILE to one of `aws configure list-profiles`"
        raise NoAccountError(f"there is no profile {profile}", remedy) from None
    except ConfigParseError as error:
        raise NoAccountError(str(error), "mend that file") from None


def account_of(session: boto3.Session, region: str) -> str:
    """Return the id of the account that a session acts for.

    Raises
    ------
    NoAccountError, SessionExpiredError
        If there are no credentials, or AWS does not take them.
    ClosedRegionError, UnreachableRegionError
        If the region is the trouble.
    """
    try:
        return _asked(session, region)
    except (ClientError, BotoCoreError) as error:
        raise _trouble(error, session, region, _asked) from error


def explain_credentials(error: Exception, session: boto3.Session, region: str) -> None:
    """Raise in the place of an error by which botocore tells that a session has no good credentials any more.

    Raises
    ------
    NoAccountError, SessionExpiredError
        If it is one, as when the sign-in has run out between two calls.
    """
    if isinstance(error, _WITHOUT_CREDENTIALS):
        raise _trouble(error, session, region, _asked) from error


def _asked(session: boto3.Session, region: str) -> str:
    return str(session.client("sts", region_name=region).get_caller_identity()["Account"])


def _trouble(error: Exception, session: boto3.Session, region: str, ask: Callable[[Any, str], str]) -> LabError:
    if isinstance(error, _SSO):
        return SessionExpiredError(session.profile_name)
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return NoAccountError("there are no credentials" if isinstance(error, NoCredentialsError) else str(error))
    if isinstance(error, MissingDependencyException):
        return NoAccountError("boto3 alone cannot read the session that `aws login` leaves", _ASK_THE_CLI)
    if isinstance(error, CredentialRetrievalError) and "aws login" in str(error):
        return NoAccountError("your sign-in has run out", "run `aws login`, then go on")
    if isinstance(error, EndpointConnectionError):
        return UnreachableRegionError(region, str(error.kwargs["endpoint_url"]))
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        if code in EXPIRED_CODES:
            return SessionExpiredError(session.profile_name)
        if code == "RegionDisabledException" or (code in _UNKNOWN_CODES and _known_elsewhere(session, region, ask)):
            return ClosedRegionError(region)
    return NoAccountError(str(error).rstrip("."))


def _known_elsewhere(session: boto3.Session, region: str, ask: Callable[[Any, str], str]) -> bool:
    """Return whether the credentials are good in a region that is open to every account.

    A region that is not says the same of good credentials as of wrong ones:
    https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
    """
    if region == DEFAULT_REGION or session.get_partition_for_region(region) != "aws":
        return False
    try:
        ask(session, DEFAULT_REGION)
    except (ClientError, BotoCoreError):
        return False
    return True
