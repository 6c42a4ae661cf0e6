"""Filter patterns of CloudWatch Logs, by the examples of AWS's documentation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json

import pytest

from helpers.local.aws_error import AwsError
from helpers.local.logs.filter_pattern import compiled

LINES = ("[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[ERROR 419] MISSING ARGUMENTS", "[INFO] fine")
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
DOCUMENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "123.123.1.9",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "ThisFlag": True,
        "errorCode": 400,
        "errorMessage": "User does not exist",
    }
)


@pytest.mark.parametrize(
    ("pattern", "numbers"),
    [
        ("", [0, 1, 2, 3]),
        (" ", [0, 1, 2, 3]),
        ("ERROR", [0, 1, 2]),
        ("error", []),
        ("ERROR REQUEST", [0, 1]),
        ('"BAD REQUEST"', [0]),
        ("?UNAUTHORIZED ?MISSING", [1, 2]),
        ("ERROR -400", [1, 2]),
        ("-ERROR", [3]),
        ("?MISSING BAD", [0]),
        ("%4[01][09]%", [0, 2]),
        ('"[ERROR 4"', [0, 1, 2]),
    ],
)
def test_terms(pattern: str, numbers: list[int]) -> None:
    matches = compiled(pattern)
    assert [i for i, line in enumerate(LINES) if matches(line)] == numbers


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        "{ $.eventType = UpdateTrail }",
        '{ $.eventType = "Update*" }',
        '{ $.sourceIPAddress != "1.1.1.1" }',
        "{ $.sourceIPAddress = 123.123.* }",
        '{ $.arrayKey[0] = "value" }',
        '{ $.arrayKey[*] = "another value" }',
        "{ $.objectList[1].id = 2 }",
        "{ $.SomeObject IS NULL }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.errorCode EXISTS }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.errorCode >= 400 && $.errorCode < 500 }",
        "{ $.errorCode = 4e2 }",
        '{ ($.errorCode = 1 || $.errorCode = 400) && ($.errorMessage = "User*") }',
        "{ $.errorMessage = %does not% }",
        "{ $.errorCode = * }",
        "{ $['eventType'] = UpdateTrail }",
    ],
)
def test_json_selectors_that_match(pattern: str) -> None:
    assert compiled(pattern)(DOCUMENT)
    assert not compiled(pattern)("plain text")


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "updatetrail" }',
        '{ $.eventType != "UpdateTrail" }',
        '{ $.missing != "UpdateTrail" }',
        "{ $.errorCode > 400 }",
        "{ $.errorMessage > 1 }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.errorCode = 400 && $.ThisFlag IS FALSE }",
        "{ $.missing = * }",
        "{ $.objectList[2].id = 2 }",
    ],
)
def test_json_selectors_that_do_not_match(pattern: str) -> None:
    assert not compiled(pattern)(DOCUMENT)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", True),
        ("[ip, user, username, timestamp, request, status_code = 2*, bytes]", False),
        ("[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code >= 400 && status_code < 404, bytes]", False),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*]", False),
        ("[..., request = *html*, status_code = 4*, bytes]", True),
        ("[ip = %127%, ..., bytes]", True),
        ("[ip, ..., bytes < 1000]", False),
        ("[]", True),
    ],
)
def test_columns(pattern: str, expected: bool) -> None:
    assert compiled(pattern)(ACCESS) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = ",
        "{ $.a }",
        "{ $.a = 1 & }",
        '"open',
        "[a, b",
        "[..., a, ...]",
        "{ $.a > x }",
        "%(%",
        "{ $.a = %[% }",
        "{ " + "(" * 1000,
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(AwsError) as caught:
        compiled(pattern)
    assert (caught.value.code, caught.value.message) == ("InvalidParameterException", "Invalid filter pattern")


def test_terms_with_other_characters_stand_in_quotation_marks() -> None:
    with pytest.raises(AwsError) as caught:
        compiled("GET /index.html")
    assert caught.value.message == "Invalid character(s) in term '/index.html'"


def test_a_message_nested_without_end_is_no_json() -> None:
    assert not compiled("{ $.a = 1 }")("[" * 200_000)
