"""Requests on aliases and policies that Lambda refuses, in its own words.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import lambda_svc as emulator

from helpers.local.lambda_runtime.api_errors import LambdaError, invalid, not_found
from helpers.local.lambda_runtime.operations import Request

_NOT_THERE = "ResourceNotFoundException"


def check(operation: str, request: Request) -> None:
    """Check a request on an alias or a policy.

    Raises
    ------
    LambdaError
        If Lambda would refuse it.
    """
    name, derived = emulator._resolve_name_and_qualifier(str(request.get("FunctionName", "")))
    function = emulator._functions.get(name)
    if operation in ("CreateAlias", "UpdateAlias"):
        _check_alias(operation, name, function, request)
    elif operation == "GetAlias" and function is not None and request["Name"] not in function["aliases"]:
        raise _no_alias(name, request["Name"])
    elif operation == "RemovePermission":
        _check_removal(name, function, derived or request.get("Qualifier"), request["StatementId"])
    elif operation == "GetPolicy" and function is not None:
        if not _statements(name, function, derived or request.get("Qualifier")):
            raise LambdaError(_NOT_THERE, "The resource you requested does not exist.")
    elif operation == "AddPermission":
        _check_principal(request["Principal"])


def _check_alias(operation: str, name: str, function: Any, request: Request) -> None:
    if operation == "UpdateAlias" and function is not None and request["Name"] not in function["aliases"]:
        raise _no_alias(name, request["Name"])
    version = request.get("FunctionVersion")
    weights = (request.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for key, weight in weights.items():
        if not 0 <= weight <= 1:
            raise LambdaError(
                "ValidationException",
                f"1 validation error detected: Value '{{{key}={float(weight)}}}' at "
                "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy "
                "constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or "
                "equal to 0.0, Member must not be null]",
            )
    if len(weights) > 1:
        raise invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if version in weights:
        raise invalid(
            f"Invalid function version {version}. Function version {version} is already included in routing "
            "configuration."
        )
    if weights and version == "$LATEST":
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    for wanted in filter(None, (version, *weights)):
        if function is None or (wanted != "$LATEST" and wanted not in function["versions"]):
            raise not_found(name, wanted)
    if operation == "CreateAlias" and request["Name"] in function["aliases"]:
        raise LambdaError(
            "ResourceConflictException", f"Alias already exists: {emulator._func_arn(name)}:{request['Name']}"
        )


def _no_alias(name: str, alias: str) -> LambdaError:
    return LambdaError(_NOT_THERE, f"Cannot find alias arn: {emulator._func_arn(name)}:{alias}")


def _statements(name: str, function: Any, qualifier: str | None) -> list[Any]:
    """Return the statements of a function's policy for a qualifier."""
    resource = emulator._func_arn(name) + (f":{qualifier}" if qualifier else "")
    return [statement for statement in function["policy"]["Statement"] if statement.get("Resource") == resource]


def _check_removal(name: str, function: Any, qualifier: str | None, statement_id: str) -> None:
    if function is None:
        raise LambdaError(_NOT_THERE, f"No policy found for: {emulator._func_arn(name)}")
    statements = _statements(name, function, qualifier)
    if not statements:
        raise LambdaError(_NOT_THERE, "No policy is associated with the given resource.")
    if statement_id not in [statement["Sid"] for statement in statements]:
        raise LambdaError(_NOT_THERE, f"Statement {statement_id} is not found in resource policy.")


def _check_principal(principal: str) -> None:
    known = r"\*|\d{12}|arn:[^:]+:(iam|sts)::.+|[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com)"
    if not re.fullmatch(known, principal):
        raise invalid("The provided principal was invalid. Please check the principal and try again.")
