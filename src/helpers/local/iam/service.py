"""Corrections of the emulator's access check, which is on in a local AWS that was started with `AUTH=true`.

- An action is named as AWS names it where the emulator takes the operation's name: `budgets:ModifyBudget`.
- The resource is the one that the request names where the emulator looks for none, or for another: a budget, a crawler.
- A request in CBOR is read as one in JSON.
- A request counts as one by TLS, which the loopback interface does without: a bucket policy that asks for TLS
  would else refuse everybody.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from helpers.iam import resources
from helpers.iam.place import Place
from helpers.iam.rights import action_of
from helpers.local.athena import executions
from helpers.local.aws_error import AwsError
from helpers.local.kinesis import iterators, wire
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.ports import HOST
from helpers.settings import partition_of

Headers = dict[str, str]

# Services whose resources the emulator takes to be others than AWS does.
_LOCATED_HERE = frozenset({"athena", "glue", "kinesis"})


def install(handlers: dict[str, Any]) -> None:
    """Correct the check; the services themselves stay as they are."""
    from ministack import app as emulator
    from ministack.core import iam_actions, iam_evaluator

    extract, locate, pin = iam_actions.extract_iam_action, iam_actions.extract_resource_arn, emulator.pin_request_origin

    def named_as_aws_does(*request: Any) -> str | None:
        found = extract(*request)
        if found is None or found.startswith("s3:"):
            return found
        namespace, _, operation = found.partition(":")
        return action_of(namespace, operation)

    def located(
        service: str, method: str, path: str, headers: Headers, body: bytes, query: Any, region: str, account: str
    ) -> str:
        body = _as_json(headers, body)
        found = locate(service, method, path, headers, body, query, region, account)
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

    def by_tls(source_ip: str, secure: bool) -> None:
        pin(source_ip, True)

    # Also what the local services do in a caller's name, in threads of their own.
    iam_evaluator._request_origin = ContextVar("request_origin", default=(HOST, True))
    iam_actions.extract_iam_action = named_as_aws_does
    iam_actions.extract_resource_arn = located
    emulator.pin_request_origin = by_tls


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
        return {"WorkGroup": executions.get(params["QueryExecutionId"])["WorkGroup"]}
    return {}
