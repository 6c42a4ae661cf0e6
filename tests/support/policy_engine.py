"""IAM's decision on one request, by the emulator's evaluator, which its own SimulateCustomPolicy calls too.

SimulateCustomPolicy itself takes no condition keys and one resource in the emulator, so the evaluator is called
directly; `tests/unit/test_iam_engine.py` holds it to hand-worked cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

Document = dict[str, Any]


def decide(documents: Iterable[Document], action: str, resource: str, context: Mapping[str, str] | None = None) -> str:
    """Return `Allow`, `Deny` for an explicit one, or `ImplicitDeny`.

    Parameters
    ----------
    documents
        The caller's identity policies.
    action, resource
        What is asked for.
    context
        Condition keys of the request.
    """
    request = EvalContext(
        principal_arn="arn:aws:iam::000000000000:user/learner",
        principal_type="User",
        principal_account="000000000000",
        action=action,
        resource_arn=resource,
        region="us-east-1",
        source_ip="203.0.113.7",
        secure_transport=True,
        service_context={key.lower(): value for key, value in (context or {}).items()},
    )
    return str(evaluate(request, [parse_policy_document(document) for document in documents]).decision)


def may_take(trust: Document, service: str, context: Mapping[str, str]) -> bool:
    """Return whether a role's trust policy lets a service take it."""
    named = [each for each in trust["Statement"] if service in _many(each["Principal"].get("Service", []))]
    statements = [{**{k: v for k, v in each.items() if k != "Principal"}, "Resource": "*"} for each in named]
    return decide([{"Version": "2012-10-17", "Statement": statements}], "sts:AssumeRole", "*", context) == "Allow"


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
