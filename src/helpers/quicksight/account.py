"""The account's Quick Sight: is there one, and in which region do its users live?"""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError
from IPython.core.getipython import get_ipython

from helpers.errors import LabError
from helpers.lab import Lab

_IDENTITY_REGION = re.compile(r"your identity region is ([a-z0-9-]+)")


class NotSubscribedError(LabError):
    """The account has no subscription to Quick Sight, or its users are not to be seen."""

    def __init__(self, account: str, reason: str) -> None:
        super().__init__(
            f"Account {account} has no Amazon Quick Sight that this notebook could use ({reason.rstrip('.')}): "
            "nothing was created, and the course goes on without it."
        )


class NoAuthorError(LabError):
    """Nobody in the account may own a dashboard."""

    def __init__(self, account: str) -> None:
        super().__init__(
            f"Quick Sight of account {account} has no author: name one in author_email ($24 a month); "
            "nothing was created, and the course goes on without it."
        )


def is_subscribed(lab: Lab) -> bool:
    """Say whether the account's subscription is there and ready."""
    try:
        answer = lab.client("quicksight").describe_account_subscription(AwsAccountId=lab.settings.account)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return False
        raise
    return bool(answer["AccountInfo"]["AccountSubscriptionStatus"] == "ACCOUNT_CREATED")


def identity_client(lab: Lab) -> Any:
    """Return a client of Quick Sight in the region in which the account's users live.

    An account is subscribed in one region, and users are listed there alone; no API names it but the refusal
    of every other region. Data sources, data sets and dashboards live in any region.

    Raises
    ------
    NotSubscribedError
        If the account has no subscription.
    """
    client = lab.client("quicksight")
    account = lab.settings.account
    try:
        client.list_users(AwsAccountId=account, Namespace="default", MaxResults=1)
    except ClientError as error:
        elsewhere = _IDENTITY_REGION.search(str(error))
        if elsewhere:
            return lab.session.client("quicksight", region_name=elsewhere[1])
        if error.response["Error"]["Code"] in ("ResourceNotFoundException", "UnsupportedUserEditionException"):
            raise NotSubscribedError(account, error.response["Error"]["Message"]) from None
        raise
    return client


def leave_out_the_rest(reason: LabError) -> str:
    """Let the cells below do nothing, in this run of the notebook, and return why.

    The notebook is optional: without Quick Sight it ends well, having done nothing. The cell that calls this
    runs again when it is asked to, and lets the others run if it does not call this again.
    """
    shell = get_ipython()
    if shell is not None:
        deciding = shell.user_ns["In"][-1]

        def nothing(lines: list[str]) -> list[str]:
            if "".join(lines).strip() == deciding.strip():
                shell.input_transformers_post.remove(nothing)
                return lines
            return []

        shell.input_transformers_post.append(nothing)
    return str(reason)
