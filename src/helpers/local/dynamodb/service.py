"""The DynamoDB service in front of the emulator's: checks that go before it, and answers in AWS's words."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.services import dynamodb as emulator

from helpers.local.aws_error import AwsError
from helpers.local.dynamodb import answers, conditions, expiry, item_paths, tables, update_expression
from helpers.local.dynamodb.answers import Answer, invalid

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
Request = Mapping[str, Any]

# The longest expression, in bytes; the emulator refuses longer ones.
_LONGEST_BYTES = 4096
_WRITES = ("Put", "Update", "Delete", "ConditionCheck")
# Seen in October 2026 wherever the newer checks of requests are in use.
_RETURN_VALUES = (
    "1 validation error detected: Failed to satisfy constraint: "
    "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)
_ONLY_OLD = "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"


def install(handlers: dict[str, Any]) -> None:
    """Take the requests to DynamoDB, and see to what expires."""
    emulated: Handler = handlers["dynamodb"]
    emulator._remove_item = expiry.sparing(emulator._remove_item)

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return await emulated(method, path, headers, body, query)
        try:
            _check(action, request)
        except AwsError as error:
            return answers.refusal(error)
        answer = await emulated(method, path, headers, body, query)
        return _in_aws_words(action, request, answer)

    handlers["dynamodb"] = handle


def _check(action: str, request: Request) -> None:
    if action == "UpdateItem":
        _check_update(request)
    elif action == "TransactWriteItems":
        for each in request.get("TransactItems") or []:
            _check_update(each.get("Update") or {})
            for kind in _WRITES:
                conditions.check((each.get(kind) or {}).get("ConditionExpression"), "ConditionExpression")
    elif action == "Query":
        conditions.check_query(request)
    elif action == "CreateTable":
        tables.check_creation(request)
    elif action == "DeleteTable":
        tables.check_deletion(request)
    elif action in ("UpdateTimeToLive", "DescribeTimeToLive"):
        tables.check_time_to_live(request)
    for slot in ("KeyConditionExpression", "FilterExpression", "ConditionExpression"):
        conditions.check(request.get(slot), slot)


def _check_update(request: Request) -> None:
    expression = request.get("UpdateExpression")
    if not isinstance(expression, str) or not expression.strip() or len(expression.encode()) > _LONGEST_BYTES:
        return
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    item_paths.check(request, update_expression.parse(expression, names, values))


def _in_aws_words(action: str, request: Request, answer: Answer) -> Answer:
    if answer[0] == 200:
        return _described(action, answer)
    said = answers.content(answer)
    message = said.get("message", "")
    if "'returnValues' failed to satisfy constraint: Member must satisfy enum value set: ['" in message:
        only_old = action == "PutItem" and request.get("ReturnValues") in ("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
        return answers.refusal(invalid(_ONLY_OLD if only_old else _RETURN_VALUES))
    if message.startswith(item_paths.NOT_THERE):
        return answers.refusal(invalid(item_paths.NOT_THERE))
    missed = message.removeprefix("Query condition missed key schema element: ")
    if action == "Query" and missed != message and conditions.names_key(request, missed):
        return answers.refusal(invalid("Query key condition not supported"))
    return answer


def _described(action: str, answer: Answer) -> Answer:
    if action not in ("CreateTable", "DeleteTable", "DescribeTable", "UpdateTable"):
        return answer
    said = answers.content(answer)
    tables.complete(said["Table" if action == "DescribeTable" else "TableDescription"])
    return answers.changed(answer, said)
