"""Condition, filter and key condition expressions: names, functions and keys that AWS refuses.

Sources: "Comparison operator and function reference"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html), Query of
the DynamoDB API reference; the words are AWS's answers. Syntax is the emulator's own check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ministack.services import dynamodb as emulator

from helpers.local.aws_error import AwsError
from helpers.local.dynamodb.answers import invalid
from helpers.local.dynamodb.expression_tokens import Tokens, reserved

_OPERANDS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_OPERATORS = ("AND", "OR", "NOT", "IN", "BETWEEN")


def check(expression: object, slot: str) -> None:
    """Raise `AwsError` for a name that needs an alias, an unknown function, or a wrong number of operands.

    An expression whose syntax is wrong is left to the emulator, which says so.
    """
    if not isinstance(expression, str) or emulator._condition_syntax_error(expression, slot):
        return
    tokens = Tokens(expression, slot)
    wrong_number: list[AwsError] = []
    for name, operands in _words(tokens):
        if operands is None:
            error = reserved(name, tokens)
            if error is not None:
                raise error
        elif name not in _OPERANDS:
            raise tokens.error(f"Invalid function name; function: {name}")
        elif operands != _OPERANDS[name]:
            wrong_number.append(
                tokens.error(
                    "Incorrect number of operands for operator or function; "
                    f"operator or function: {name}, number of operands: {operands}"
                )
            )
    for error in wrong_number:
        raise error


def check_query(request: Mapping[str, Any]) -> None:
    """Raise `AwsError` for a Query without a key condition, or whose filter looks at the key."""
    if request.get("KeyConditionExpression") is None and not request.get("KeyConditions"):
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    table = emulator._tables.get(request.get("TableName"))
    expression = request.get("FilterExpression")
    if table is None or not isinstance(expression, str):
        return
    schema: Mapping[str, Any] | None = table
    if request.get("IndexName"):
        schema = emulator._index_def(table, request["IndexName"])
    keys = [element["AttributeName"] for element in (schema or {}).get("KeySchema", [])]
    for name in _names(expression, request.get("ExpressionAttributeNames") or {}):
        if name in keys:
            message = "Filter Expression can only contain non-primary key attributes"
            raise invalid(f"{message}: Primary key attribute: {name}")


def names_key(request: Mapping[str, Any], key: str) -> bool:
    """Return whether a Query's key condition has `key` in it, in a way that is not taken."""
    expression = request.get("KeyConditionExpression")
    return isinstance(expression, str) and key in _names(expression, request.get("ExpressionAttributeNames") or {})


def _names(expression: str, aliases: Mapping[str, str]) -> list[str]:
    """Return the names of the attributes at the top level of an expression's paths."""
    tokens = Tokens(expression, "")
    found, after = [], ""
    while not tokens.at_end:
        token = tokens.take()
        if token.is_name and after != "." and tokens.peek().text != "(" and token.text.upper() not in _OPERATORS:
            found.append(aliases.get(token.text, token.text))
        after = token.text
    return found


def _words(tokens: Tokens) -> Iterator[tuple[str, int | None]]:
    """Yield each word that is no operator, with the number of its operands if it is a function's."""
    while not tokens.at_end:
        token = tokens.take()
        if not token.is_word or token.text.upper() in _OPERATORS:
            continue
        yield token.text, _operands(tokens) if tokens.peek().text == "(" else None


def _operands(tokens: Tokens) -> int:
    depth, count, ahead = 0, 1, 0
    while True:
        text = tokens.peek(ahead).text
        depth += {"(": 1, ")": -1}.get(text, 0)
        if depth == 0 or text == "<EOF>":
            return count
        count += depth == 1 and text == ","
        ahead += 1
