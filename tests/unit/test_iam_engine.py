"""The engine that judges the lab's policies, against cases worked by hand from IAM's documentation.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and the pages on the
elements Action, Resource and Condition beside it.
"""

from __future__ import annotations

from typing import Any

import pytest
from policy_engine import decide, may_take

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:shop-failed"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE, **elements}


@pytest.mark.parametrize(
    ("elements", "action", "resource", "decision"),
    [
        ({}, "sqs:SendMessage", QUEUE, "Allow"),
        ({}, "sqs:DeleteMessage", QUEUE, "ImplicitDeny"),
        ({}, "sqs:SendMessage", QUEUE + "2", "ImplicitDeny"),
        # Actions do not look at the case of letters, resources do.
        ({"Action": "SQS:sendmessage"}, "sqs:SendMessage", QUEUE, "Allow"),
        ({"Resource": QUEUE.upper()}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
        ({"Action": ["sqs:Get*", "sqs:Send*"]}, "sqs:SendMessage", QUEUE, "Allow"),
        ({"Action": "sqs:Send?essage"}, "sqs:SendMessage", QUEUE, "Allow"),
        ({"Action": "sqs:SendMessage?"}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
        ({"Action": "*"}, "iam:DeleteRole", QUEUE, "Allow"),
        ({"Action": "sqs"}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
        ({"Resource": "arn:aws:sqs:*:123456789012:shop-*"}, "sqs:SendMessage", QUEUE, "Allow"),
        ({"Resource": "arn:aws:sqs:*:123456789012:other-*"}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
        # A dot and brackets are letters, no pattern.
        ({"Resource": QUEUE.replace("-failed", ".failed")}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
        ({"Resource": QUEUE.replace("failed", "[a-f]ailed")}, "sqs:SendMessage", QUEUE, "ImplicitDeny"),
    ],
)
def test_an_allow_holds_for_its_actions_and_resources(
    elements: dict[str, Any], action: str, resource: str, decision: str
) -> None:
    assert decide([policy(allow(**elements))], action, resource) == decision


def test_nothing_is_allowed_by_no_policy() -> None:
    assert decide([], "sqs:SendMessage", QUEUE) == "ImplicitDeny"


def test_an_allow_in_any_of_several_policies_is_enough() -> None:
    assert decide([policy(allow(Resource="arn:aws:sqs:::no")), policy(allow())], "sqs:SendMessage", QUEUE) == "Allow"


@pytest.mark.parametrize("denied", [{"Action": "sqs:*"}, {"Action": "*", "Resource": "*"}])
def test_an_explicit_deny_wins_wherever_it_stands(denied: dict[str, Any]) -> None:
    deny = {"Effect": "Deny", "Resource": QUEUE, **denied}
    assert decide([policy(allow()), policy(deny)], "sqs:SendMessage", QUEUE) == "Deny"
    assert decide([policy(deny, allow())], "sqs:SendMessage", QUEUE) == "Deny"


def test_not_action_allows_every_other_action() -> None:
    other = policy({"Effect": "Allow", "NotAction": ["iam:*", "sqs:Delete*"], "Resource": "*"})
    assert decide([other], "sqs:SendMessage", QUEUE) == "Allow"
    assert decide([other], "sqs:DeleteQueue", QUEUE) == "ImplicitDeny"
    assert decide([other], "iam:PassRole", QUEUE) == "ImplicitDeny"


def test_not_resource_allows_every_other_resource() -> None:
    other = policy({"Effect": "Allow", "Action": "sqs:*", "NotResource": QUEUE})
    assert decide([other], "sqs:SendMessage", QUEUE) == "ImplicitDeny"
    assert decide([other], "sqs:SendMessage", QUEUE + "2") == "Allow"


@pytest.mark.parametrize(
    ("condition", "context", "decision"),
    [
        ({"StringEquals": {"sns:Protocol": "email-json"}}, {"sns:Protocol": "email-json"}, "Allow"),
        ({"StringEquals": {"sns:Protocol": "email-json"}}, {"sns:Protocol": "https"}, "ImplicitDeny"),
        ({"StringEquals": {"SNS:protocol": "email-json"}}, {"sns:Protocol": "email-json"}, "Allow"),
        ({"StringEquals": {"sns:Protocol": "Email-json"}}, {"sns:Protocol": "email-json"}, "ImplicitDeny"),
        # A key that the request does not have fails a positive operator.
        ({"StringEquals": {"sns:Protocol": "email-json"}}, {}, "ImplicitDeny"),
        ({"StringEqualsIfExists": {"sns:Protocol": "email-json"}}, {}, "Allow"),
        ({"StringNotEquals": {"sns:Protocol": "sms"}}, {}, "Allow"),
        ({"StringEquals": {"sns:Protocol": ["sms", "email-json"]}}, {"sns:Protocol": "sms"}, "Allow"),
        ({"StringNotEquals": {"sns:Protocol": ["sms", "http"]}}, {"sns:Protocol": "http"}, "ImplicitDeny"),
        ({"StringLike": {"s3:prefix": "raw/*"}}, {"s3:prefix": "raw/events/"}, "Allow"),
        ({"StringEquals": {"s3:prefix": "raw/*"}}, {"s3:prefix": "raw/events/"}, "ImplicitDeny"),
        ({"ArnEquals": {"lambda:FunctionArn": QUEUE}}, {"lambda:FunctionArn": QUEUE}, "Allow"),
        ({"ArnLike": {"lambda:FunctionArn": QUEUE[:-3] + "*"}}, {"lambda:FunctionArn": QUEUE}, "Allow"),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, "ImplicitDeny"),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "9"}, "Allow"),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, "ImplicitDeny"),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {}, "Allow"),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {}, "ImplicitDeny"),
        ({"Null": {"aws:MultiFactorAuthAge": "true"}}, {}, "Allow"),
        # Every operator and every key must hold.
        ({"StringEquals": {"sns:Protocol": "sms", "sns:Endpoint": "1"}}, {"sns:Protocol": "sms"}, "ImplicitDeny"),
    ],
)
def test_a_condition_holds_or_the_statement_does_not(
    condition: dict[str, Any], context: dict[str, str], decision: str
) -> None:
    assert decide([policy(allow(Condition=condition))], "sqs:SendMessage", QUEUE, context) == decision


def test_a_deny_whose_condition_fails_denies_nothing() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert decide([policy(allow(), deny)], "sqs:SendMessage", QUEUE) == "Allow"


def test_a_role_is_taken_by_the_service_it_trusts_alone() -> None:
    trust = policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "glue.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    )
    assert may_take(trust, "glue.amazonaws.com", {"aws:SourceAccount": "123456789012"})
    assert not may_take(trust, "lambda.amazonaws.com", {"aws:SourceAccount": "123456789012"})
    assert not may_take(trust, "glue.amazonaws.com", {"aws:SourceAccount": "210987654321"})
    assert not may_take(trust, "glue.amazonaws.com", {})
