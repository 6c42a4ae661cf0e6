"""Result files in S3, and the same rows as GetQueryResults gives them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.local.athena.result_metadata import decode


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer.get("AthenaErrorCode", "")


@pytest.fixture(scope="module")
def database(client: Callable[[str], Any]) -> str:
    name = f"results_{uuid.uuid4().hex[:8]}"
    client("glue").create_database(DatabaseInput={"Name": name})
    return name


def test_a_select_leaves_a_csv_with_every_value_quoted(athena: Any) -> None:
    execution = athena.succeed(
        "SELECT 1 AS i, 'it''s' AS s, 'a\"b' AS q, CAST(NULL AS varchar) AS n, '' AS empty, "
        "'two\nlines' AS l, 'a,b' AS c, true AS t, ARRAY[1, 2] AS a"
    )
    uri = execution["ResultConfiguration"]["OutputLocation"]
    assert athena.body(uri).decode() == (
        '"i","s","q","n","empty","l","c","t","a"\n"1","it\'s","a""b",,"","two\nlines","a,b","true","[1, 2]"\n'
    )
    described = decode(athena.body(f"{uri}.metadata"))
    assert [(column.name, column.type) for column in described.columns][:4] == [
        ("i", "integer"),
        ("s", "varchar"),
        ("q", "varchar"),
        ("n", "varchar"),
    ]
    row = athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]["Rows"][1]
    assert row["Data"] == [
        {"VarCharValue": "1"},
        {"VarCharValue": "it's"},
        {"VarCharValue": 'a"b'},
        {},
        {"VarCharValue": ""},
        {"VarCharValue": "two\nlines"},
        {"VarCharValue": "a,b"},
        {"VarCharValue": "true"},
        {"VarCharValue": "[1, 2]"},
    ]


def test_a_select_shows_its_header_first_and_counts_no_update(athena: Any) -> None:
    query_id = athena.succeed("SELECT 1 AS a, 'x' AS \"Mixed\", 2")["QueryExecutionId"]
    answer = athena.api.get_query_results(QueryExecutionId=query_id)
    assert [datum["VarCharValue"] for datum in answer["ResultSet"]["Rows"][0]["Data"]] == ["a", "Mixed", "_col2"]
    assert answer["UpdateCount"] == 0
    names = [column["Name"] for column in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert names == ["a", "Mixed", "_col2"]


def test_an_empty_result_still_has_its_header_and_columns(athena: Any) -> None:
    execution = athena.succeed("SELECT 1 AS a WHERE false")
    assert athena.body(execution["ResultConfiguration"]["OutputLocation"]) == b'"a"\n'
    answer = athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert answer["ResultSet"]["Rows"] == [{"Data": [{"VarCharValue": "a"}]}]
    assert [column["Type"] for column in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["integer"]


def test_a_null_alone_in_its_row_reads_back(athena: Any) -> None:
    rows = athena.rows("SELECT x FROM (VALUES CAST(NULL AS varchar), '', 'x') AS t(x)")
    assert sorted(rows, key=str) == [[""], ["x"], [None]]


@pytest.fixture(scope="module")
def numbers(athena: Any) -> str:
    """Id of a query of 2500 rows."""
    sql = "SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n"
    query_id: str = athena.succeed(sql)["QueryExecutionId"]
    return query_id


def test_rows_come_in_pages_of_a_thousand_with_the_header(athena: Any, numbers: str) -> None:
    pages = list(athena.api.get_paginator("get_query_results").paginate(QueryExecutionId=numbers))
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert values == ["n", *map(str, range(1, 2501))]
    assert all(page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"] for page in pages)


@pytest.mark.parametrize(("size", "rows"), [(1, 1), (1000, 1000)])
def test_a_page_may_have_up_to_a_thousand_rows(athena: Any, numbers: str, size: int, rows: int) -> None:
    answer = athena.api.get_query_results(QueryExecutionId=numbers, MaxResults=size)
    assert len(answer["ResultSet"]["Rows"]) == rows


def test_a_page_of_more_than_a_thousand_rows_is_refused(athena: Any, numbers: str) -> None:
    assert refusal(athena.api.get_query_results, QueryExecutionId=numbers, MaxResults=1001) == (
        "InvalidRequestException",
        "MaxResults is more than maximum allowed length 1000",
        "INVALID_INPUT",
    )


def test_a_full_page_has_a_token_even_if_nothing_is_left(athena: Any) -> None:
    query_id = athena.succeed("SELECT * FROM (VALUES 1, 2) AS t(a)")["QueryExecutionId"]
    first = athena.api.get_query_results(QueryExecutionId=query_id, MaxResults=3)
    assert len(first["ResultSet"]["Rows"]) == 3
    last = athena.api.get_query_results(QueryExecutionId=query_id, MaxResults=3, NextToken=first["NextToken"])
    assert last["ResultSet"]["Rows"] == []
    assert "NextToken" not in last


def test_a_token_that_athena_did_not_give_is_refused(athena: Any, numbers: str) -> None:
    assert refusal(athena.api.get_query_results, QueryExecutionId=numbers, NextToken="nope") == (
        "InvalidRequestException",
        "Malformed nextPageToken nope",
        "INVALID_INPUT",
    )


def test_results_that_were_deleted_cannot_be_had(athena: Any) -> None:
    execution = athena.succeed("SELECT 1 AS a")
    key = execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{athena.bucket}/")
    athena.s3.delete_object(Bucket=athena.bucket, Key=key)
    query_id = execution["QueryExecutionId"]
    assert refusal(athena.api.get_query_results, QueryExecutionId=query_id)[2] == "RESULT_NOT_FOUND"


def test_ddl_leaves_an_empty_text_and_no_rows(athena: Any, database: str) -> None:
    execution = athena.succeed(f"CREATE DATABASE {database}_more")
    query_id = execution["QueryExecutionId"]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_DATABASE")
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{athena.output}{query_id}.txt"
    assert athena.body(f"{athena.output}{query_id}.txt") == b""
    answer = athena.api.get_query_results(QueryExecutionId=query_id)
    assert answer["ResultSet"] == {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}
    assert "UpdateCount" not in answer


def test_show_leaves_lines_without_a_header(athena: Any, database: str) -> None:
    for table in ("b", "a"):
        athena.succeed(
            f"CREATE EXTERNAL TABLE {database}.{table} (i int) LOCATION 's3://{athena.bucket}/data/{table}/'"
        )
    execution = athena.succeed(f"SHOW TABLES IN {database}")
    assert execution["StatementType"] == "UTILITY"
    assert athena.body(execution["ResultConfiguration"]["OutputLocation"]) == b"a\nb"
    answer = athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert answer["ResultSet"]["Rows"] == [{"Data": [{"VarCharValue": name}]} for name in ("a", "b")]
    assert answer["UpdateCount"] == 0
    column = answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]
    assert (column["Name"], column["Type"], column["Precision"]) == ("tab_name", "string", 0)


def test_create_table_as_leaves_a_manifest_in_tables(athena: Any, database: str) -> None:
    execution = athena.succeed(
        f"CREATE TABLE {database}.made WITH (format = 'PARQUET') AS SELECT * FROM (VALUES 1, 2, 3) AS t(a)"
    )
    query_id = execution["QueryExecutionId"]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{athena.output}tables/{query_id}"
    manifest = execution["Statistics"]["DataManifestLocation"]
    assert manifest == f"{athena.output}tables/{query_id}-manifest.csv"
    written = athena.body(manifest).decode().splitlines()
    assert written
    for uri in written:
        assert athena.body(uri)[:4] == b"PAR1"
    described = decode(athena.body(f"{athena.output}tables/{query_id}.metadata"))
    assert (described.update_type, described.update_count) == ("CREATE TABLE", 3)
    answer = athena.api.get_query_results(QueryExecutionId=query_id)
    assert answer["UpdateCount"] == 3
    assert answer["ResultSet"]["Rows"] == []
    assert [column["Name"] for column in answer["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["rows"]
    listed = athena.api.get_query_results(QueryExecutionId=query_id, QueryResultType="DATA_MANIFEST")
    assert [row["Data"][0]["VarCharValue"] for row in listed["ResultSet"]["Rows"]] == written


def test_an_insert_leaves_a_manifest_beside_the_results(athena: Any, database: str) -> None:
    where = f"s3://{athena.bucket}/data/inserted/"
    athena.succeed(f"CREATE EXTERNAL TABLE {database}.inserted (a int) STORED AS PARQUET LOCATION '{where}'")
    execution = athena.succeed(f"INSERT INTO {database}.inserted VALUES 1, 2")
    query_id = execution["QueryExecutionId"]
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "INSERT")
    assert execution["ResultConfiguration"]["OutputLocation"] == f"{athena.output}{query_id}"
    written = athena.body(f"{athena.output}{query_id}-manifest.csv").decode().splitlines()
    assert written and all(uri.startswith(where) for uri in written)
    assert athena.api.get_query_results(QueryExecutionId=query_id)["UpdateCount"] == 2
    assert athena.rows(f"SELECT sum(a) FROM {database}.inserted") == [["3"]]


def test_an_unload_leaves_a_manifest_and_no_rows(athena: Any) -> None:
    where = f"s3://{athena.bucket}/unloaded/"
    execution = athena.succeed(f"UNLOAD (SELECT 1 AS a) TO '{where}' WITH (format = 'PARQUET')")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "UNLOAD")
    query_id = execution["QueryExecutionId"]
    assert execution["Statistics"]["DataManifestLocation"] == f"{athena.output}{query_id}-manifest.csv"
    written = athena.body(f"{athena.output}{query_id}-manifest.csv").decode().splitlines()
    assert written and all(uri.startswith(where) for uri in written)


def test_a_manifest_is_had_only_of_statements_that_write(athena: Any, numbers: str) -> None:
    arguments = {"QueryExecutionId": numbers, "QueryResultType": "DATA_MANIFEST"}
    assert refusal(athena.api.get_query_results, **arguments)[0] == "InvalidRequestException"
