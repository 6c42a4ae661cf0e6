"""Checks in front of the emulator's IAM, and its refusals in AWS's words.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from helpers.local.aws_error import AwsError
from helpers.local.identities import documents

Handler = Callable[..., Awaitable[Any]]
Parameters = Mapping[str, Any]

_TRUST_DOCUMENTS = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
_PERMISSIONS = frozenset({"PutRolePolicy", "CreatePolicy", "CreatePolicyVersion"})
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)
_STATUS = {"NoSuchEntity": HTTPStatus.NOT_FOUND}

# Messages of the emulator, and AWS's.
_WORDINGS = (
    (re.compile(r"Role (\S+) not found\."), r"The role with name \1 cannot be found."),
    (re.compile(r"Instance profile (\S+) not found\."), r"Instance Profile \1 cannot be found."),
    (re.compile(r"Policy (arn:\S+) not found\."), r"Policy \1 was not found."),
    (re.compile(r"Policy (arn:\S+) is not attached to role \S+"), r"Policy \1 was not found."),
    (
        re.compile(r"Cannot delete entity, must delete all inline policies first\."),
        "Cannot delete entity, must delete policies first.",
    ),
)


def install(handlers: dict[str, Any]) -> None:
    """Check roles and policies before the emulator takes them."""
    emulated: Handler = handlers["iam"]

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        from ministack.services import iam

        parameters = {**query, **parse_qs(body.decode("utf-8", "replace"))}
        try:
            _check(iam._p(parameters, "Action"), parameters)
        except AwsError as error:
            return iam._error(_STATUS.get(error.code, HTTPStatus.BAD_REQUEST), error.code, error.message, ns="iam")
        status, answered, text = await emulated(method, path, headers, body, query)
        if status >= HTTPStatus.BAD_REQUEST:
            text = _MESSAGE.sub(lambda found: _reworded(found, parameters), text)
        return status, answered, text

    handlers["iam"] = handle


def _check(action: str, parameters: Parameters) -> None:
    from ministack.services import iam

    if action == "UpdateAssumeRolePolicy" and iam._p(parameters, "RoleName") not in iam._roles:
        # The emulator says so, before anybody reads the document.
        return
    if action in _TRUST_DOCUMENTS:
        documents.check_trust(iam._p(parameters, _TRUST_DOCUMENTS[action]))
    elif action in _PERMISSIONS:
        if action == "PutRolePolicy" and iam._p(parameters, "RoleName") not in iam._roles:
            return
        documents.check_permissions(iam._p(parameters, "PolicyDocument"))
    elif action == "AttachRolePolicy" and iam._p(parameters, "RoleName") in iam._roles:
        _check_attachable(iam._p(parameters, "PolicyArn"))


def _check_attachable(arn: str) -> None:
    from ministack.services import iam

    # The emulator knows only some of the policies that AWS manages.
    if not iam._is_aws_managed_arn(arn) and iam._lookup_policy(arn) is None:
        raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.")


def _reworded(found: re.Match[bytes], parameters: Parameters) -> bytes:
    from ministack.services import iam

    said = found[1].decode()
    arn = iam._p(parameters, "PolicyArn")
    version = re.fullmatch(r"Policy version (\S+) not found\.", said)
    if version or (said == "Policy not found." and iam._p(parameters, "VersionId")):
        said = f"Policy {arn} version {iam._p(parameters, 'VersionId')} does not exist or is not attachable."
    elif said == "Policy not found.":
        said = f"Policy {arn} was not found."
    for pattern, wording in _WORDINGS:
        said = pattern.sub(wording, said)
    return b"<Message>%b</Message>" % said.encode()
