"""Waiting ends with what was waited for, or with one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.waiting import TookTooLongError, once_the_role_is_known, until


def test_it_asks_until_the_answer_is_something() -> None:
    answers, pauses = iter([[], [], ["found"]]), list[float]()
    assert until(lambda: next(answers), "it", 60, pause_seconds=0.5, sleep=pauses.append) == ["found"]
    assert pauses == [0.5, 1.0]


def test_pauses_grow_to_two_seconds() -> None:
    answers, pauses = iter([0, 0, 0, 0, 1]), list[float]()
    until(lambda: next(answers), "it", 60, pause_seconds=0.8, sleep=pauses.append)
    assert pauses == [0.8, 1.6, 2.0, 2.0]


def test_it_gives_up_with_a_sentence() -> None:
    with pytest.raises(TookTooLongError, match="Waited 0 s for the mail, in vain"):
        until(lambda: False, "the mail", 0)


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateFunction")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameterValueException", "The role defined for the function cannot be assumed"),
        ("InvalidArgumentException", "Firehose is unable to assume role arn:aws:iam::1:role/x."),
        ("InvalidArgumentException", "Role arn:aws:iam::1:role/x is not authorized to perform DescribeStream"),
        (
            "InvalidArgumentException",
            "Kinesis Analytics service doesn't have sufficient privileges to assume the role arn:aws:iam::1:role/x.",
        ),
        ("InvalidInputException", "Service is unable to assume provided role."),
    ],
)
def test_a_role_that_is_too_new_is_tried_again(code: str, message: str) -> None:
    refusals = [refusal(code, message)] * 2
    pauses = list[float]()

    def create(**arguments: Any) -> dict[str, Any]:
        if refusals:
            raise refusals.pop()
        return arguments

    assert once_the_role_is_known(create, sleep=pauses.append, FunctionName="f") == {"FunctionName": "f"}
    assert pauses == [2.0, 2.0]


@pytest.mark.parametrize(
    "error",
    [refusal("InvalidParameterValueException", "Unzipped size"), refusal("ResourceConflictException", "the role")],
)
def test_other_refusals_are_not_waited_for(error: ClientError) -> None:
    def create() -> None:
        raise error

    with pytest.raises(ClientError) as caught:
        once_the_role_is_known(create)
    assert caught.value is error
