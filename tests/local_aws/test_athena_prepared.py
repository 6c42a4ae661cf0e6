"""Prepared statements, through the API and in SQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.local.athena.prepared import split_values


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def name() -> str:
    return f"st_{uuid.uuid4().hex[:8]}"


def test_a_statement_reads_back_and_changes(athena: Any, name: str) -> None:
    where = {"StatementName": name, "WorkGroup": "primary"}
    athena.api.create_prepared_statement(**where, QueryStatement="SELECT ?", Description="one")
    held = athena.api.get_prepared_statement(**where)["PreparedStatement"]
    held.pop("LastModifiedTime")
    assert held == {
        "StatementName": name,
        "WorkGroupName": "primary",
        "QueryStatement": "SELECT ?",
        "Description": "one",
    }
    athena.api.update_prepared_statement(**where, QueryStatement="SELECT ?, ?")
    held = athena.api.get_prepared_statement(**where)["PreparedStatement"]
    assert (held["QueryStatement"], held["Description"]) == ("SELECT ?, ?", "one")


def test_what_is_missing_or_taken_is_refused(athena: Any, name: str) -> None:
    where = {"StatementName": name, "WorkGroup": "primary"}
    assert refusal(athena.api.get_prepared_statement, **where) == (
        "ResourceNotFoundException",
        f"No Prepared Statement with statement name {name} exists in WorkGroup primary",
    )
    gone = ("ResourceNotFoundException", f"PreparedStatement {name} was not found in WorkGroup primary")
    assert refusal(athena.api.delete_prepared_statement, **where) == gone
    assert refusal(athena.api.update_prepared_statement, **where, QueryStatement="SELECT 1") == gone
    athena.api.create_prepared_statement(**where, QueryStatement="SELECT ?")
    code, message = refusal(athena.api.create_prepared_statement, **where, QueryStatement="SELECT ?")
    assert (code, name in message) == ("InvalidRequestException", True)


@pytest.mark.parametrize("bad", ["1st", "with-hyphen", "a" * 258])
def test_a_name_has_letters_digits_and_few_signs(athena: Any, bad: str) -> None:
    arguments = {"StatementName": bad, "WorkGroup": "primary", "QueryStatement": "SELECT 1"}
    code, message = refusal(athena.api.create_prepared_statement, **arguments)
    assert (code, "'statementName' failed to satisfy constraint" in message) == ("InvalidRequestException", True)


def test_statements_belong_to_their_workgroup(athena: Any, name: str) -> None:
    group = f"prepared-{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(Name=group)
    for number in range(3):
        athena.api.create_prepared_statement(
            StatementName=f"{name}_{number}", WorkGroup=group, QueryStatement="SELECT 1"
        )
    first = athena.api.list_prepared_statements(WorkGroup=group, MaxResults=2)
    rest = athena.api.list_prepared_statements(WorkGroup=group, NextToken=first["NextToken"])
    names = [held["StatementName"] for held in first["PreparedStatements"] + rest["PreparedStatements"]]
    assert names == [f"{name}_{number}" for number in range(3)]
    batch = athena.api.batch_get_prepared_statement(WorkGroup=group, PreparedStatementNames=[f"{name}_0", "missing"])
    assert [held["StatementName"] for held in batch["PreparedStatements"]] == [f"{name}_0"]
    assert [held["StatementName"] for held in batch["UnprocessedPreparedStatementNames"]] == ["missing"]


def test_a_statement_is_prepared_executed_and_deallocated_in_sql(athena: Any, name: str) -> None:
    prepared = athena.succeed(f"PREPARE {name} FROM SELECT ? AS a, ? AS b")
    assert (prepared["StatementType"], prepared["SubstatementType"]) == ("UTILITY", "PREPARE")
    held = athena.api.get_prepared_statement(StatementName=name, WorkGroup="primary")["PreparedStatement"]
    assert held["QueryStatement"] == "SELECT ? AS a, ? AS b"
    executed = athena.succeed(f"EXECUTE {name} USING 5, 'x,y'")
    assert (executed["StatementType"], executed["SubstatementType"]) == ("DML", "EXECUTE")
    assert executed["Query"] == f"EXECUTE {name} USING 5, 'x,y'"
    assert executed["ResultConfiguration"]["OutputLocation"].endswith(".csv")
    assert athena.rows(f"EXECUTE {name} USING 5, 'x,y'") == [["5", "x,y"]]
    assert athena.rows(f"EXECUTE {name}", ExecutionParameters=["1 + 1", "'z'"]) == [["2", "z"]]
    gone = athena.succeed(f"DEALLOCATE PREPARE {name}")
    assert gone["StatementType"] == "UTILITY"
    assert refusal(athena.api.get_prepared_statement, StatementName=name, WorkGroup="primary")[0] == (
        "ResourceNotFoundException"
    )


def test_too_few_values_fail_the_query(athena: Any, name: str) -> None:
    athena.api.create_prepared_statement(
        StatementName=name, WorkGroup="primary", QueryStatement="SELECT ? AS a, ? AS b"
    )
    status = athena.run(f"EXECUTE {name} USING 5")["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"] == (
        "INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 2 but found 1"
    )
    assert status["AthenaError"]["ErrorType"] == 1100


def test_preparing_a_name_again_replaces_the_statement(athena: Any, name: str) -> None:
    athena.succeed(f"PREPARE {name} FROM SELECT 1 AS a")
    athena.succeed(f"PREPARE {name} FROM SELECT 2 AS a")
    assert athena.rows(f"EXECUTE {name}") == [["2"]]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("1", ["1"]),
        ("1, 'a,b', ARRAY[1, 2], f(3, 4)", ["1", "'a,b'", "ARRAY[1, 2]", "f(3, 4)"]),
        ("'it''s', -1.5", ["'it''s'", "-1.5"]),
    ],
)
def test_values_are_parted_at_top_level_commas(text: str, values: list[str]) -> None:
    assert split_values(text) == values
