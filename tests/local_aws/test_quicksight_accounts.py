"""Who may use Quick Sight: subscriptions, the identity region, users and groups."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest
from quicksight_world import refusal

DEFAULT = "default"


@pytest.fixture
def account() -> str:
    """An account of its own: the emulator takes twelve digits of an access key for one."""
    return str(uuid.uuid4().int)[:12]


def quick_sight(endpoint: str, account: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "quicksight", endpoint_url=endpoint, region_name=region, aws_access_key_id=account, aws_secret_access_key="x"
    )


def unsubscribe(api: Any, account: str) -> None:
    api.update_account_settings(AwsAccountId=account, DefaultNamespace=DEFAULT, TerminationProtectionEnabled=False)
    api.delete_account_subscription(AwsAccountId=account)


def signup(account: str) -> dict[str, str]:
    return {
        "AwsAccountId": account,
        "AccountName": f"name-{account}",
        "NotificationEmail": "a@example.com",
        "AuthenticationMethod": "IAM_AND_QUICKSIGHT",
        "Edition": "ENTERPRISE",
    }


def test_an_account_is_subscribed_from_the_beginning_and_has_no_users(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    info = api.describe_account_subscription(AwsAccountId=account)["AccountInfo"]
    assert (info["Edition"], info["AccountSubscriptionStatus"]) == ("ENTERPRISE", "ACCOUNT_CREATED")
    assert api.list_users(AwsAccountId=account, Namespace=DEFAULT)["UserList"] == []


def test_termination_protection_guards_the_subscription(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    code, message = refusal(api.delete_account_subscription, AwsAccountId=account)
    assert code == "PreconditionNotMetException"
    assert "Termination protection" in message


def test_without_a_subscription_nothing_is_found(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    unsubscribe(api, account)
    assert refusal(api.list_users, AwsAccountId=account, Namespace=DEFAULT) == (
        "ResourceNotFoundException", f"Account {account} is not signed up with QuickSight.",
    )  # fmt: skip
    assert refusal(api.list_data_sets, AwsAccountId=account) == (
        "ResourceNotFoundException", f"Directory information for account {account} is not found.",
    )  # fmt: skip
    assert refusal(api.describe_account_subscription, AwsAccountId=account)[0] == "ResourceNotFoundException"


def test_users_live_in_the_region_of_the_subscription(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account, "eu-west-1")
    unsubscribe(api, account)
    api.create_account_subscription(**signup(account))
    assert refusal(api.create_account_subscription, **signup(account))[0] == "ResourceExistsException"
    assert api.list_users(AwsAccountId=account, Namespace=DEFAULT)["UserList"] == []
    elsewhere = quick_sight(local_aws, account, "us-west-2")
    assert refusal(elsewhere.list_users, AwsAccountId=account, Namespace=DEFAULT) == (
        "AccessDeniedException",
        "Operation is being called from endpoint us-west-2, but your identity region is eu-west-1. "
        "Please use the eu-west-1 endpoint.",
    )
    assert elsewhere.list_data_sets(AwsAccountId=account)["DataSetSummaries"] == []


def test_a_user_is_registered_once_and_found(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    mine = {"AwsAccountId": account, "Namespace": DEFAULT}
    who = {"IdentityType": "QUICKSIGHT", "Email": "a@example.com", "UserRole": "AUTHOR", "UserName": "a b"}
    made = api.register_user(**mine, **who)
    assert made["Status"] == 201
    assert made["User"]["Arn"] == f"arn:aws:quicksight:us-east-1:{account}:user/default/a b"
    assert api.describe_user(**mine, UserName="a b")["User"]["Role"] == "AUTHOR"
    assert refusal(api.register_user, **mine, **who) == ("ResourceExistsException", "User a b already exists.")
    api.delete_user(**mine, UserName="a b")
    assert refusal(api.describe_user, **mine, UserName="a b")[0] == "ResourceNotFoundException"


def test_a_user_of_iam_is_named_after_role_and_session(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    role = f"arn:aws:iam::{account}:role/admin"
    who = {"AwsAccountId": account, "Namespace": DEFAULT, "IdentityType": "IAM", "Email": "a@b.c", "UserRole": "ADMIN"}
    assert refusal(api.register_user, **who)[0] == "InvalidParameterValueException"
    assert refusal(api.register_user, **who, IamArn=role)[0] == "InvalidParameterValueException"
    made = api.register_user(**who, IamArn=role, SessionName="me")
    assert made["User"]["UserName"] == "admin/me"


def test_groups_have_members(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    mine = {"AwsAccountId": account, "Namespace": DEFAULT}
    who = {"IdentityType": "QUICKSIGHT", "Email": "a@example.com", "UserRole": "READER", "UserName": "a"}
    api.register_user(**mine, **who)
    api.create_group(**mine, GroupName="g")
    api.create_group_membership(**mine, GroupName="g", MemberName="a")
    members = api.list_group_memberships(**mine, GroupName="g")["GroupMemberList"]
    assert [member["MemberName"] for member in members] == ["a"]


def test_another_account_is_refused(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    assert refusal(api.list_data_sets, AwsAccountId="1" * 12)[0] == "AccessDeniedException"


def test_what_the_local_aws_has_not_is_said(local_aws: str, account: str) -> None:
    api = quick_sight(local_aws, account)
    assert refusal(api.list_themes, AwsAccountId=account) == (
        "InvalidParameterValueException", "The local AWS has no ListThemes of Quick Sight.",
    )  # fmt: skip
