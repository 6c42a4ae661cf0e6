"""Query result reuse: what is answered from the stored result, and what runs again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

REUSE = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}


def reused(execution: dict[str, Any]) -> bool:
    answer: bool = execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"]
    return answer


@pytest.fixture
def sql() -> str:
    """A query that no other test has asked."""
    return f"SELECT '{uuid.uuid4().hex}' AS a"


def test_the_same_query_is_answered_from_the_stored_result(athena: Any, sql: str) -> None:
    first = athena.succeed(sql, ResultReuseConfiguration=REUSE)
    second = athena.succeed(sql, ResultReuseConfiguration=REUSE)
    assert (reused(first), reused(second)) == (False, True)
    assert second["ResultReuseConfiguration"] == REUSE
    assert second["QueryExecutionId"] != first["QueryExecutionId"]
    assert second["ResultConfiguration"] == first["ResultConfiguration"]
    assert second["Statistics"]["DataScannedInBytes"] == 0
    rows = [
        athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
        for execution in (first, second)
    ]
    assert rows[0] == rows[1]


def test_a_query_that_does_not_ask_for_it_runs(athena: Any, sql: str) -> None:
    athena.succeed(sql)
    assert not reused(athena.succeed(sql))


@pytest.mark.parametrize(
    "change",
    [
        {"QueryExecutionContext": {"Database": "other"}},
        {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}},
        {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}}},
    ],
)
def test_another_context_or_no_age_at_all_runs_again(athena: Any, sql: str, change: dict[str, Any]) -> None:
    athena.succeed(sql)
    assert not reused(athena.succeed(sql, **{"ResultReuseConfiguration": REUSE, **change}))


def test_another_output_location_runs_again(athena: Any, sql: str) -> None:
    athena.succeed(sql)
    elsewhere = {"OutputLocation": f"s3://{athena.bucket}/elsewhere/"}
    assert not reused(athena.succeed(sql, ResultReuseConfiguration=REUSE, ResultConfiguration=elsewhere))


def test_another_workgroup_runs_again(athena: Any, sql: str) -> None:
    group = f"reuse-{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(Name=group)
    athena.succeed(sql)
    assert not reused(athena.succeed(sql, ResultReuseConfiguration=REUSE, WorkGroup=group))


def test_other_parameters_run_again(athena: Any) -> None:
    sql = f'SELECT ? AS "{uuid.uuid4().hex}"'
    athena.succeed(sql, ExecutionParameters=["1"])
    assert not reused(athena.succeed(sql, ExecutionParameters=["2"], ResultReuseConfiguration=REUSE))
    assert reused(athena.succeed(sql, ExecutionParameters=["1"], ResultReuseConfiguration=REUSE))


def test_a_result_that_was_deleted_is_made_anew(athena: Any, sql: str) -> None:
    first = athena.succeed(sql)
    key = first["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{athena.bucket}/")
    athena.s3.delete_object(Bucket=athena.bucket, Key=key)
    assert not reused(athena.succeed(sql, ResultReuseConfiguration=REUSE))


def test_a_failed_query_is_not_reused(athena: Any) -> None:
    sql = f'SELECT 1 / 0 AS "{uuid.uuid4().hex}"'
    athena.run(sql)
    execution = athena.run(sql, ResultReuseConfiguration=REUSE)
    assert execution["Status"]["State"] == "FAILED"


def test_what_is_no_select_is_not_reused(athena: Any) -> None:
    athena.succeed("SHOW DATABASES")
    assert not reused(athena.succeed("SHOW DATABASES", ResultReuseConfiguration=REUSE))
