"""Documents of policies that IAM does not take.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from typing import Any

from helpers.local.aws_error import AwsError

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
_TRUST_ACTIONS = frozenset(
    {
        "sts:*",
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setcontext",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)


def check_permissions(document: str) -> None:
    """Check a policy that gives permissions, of a role or managed.

    Raises
    ------
    AwsError
        `MalformedPolicyDocument`, with what is wrong.
    """
    # Half a second to import, and most labs never write a policy.
    from moto.iam.exceptions import MalformedPolicyDocument
    from moto.iam.policy_validation import IAMPolicyDocumentValidator

    try:
        IAMPolicyDocumentValidator(document).validate()
    except MalformedPolicyDocument as error:
        raise _malformed(error.message) from error


def check_trust(document: str) -> None:
    """Check a policy that says who may take on a role.

    Raises
    ------
    AwsError
        `MalformedPolicyDocument`, with what is wrong.
    """
    try:
        policy = json.loads(document)
    except ValueError:
        raise _malformed("This policy contains invalid Json") from None
    for statement in _statements(policy):
        if "Resource" in statement or "NotResource" in statement:
            raise _malformed("Has prohibited field Resource")
        actions = statement.get("Action", [])
        for action in actions if isinstance(actions, list) else [actions]:
            if str(action).lower() not in _TRUST_ACTIONS:
                raise _malformed("AssumeRole policy may only specify STS AssumeRole actions.")


def _statements(policy: Any) -> list[dict[str, Any]]:
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    written = [each for each in listed if isinstance(each, dict)]
    if len(written) < len(listed):
        raise _malformed("Syntax errors in policy.")
    return written


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)
