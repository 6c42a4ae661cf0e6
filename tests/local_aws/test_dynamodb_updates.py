"""Update expressions that DynamoDB does not take, in AWS's words, and that leave the item as it was."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

KEY = {"id": {"S": "1"}}
ITEM = {
    **KEY,
    "number": {"N": "1"},
    "map": {"M": {"a": {"S": "x"}}},
    "list": {"L": [{"S": "a"}]},
}
NAMES = {"#m": "map", "#l": "list", "#n": "name", "#number": "number"}
VALUES = {":n": {"N": "2"}, ":s": {"S": "x"}, ":l": {"L": []}, ":set": {"SS": ["a"]}}


@pytest.fixture(scope="module")
def dynamodb(client: Callable[[str], Any]) -> Any:
    return client("dynamodb")


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> str:
    name = f"updates-{uuid.uuid4().hex[:8]}"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def arguments(expression: str) -> dict[str, Any]:
    """Return what an update with this expression needs: the names and values that it has."""
    values = {reference: VALUES[reference] for reference in re.findall(r":\w+", expression)}
    names = {alias: NAMES[alias] for alias in re.findall(r"#\w+", expression)}
    return {
        "UpdateExpression": expression,
        **({"ExpressionAttributeValues": values} if values else {}),
        **({"ExpressionAttributeNames": names} if names else {}),
    }


def refused(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


OVERLAP = "Two document paths overlap with each other; must remove or rewrite one of these paths; "
CONFLICT = "Two document paths conflict with each other; must remove or rewrite one of these paths; "
OPERAND = "Incorrect operand type for operator or function; "
NUMBER_OF_OPERANDS = "Incorrect number of operands for operator or function; "


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("SET a = :n,", 'Syntax error; token: "<EOF>", near: ","'),
        ("SET a =", 'Syntax error; token: "<EOF>", near: "="'),
        ("SET a :n", 'Syntax error; token: ":n", near: "a :n"'),
        ("SET a = b / c", 'Syntax error; token: "/", near: "b / c"'),
        ("SET a = :n + :n + :n", 'Syntax error; token: "+", near: ":n + :n"'),
        ("ADD a", 'Syntax error; token: "<EOF>", near: "a"'),
        ("ADD a b", 'Syntax error; token: "b", near: "a b"'),
        ("REMOVE a b", 'Syntax error; token: "b", near: "a b"'),
        ("REMOVE a[x]", 'Syntax error; token: "x", near: "[x]"'),
        ("SET a = :n SET b = :n", 'The "SET" section can only be used once in an update expression;'),
        ("ADD x :n SET a = :n ADD y :n", 'The "ADD" section can only be used once in an update expression;'),
        ("SET name = :n", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("REMOVE a.Status", "Attribute name is a reserved keyword; reserved keyword: Status"),
        ("SET a = now(b)", "Invalid function name; function: now"),
        ("SET a = size(b)", "The function is not allowed in an update expression; function: size"),
        ("SET a = :n, a = :n", f"{OVERLAP}path one: [a], path two: [a]"),
        ("SET a = :n REMOVE a", f"{OVERLAP}path one: [a], path two: [a]"),
        ("SET #m.a = :n, #m = :n", f"{OVERLAP}path one: [map, a], path two: [map]"),
        ("SET c[3].d = :n, c[3] = :n", f"{OVERLAP}path one: [c, [3], d], path two: [c, [3]]"),
        ("REMOVE a.c SET a[1] = :n", f"{CONFLICT}path one: [a, c], path two: [a, [1]]"),
        ("SET a = if_not_exists(c)", f"{NUMBER_OF_OPERANDS}operator or function: if_not_exists, number of operands: 1"),
        (
            "SET a = if_not_exists(:n, c)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        ("SET a = list_append(#l, :n)", f"{OPERAND}operator or function: list_append, operand type: N"),
        ("SET a = a - :s", f"{OPERAND}operator or function: -, operand type: S"),
        ("ADD a :s", f"{OPERAND}operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("DELETE a :n", f"{OPERAND}operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
    ],
)
def test_an_expression_that_is_wrong_changes_nothing(dynamodb: Any, table: str, expression: str, reason: str) -> None:
    dynamodb.put_item(TableName=table, Item=ITEM)
    message = f"Invalid UpdateExpression: {reason}"
    update = {"TableName": table, "Key": KEY, **arguments(expression)}
    assert refused(dynamodb.update_item, **update) == message
    assert refused(dynamodb.transact_write_items, TransactItems=[{"Update": update}]) == message
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == ITEM


@pytest.mark.parametrize(
    "expression",
    [
        "SET gone.b = :n",
        "SET gone.b.c = :n",
        "SET #number.b = :n",
        "SET #l.b = :n",
        "SET #m[0] = :n",
        "REMOVE gone.b",
        "ADD gone.b :n",
    ],
)
def test_a_path_leads_through_maps_and_lists_that_are_there(dynamodb: Any, table: str, expression: str) -> None:
    dynamodb.put_item(TableName=table, Item=ITEM)
    assert refused(dynamodb.update_item, TableName=table, Key=KEY, **arguments(expression)) == (
        "The document path provided in the update expression is invalid for update"
    )
    assert dynamodb.get_item(TableName=table, Key=KEY)["Item"] == ITEM


def test_a_failing_condition_comes_before_the_path(dynamodb: Any, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=ITEM)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.update_item(
            TableName=table, Key=KEY, ConditionExpression="attribute_exists(b)", **arguments("SET gone.b = :n")
        )


@pytest.mark.parametrize(
    ("expression", "changed"),
    [
        ("set a = (:n + :n)", {"a": {"N": "4"}}),
        ("SET a = if_not_exists(a, :n) + :n, b = :s", {"a": {"N": "4"}, "b": {"S": "x"}}),
        ("SET #l[1] = :s, #m.b = :n", {"list": {"L": [{"S": "a"}, {"S": "x"}]}}),
        ("SET #l = list_append(#l, :l) ADD seen :set REMOVE #m.a", {"seen": {"SS": ["a"]}, "map": {"M": {}}}),
        ("SET #n = :s REMOVE b, c[0]", {"name": {"S": "x"}}),
    ],
)
def test_right_expressions_are_taken(dynamodb: Any, table: str, expression: str, changed: dict[str, Any]) -> None:
    dynamodb.put_item(TableName=table, Item={**ITEM, "c": {"L": [{"N": "1"}]}})
    given = arguments(expression)
    after = dynamodb.update_item(TableName=table, Key=KEY, ReturnValues="ALL_NEW", **given)["Attributes"]
    assert {name: after[name] for name in changed} == changed


def test_return_values_are_of_a_set(dynamodb: Any, table: str) -> None:
    put = refused(dynamodb.put_item, TableName=table, Item=ITEM, ReturnValues="ALL_NEW")
    assert put == "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"
    update = refused(dynamodb.update_item, TableName=table, Key=KEY, ReturnValues="ALL")
    assert update == (
        "1 validation error detected: Failed to satisfy constraint: "
        "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
    )
