"""A query from StartQueryExecution to its end, and what the API shows on the way."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

# Long enough to be seen running and to be stopped; the local engine needs minutes for it.
ENDLESS = (
    "SELECT count(*) FROM UNNEST(sequence(1, 40000)) a(x) CROSS JOIN UNNEST(sequence(1, 40000)) b(y) "
    "CROSS JOIN UNNEST(sequence(1, 40000)) c(z) WHERE (x * y + z) % 7 = 3"
)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer.get("AthenaErrorCode", "")


def wait_until_running(athena: Any, query_id: str) -> None:
    for _ in range(1000):
        state = athena.api.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
        if state != "QUEUED":
            return
    raise AssertionError("The query does not leave its queue")


def test_a_query_that_succeeds_shows_all_that_aws_shows(athena: Any) -> None:
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=1)
    execution = athena.succeed(
        "  SELECT 1 AS one;  ", QueryExecutionContext={"Catalog": "AwsDataCatalog", "Database": "Default"}
    )
    query_id = execution["QueryExecutionId"]
    assert str(uuid.UUID(query_id)) == query_id
    assert execution["Query"] == "SELECT 1 AS one"
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "SELECT")
    assert execution["ResultConfiguration"] == {"OutputLocation": f"{athena.output}{query_id}.csv"}
    assert execution["ResultReuseConfiguration"] == {"ResultReuseByAgeConfiguration": {"Enabled": False}}
    assert execution["QueryExecutionContext"] == {"Catalog": "awsdatacatalog", "Database": "Default"}
    assert execution["WorkGroup"] == "primary"
    assert execution["EngineVersion"] == {
        "SelectedEngineVersion": "AUTO",
        "EffectiveEngineVersion": "Athena engine version 3",
    }
    status = execution["Status"]
    assert before <= status["SubmissionDateTime"] <= status["CompletionDateTime"]
    assert "StateChangeReason" not in status
    assert "AthenaError" not in status
    statistics = execution["Statistics"]
    assert statistics["DataScannedInBytes"] == 0
    assert statistics["ResultReuseInformation"] == {"ReusedPreviousResult": False}
    parts = ("QueryQueueTimeInMillis", "EngineExecutionTimeInMillis", "ServiceProcessingTimeInMillis")
    assert abs(statistics["TotalExecutionTimeInMillis"] - sum(statistics[part] for part in parts)) <= 3
    assert {"QueryPlanningTimeInMillis", "ServicePreProcessingTimeInMillis"} <= set(statistics)


def test_a_query_that_fails_says_why(athena: Any) -> None:
    execution = athena.run("SELECT 1 / 0")
    status = execution["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("DIVISION_BY_ZERO")
    assert status["AthenaError"] == {
        "ErrorCategory": 2,
        "ErrorType": 1001,
        "Retryable": False,
        "ErrorMessage": status["StateChangeReason"],
    }
    query_id = execution["QueryExecutionId"]
    assert refusal(athena.api.get_query_results, QueryExecutionId=query_id) == (
        "InvalidRequestException",
        "Query did not finish successfully. Final query state: FAILED",
        "INVALID_QUERY_EXECUTION_STATE",
    )
    assert not [key for key in athena.objects() if query_id in key]


def test_a_query_can_be_stopped(athena: Any) -> None:
    query_id = athena.start(ENDLESS)
    wait_until_running(athena, query_id)
    code, message, reason = refusal(athena.api.get_query_results, QueryExecutionId=query_id)
    assert (code, message, reason) == (
        "InvalidRequestException",
        "Query has not yet finished. Current state: RUNNING",
        "INVALID_QUERY_EXECUTION_STATE",
    )
    athena.api.stop_query_execution(QueryExecutionId=query_id)
    status = athena.wait(query_id, seconds=10)["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert "AthenaError" not in status
    assert refusal(athena.api.get_query_results, QueryExecutionId=query_id) == (
        "InvalidRequestException",
        "Could not find results",
        "RESULT_NOT_FOUND",
    )


def test_stopped_queries_make_room_for_others(athena: Any) -> None:
    endless = [athena.start(ENDLESS) for _ in range(6)]
    waiting = athena.start("SELECT 1")
    state = athena.api.get_query_execution(QueryExecutionId=waiting)["QueryExecution"]["Status"]["State"]
    assert state == "QUEUED"
    for query_id in endless:
        athena.api.stop_query_execution(QueryExecutionId=query_id)
    assert athena.wait(waiting)["Status"]["State"] == "SUCCEEDED"


def test_stopping_a_query_that_has_ended_changes_nothing(athena: Any) -> None:
    query_id = athena.succeed("SELECT 1")["QueryExecutionId"]
    athena.api.stop_query_execution(QueryExecutionId=query_id)
    assert athena.wait(query_id)["Status"]["State"] == "SUCCEEDED"
    assert len(athena.api.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]) == 2


def test_the_same_token_is_the_same_query(athena: Any) -> None:
    token = uuid.uuid4().hex
    first = athena.start("SELECT 1", ClientRequestToken=token)
    assert athena.start("SELECT 1", ClientRequestToken=token) == first
    expected = ("InvalidRequestException", "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
    assert refusal(athena.start, sql="SELECT 2", ClientRequestToken=token) == expected
    database = {"Database": "other"}
    changed = {"sql": "SELECT 1", "ClientRequestToken": token, "QueryExecutionContext": database}
    assert refusal(athena.start, **changed) == expected


def test_without_an_output_location_nothing_runs(athena: Any) -> None:
    assert refusal(athena.api.start_query_execution, QueryString="SELECT 1") == (
        "InvalidRequestException",
        "No output location provided. An output location is required either through the Workgroup result "
        "configuration setting or as an API input.",
        "INVALID_INPUT",
    )


@pytest.mark.parametrize("location", ["bucket/folder", "https://bucket/x", "s3://", "s3:///x"])
def test_an_output_location_must_be_an_s3_path(athena: Any, location: str) -> None:
    assert refusal(athena.start, sql="SELECT 1", ResultConfiguration={"OutputLocation": location}) == (
        "InvalidRequestException",
        "outputLocation is not a valid S3 path.",
        "INVALID_INPUT",
    )


def test_an_output_bucket_that_does_not_exist_fails_the_query(athena: Any) -> None:
    status = athena.run("SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket-here/x/"})["Status"]
    assert status["State"] == "FAILED"
    assert "The specified bucket does not exist" in status["StateChangeReason"]
    assert status["AthenaError"]["ErrorType"] == 401


def test_an_output_location_needs_no_slash_at_its_end(athena: Any) -> None:
    location = athena.output.rstrip("/")
    execution = athena.succeed("SELECT 1", ResultConfiguration={"OutputLocation": location})
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{location}/{execution['QueryExecutionId']}.csv"


def test_a_query_that_nobody_knows(athena: Any) -> None:
    for call in (athena.api.get_query_execution, athena.api.get_query_results, athena.api.stop_query_execution):
        assert refusal(call, QueryExecutionId="abc") == (
            "InvalidRequestException",
            "QueryExecution abc was not found",
            "QUERY_EXECUTION_NOT_FOUND",
        )


def test_a_batch_tells_known_from_unknown(athena: Any) -> None:
    known = [athena.start("SELECT 1"), athena.start("SELECT 2")]
    answer = athena.api.batch_get_query_execution(QueryExecutionIds=[*known, "unknown"])
    assert [execution["QueryExecutionId"] for execution in answer["QueryExecutions"]] == known
    assert answer["UnprocessedQueryExecutionIds"] == [
        {
            "QueryExecutionId": "unknown",
            "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
            "ErrorMessage": "QueryExecution unknown was not found",
        }
    ]


@pytest.mark.parametrize(("count", "refused"), [(50, False), (51, True)])
def test_a_batch_has_at_most_fifty_ids(athena: Any, count: int, refused: bool) -> None:
    ids = [f"id-{number}" for number in range(count)]
    if refused:
        message = refusal(athena.api.batch_get_query_execution, QueryExecutionIds=ids)[1]
        assert "Member must have length less than or equal to 50" in message
    else:
        answer = athena.api.batch_get_query_execution(QueryExecutionIds=ids)
        assert len(answer["UnprocessedQueryExecutionIds"]) == count


def test_queries_are_listed_by_workgroup_the_latest_first(athena: Any) -> None:
    group = f"list-{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(Name=group, Configuration={"ResultConfiguration": {"OutputLocation": athena.output}})
    ids = [athena.start("SELECT 1", WorkGroup=group) for _ in range(5)]
    pages = athena.api.get_paginator("list_query_executions").paginate(
        WorkGroup=group, PaginationConfig={"PageSize": 2}
    )
    assert [page["QueryExecutionIds"] for page in pages] == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert not set(ids) & set(athena.api.list_query_executions()["QueryExecutionIds"])
    assert refusal(athena.api.list_query_executions, WorkGroup="nope")[1] == "WorkGroup is not found."


def test_parameters_are_shown(athena: Any) -> None:
    execution = athena.succeed("SELECT ? AS a, ? AS b", ExecutionParameters=["1", "'x'"])
    assert execution["Query"] == "SELECT ? AS a, ? AS b"
    assert execution["ExecutionParameters"] == ["1", "'x'"]


@pytest.mark.parametrize(("length", "refused"), [(1024, False), (1025, True)])
def test_a_parameter_has_at_most_1024_characters(athena: Any, length: int, refused: bool) -> None:
    value = "'" + "x" * (length - 2) + "'"
    if refused:
        message = refusal(athena.start, sql="SELECT ? AS a", ExecutionParameters=[value])[1]
        assert "Member must have length less than or equal to 1024" in message
    else:
        assert athena.rows("SELECT ? AS a", ExecutionParameters=[value]) == [["x" * 1022]]


def test_runtime_statistics_tell_times_and_rows(athena: Any) -> None:
    query_id = athena.succeed("SELECT * FROM (VALUES 1, 2, 3) AS t(a)")["QueryExecutionId"]
    statistics = athena.api.get_query_runtime_statistics(QueryExecutionId=query_id)["QueryRuntimeStatistics"]
    assert statistics["Rows"]["OutputRows"] == 3
    assert statistics["Timeline"]["TotalExecutionTimeInMillis"] >= 0
