"""Condition keys of a request that the emulator's access check does not fill in, and policies of the lab ask for.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html#amazonsns-policy-keys
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html#awslambda-policy-keys
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import get_account_id, get_region

from helpers.local.event_sources import mapping
from helpers.settings import partition_of

Context = dict[str, Any]


def of(action: str, resource: str, body: bytes, params: Mapping[str, Any]) -> Context:
    """Return the condition keys of a request beside its tags.

    Parameters
    ----------
    action
        As IAM names it: `sns:Subscribe`.
    resource
        ARN that the action is checked on.
    body, params
        The request's body, and its parameters where it has them in a form.
    """
    finder = _FINDERS.get(action)
    return finder(resource, body, params) if finder else {}


def function_name(body: bytes) -> str:
    """Return the function that a request's body names, nothing if it is not well-formed: the service will say so."""
    try:
        name = json.loads(body)["FunctionName"]
    except (ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def _subscription(resource: str, body: bytes, params: Mapping[str, Any]) -> Context:
    asked = {f"sns:{name}": _first(params.get(name)) for name in ("Protocol", "Endpoint")}
    return {key: value for key, value in asked.items() if value}


def _wanted_mapping(resource: str, body: bytes, params: Mapping[str, Any]) -> Context:
    name = function_name(body)
    return {"lambda:FunctionArn": _function_arn(name)} if name else {}


def _present_mapping(resource: str, body: bytes, params: Mapping[str, Any]) -> Context:
    record = mapping.find(resource.rpartition(":")[2])
    return {"lambda:FunctionArn": record["FunctionArn"]} if record else {}


def _function_arn(name: str) -> str:
    if name.startswith("arn:"):
        return name
    region = get_region()
    return f"arn:{partition_of(region)}:lambda:{region}:{get_account_id()}:function:{name.rpartition('function:')[2]}"


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value or "")


_FINDERS: dict[str, Callable[[str, bytes, Mapping[str, Any]], Context]] = {
    "sns:Subscribe": _subscription,
    "lambda:CreateEventSourceMapping": _wanted_mapping,
    "lambda:GetEventSourceMapping": _present_mapping,
    "lambda:UpdateEventSourceMapping": _present_mapping,
    "lambda:DeleteEventSourceMapping": _present_mapping,
}
