"""Roles and policies that IAM does not take, in AWS's words, and that change nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:iam::000000000000"
MISSING = f"{ACCOUNT}:policy/nobody-wrote-it"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"},
}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}


@pytest.fixture(scope="module")
def iam(client: Callable[[str], Any]) -> Any:
    return client("iam")


@pytest.fixture
def name() -> str:
    return f"identities-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def role(iam: Any, name: str) -> Iterator[str]:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    yield name
    for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=each["PolicyArn"])
    for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
    iam.delete_role(RoleName=name)


@pytest.fixture
def policy(iam: Any, name: str) -> Iterator[str]:
    arn = iam.create_policy(PolicyName=name, PolicyDocument=permissions(READ))["Policy"]["Arn"]
    yield arn
    iam.delete_policy(PolicyArn=arn)


def permissions(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(**changed: Any) -> str:
    return json.dumps({**TRUST, "Statement": [{**TRUST["Statement"], **changed}]})  # type: ignore[dict-item]


def refused(call: Callable[..., Any], **given: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        call(**given)
    said = caught.value.response
    return said["Error"]["Code"], said["Error"]["Message"], said["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    "call",
    ["get_role", "delete_role", "list_role_policies", "list_attached_role_policies", "list_role_tags"],
)
def test_missing_role_is_named(iam: Any, call: str) -> None:
    message = "The role with name nobody cannot be found."
    assert refused(getattr(iam, call), RoleName="nobody") == ("NoSuchEntity", message, 404)


def test_role_is_looked_for_before_its_document_is_read(iam: Any) -> None:
    error = ("NoSuchEntity", "The role with name nobody cannot be found.", 404)
    assert refused(iam.put_role_policy, RoleName="nobody", PolicyName="inline", PolicyDocument="{") == error
    assert refused(iam.update_assume_role_policy, RoleName="nobody", PolicyDocument="{") == error
    assert refused(iam.attach_role_policy, RoleName="nobody", PolicyArn=MISSING) == error


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        (trust(Action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (
            trust(Action=["sts:AssumeRole", "sts:GetCallerIdentity"]),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (trust(Resource="*"), "Has prohibited field Resource"),
        ('{"Version": "2012-10-17"}', "Syntax errors in policy."),
    ],
)
def test_wrong_trust_makes_no_role_and_changes_none(iam: Any, role: str, document: str, message: str) -> None:
    error = ("MalformedPolicyDocument", message, 400)
    assert refused(iam.create_role, RoleName=f"{role}-2", AssumeRolePolicyDocument=document) == error
    assert refused(iam.get_role, RoleName=f"{role}-2")[0] == "NoSuchEntity"
    assert refused(iam.update_assume_role_policy, RoleName=role, PolicyDocument=document) == error
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == TRUST


def test_trust_may_also_speak_of_sessions(iam: Any, role: str) -> None:
    document = trust(Action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == json.loads(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "Syntax errors in policy."),
        (permissions({"Effect": "Allow", "Action": "s3:GetObject"}), "Policy statement must contain resources."),
        (permissions({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
        (
            permissions({**READ, "Action": "GetObject"}),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (permissions({**READ, "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
        (
            permissions({**READ, "Sid": "same"}, {**READ, "Sid": "same"}),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
    ],
)
def test_wrong_permissions_are_stored_nowhere(iam: Any, role: str, policy: str, document: str, message: str) -> None:
    error = ("MalformedPolicyDocument", message, 400)
    assert refused(iam.put_role_policy, RoleName=role, PolicyName="inline", PolicyDocument=document) == error
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []
    assert refused(iam.create_policy, PolicyName=f"{role}-2", PolicyDocument=document) == error
    assert refused(iam.get_policy, PolicyArn=f"{policy}-2")[0] == "NoSuchEntity"
    assert refused(iam.create_policy_version, PolicyArn=policy, PolicyDocument=document) == error
    assert len(iam.list_policy_versions(PolicyArn=policy)["Versions"]) == 1


def test_missing_policy_is_named(iam: Any, role: str) -> None:
    error = ("NoSuchEntity", f"Policy {MISSING} was not found.", 404)
    assert refused(iam.get_policy, PolicyArn=MISSING) == error
    assert refused(iam.delete_policy, PolicyArn=MISSING) == error
    assert refused(iam.list_policy_versions, PolicyArn=MISSING) == error
    assert refused(iam.detach_role_policy, RoleName=role, PolicyArn=MISSING) == error


def test_missing_version_is_named(iam: Any, policy: str) -> None:
    for arn in (policy, MISSING):
        message = f"Policy {arn} version v7 does not exist or is not attachable."
        assert refused(iam.get_policy_version, PolicyArn=arn, VersionId="v7") == ("NoSuchEntity", message, 404)


def test_only_policies_that_exist_are_attached(iam: Any, policy: str, role: str) -> None:
    error = ("NoSuchEntity", f"Policy {MISSING} does not exist or is not attachable.", 404)
    assert refused(iam.attach_role_policy, RoleName=role, PolicyArn=MISSING) == error
    managed = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    for arn in (policy, managed):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    attached = [each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    assert attached == [policy, managed]


def test_role_with_policies_stays(iam: Any, role: str) -> None:
    iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=permissions(READ))
    message = "Cannot delete entity, must delete policies first."
    assert refused(iam.delete_role, RoleName=role) == ("DeleteConflict", message, 409)
    assert iam.get_role_policy(RoleName=role, PolicyName="inline")["PolicyDocument"] == json.loads(permissions(READ))
