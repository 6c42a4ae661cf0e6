"""Athena's JSON protocol: what is no valid request is refused in AWS's words."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

CREDENTIAL = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/athena/aws4_request, SignedHeaders=host, Signature=0"


@pytest.fixture(scope="module")
def send(local_aws: str) -> Any:
    def post(action: str, body: bytes | dict[str, Any]) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(
            local_aws,
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            {
                "X-Amz-Target": action if "." in action else f"AmazonAthena.{action}",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": CREDENTIAL,
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return post


@pytest.mark.parametrize("action", ["Nope", "getWorkGroup", "AmazonAthena.StartQueryexecution"])
def test_an_operation_that_athena_does_not_have(send: Any, action: str) -> None:
    status, answer = send(action, {})
    assert (status, answer["__type"]) == (400, "UnknownOperationException")


def test_an_operation_that_only_aws_has_is_refused_by_name(send: Any) -> None:
    status, answer = send("ListCapacityReservations", {})
    assert (status, answer["__type"]) == (400, "InvalidRequestException")
    assert "The local AWS has no ListCapacityReservations" in answer["Message"]


@pytest.mark.parametrize("body", [b"{", b"", b"null", b'"x"'])
def test_a_body_that_is_no_json_object(send: Any, body: bytes) -> None:
    status, answer = send("GetQueryExecution", body)
    assert status == 400
    assert answer["__type"] in ("SerializationException", "InvalidRequestException")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"QueryExecutionId": 1}, "NUMBER_VALUE can not be converted to a String"),
        ({"QueryExecutionId": True}, "TRUE_VALUE can not be converted to a String"),
        ({"QueryExecutionId": "x", "MaxResults": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ([], "Start of list found where not expected"),
    ],
)
def test_a_member_of_the_wrong_type(send: Any, body: Any, message: str) -> None:
    status, answer = send("GetQueryResults", json.dumps(body).encode())
    assert (status, answer["__type"], answer["Message"]) == (400, "SerializationException", message)
    assert "AthenaErrorCode" not in answer


@pytest.mark.parametrize(
    ("action", "body", "message"),
    [
        (
            "GetQueryExecution",
            {},
            "1 validation error detected: Value null at 'queryExecutionId' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "GetQueryResults",
            {"QueryExecutionId": "x", "NextToken": "", "MaxResults": 0},
            "2 validation errors detected: Value at 'nextToken' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1; Value at 'maxResults' failed to satisfy constraint: Member "
            "must have value greater than or equal to 1",
        ),
        (
            "StartQueryExecution",
            {"QueryString": "SELECT 1", "ClientRequestToken": "x" * 31},
            "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: "
            "Member must have length greater than or equal to 32",
        ),
        (
            "StartQueryExecution",
            {"QueryString": "SELECT 1", "WorkGroup": "no spaces"},
            "1 validation error detected: Value 'no spaces' at 'workGroup' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}",
        ),
        (
            "UpdateWorkGroup",
            {"WorkGroup": "primary", "State": "OFF"},
            "1 validation error detected: Value 'OFF' at 'state' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ENABLED, DISABLED]",
        ),
    ],
)
def test_violated_constraints_are_named(send: Any, action: str, body: dict[str, Any], message: str) -> None:
    status, answer = send(action, body)
    assert (status, answer["__type"], answer["Message"]) == (400, "InvalidRequestException", message)
    assert answer["AthenaErrorCode"] == answer["ErrorCode"] == "INVALID_INPUT"


def test_members_that_are_null_or_unknown_do_not_matter(send: Any) -> None:
    status, answer = send("ListWorkGroups", {"NextToken": None, "Whatever": 1})
    assert status == 200
    assert "primary" in [group["Name"] for group in answer["WorkGroups"]]


@pytest.mark.parametrize(("size", "refused"), [(262_144, False), (262_145, True)])
def test_a_query_string_may_have_256_kib(send: Any, size: int, refused: bool) -> None:
    sql = "SELECT 1 --"
    status, answer = send("StartQueryExecution", {"QueryString": sql + "x" * (size - len(sql))})
    too_long = "Member must have length less than or equal to 262144"
    assert status == 400  # even the shorter one lacks an output location
    assert (too_long in answer["Message"]) is refused


def test_the_limit_of_a_query_string_is_in_bytes(send: Any) -> None:
    _, answer = send("StartQueryExecution", {"QueryString": "SELECT '" + "é" * 131_080 + "'"})
    assert "Member must have length less than or equal to 262144" in answer["Message"]
