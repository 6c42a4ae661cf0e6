"""Corrections of the emulator's access check, which is on in a local AWS that was started with `AUTH=true`.

- The condition keys of a subscription and of a mapping are there.
- An action is named as AWS names it where the emulator takes the operation's name: `budgets:ModifyBudget`.
- The resource is the one that the request names where the emulator looks for none, or for another: a budget, a crawler.
- A request in CBOR is read as one in JSON.
- A request counts as one by TLS, which the loopback interface does without: a bucket policy that asks for TLS
  would else refuse everybody.
"""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import Any

from helpers.iam import resources
from helpers.iam.place import Place
from helpers.iam.rights import action_of
from helpers.local.aws_error import AwsError
from helpers.local.iam import conditions
from helpers.local.kinesis import iterators, wire
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.ports import HOST
from helpers.settings import partition_of

Headers = dict[str, str]

# Services whose resources the emulator takes to be others than AWS does.
_LOCATED_HERE = frozenset({"athena", "glue", "kinesis", "logs"})
# https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html, and its neighbours
_ONE_MAPPING = re.compile(r"/event-source-mappings/[^/]+/?$")
_MAPPING_ACTIONS = {"GET": "Get", "PUT": "Update", "DELETE": "Delete"}


def install(handlers: dict[str, Any]) -> None:
    """Correct the check; the services themselves stay as they are."""
    from ministack import app as emulator
    from ministack.core import iam_actions, iam_evaluator

    extract, locate, pin = iam_actions.extract_iam_action, iam_actions.extract_resource_arn, emulator.pin_request_origin
    tag_context = iam_actions.request_tag_context
    checked_on = ContextVar("checked_on", default="*")

    def named_as_aws_does(service: str, method: str, path: str, *rest: Any) -> str | None:
        if service == "lambda" and _ONE_MAPPING.search(path) and method in _MAPPING_ACTIONS:
            return f"lambda:{_MAPPING_ACTIONS[method]}EventSourceMapping"
        found = extract(service, method, path, *rest)
        if found is None or found.startswith("s3:"):
            return found
        namespace, _, operation = found.partition(":")
        return action_of(namespace, operation)

    def located(
        service: str, method: str, path: str, headers: Headers, body: bytes, query: Any, region: str, account: str
    ) -> str:
        body = _as_json(headers, body)
        arn = _located(service, method, path, headers, body, query, region, account)
        checked_on.set(arn)
        return arn

    def _located(
        service: str, method: str, path: str, headers: Headers, body: bytes, query: Any, region: str, account: str
    ) -> str:
        found = locate(service, method, path, headers, body, query, region, account)
        if service == "lambda" and found == "*":
            return _new_function(method, path, body, region, account)
        if service == "cloudformation" and found == "*":
            return Place(partition_of(region), region, account).arn("cloudformation", "stack/*/*")
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        namespace = iam_actions.SERVICE_TO_IAM_NAMESPACE[service]
        if not operation or (found != "*" and namespace not in _LOCATED_HERE):
            return str(found)
        try:
            params = json.loads(body)
            params |= _implied(params)
            place = Place(partition_of(region), region, account)
            action = action_of(namespace, operation).partition(":")[2]
            return resources.of(namespace, action, operation, params, place)[-1]
        except (ValueError, KeyError, TypeError, AwsError):
            # The request is not well-formed: the service itself will say so.
            return "*"

    def with_conditions(service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        return tag_context(service, action, body, params) | conditions.of(action, checked_on.get(), body, params)

    def by_tls(source_ip: str, secure: bool) -> None:
        pin(source_ip, True)

    # Also what the local services do in a caller's name, in threads of their own.
    iam_evaluator._request_origin = ContextVar("request_origin", default=(HOST, True))
    iam_actions.extract_iam_action = named_as_aws_does
    iam_actions.extract_resource_arn = located
    iam_actions.request_tag_context = with_conditions
    emulator.pin_request_origin = by_tls


def _new_function(method: str, path: str, body: bytes, region: str, account: str) -> str:
    """Return the ARN of the function that a request makes: its name stands in the body alone."""
    name = conditions.function_name(body) if method == "POST" and path.rstrip("/").endswith("/functions") else ""
    return Place(partition_of(region), region, account).arn("lambda", f"function:{name}") if name else "*"


def _as_json(headers: Headers, body: bytes) -> bytes:
    """Return a body of CBOR, as Flink's client for Kinesis sends it, as the JSON of its texts; others as they are."""
    if "cbor" not in headers.get("content-type", ""):
        return body
    try:
        members = wire.decode(body, wire.CBOR)
    except ApiError:
        return b"{}"
    return json.dumps({name: value for name, value in members.items() if isinstance(value, str)}).encode()


def _implied(params: dict[str, Any]) -> dict[str, str]:
    """Return what identifiers in the parameters stand for: the stream of an iterator, the workgroup of a query."""
    if "ShardIterator" in params:
        return {"StreamName": iterators.redeem(params["ShardIterator"]).stream}
    if "QueryExecutionId" in params:
        from helpers.local.athena import executions

        return {"WorkGroup": executions.get(params["QueryExecutionId"])["WorkGroup"]}
    return {}
