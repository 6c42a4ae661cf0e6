"""awswrangler.athena on tables: CTAS, UNLOAD, DESCRIBE, SHOW, repair, prepared statements, history."""

from __future__ import annotations

import uuid
from typing import Any

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def table(wr: Any, lake: Any) -> str:
    frame = pd.DataFrame({"id": [1, 2, 3], "name": ["a", "b", None], "par": ["x", "x", "y"]})
    wr.s3.to_parquet(
        frame,
        path=lake.path("shop"),
        dataset=True,
        database=lake.database,
        table="shop",
        partition_cols=["par"],
        glue_table_settings={"columns_comments": {"id": "the id"}},
    )
    return "shop"


@pytest.fixture
def where(lake: Any) -> dict[str, Any]:
    return {"database": lake.database, "s3_output": lake.path("queries")}


def test_describe_agrees_with_the_catalog(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    described = wr.athena.describe_table(table=table, **where)
    assert described.to_dict() == wr.catalog.table(database=lake.database, table=table).to_dict()


def test_show_create_table(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    text = wr.athena.show_create_table(table=table, **where)
    head, _, tail = text.partition("LOCATION")
    assert head == (
        f"CREATE EXTERNAL TABLE `{table}`( `id` bigint COMMENT 'the id', `name` string) "
        "PARTITIONED BY ( `par` string) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' "
        "STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' "
        "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat' "
    )
    assert lake.path("shop").rstrip("/") in tail


def test_repair_finds_new_partitions(wr: Any, lake: Any, where: dict[str, Any]) -> None:
    frame = pd.DataFrame({"id": [1, 2], "day": ["2020-01-01", "2020-01-02"]})
    wr.s3.to_parquet(frame, path=lake.path("repair"), dataset=True, partition_cols=["day"])
    wr.catalog.create_parquet_table(
        database=lake.database,
        table="repair",
        path=lake.path("repair"),
        columns_types={"id": "bigint"},
        partitions_types={"day": "string"},
    )
    assert wr.athena.repair_table(table="repair", **where) == "SUCCEEDED"
    assert sorted(wr.catalog.get_partitions(lake.database, "repair").values()) == [["2020-01-01"], ["2020-01-02"]]
    frame = wr.athena.read_sql_table("repair", lake.database, ctas_approach=False, s3_output=where["s3_output"])
    assert frame["id"].sum() == 3


def test_a_ctas_table_stays(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    made = wr.athena.create_ctas_table(
        sql=f"SELECT * FROM {table} WHERE par = :par", **where, params={"par": "x"}, wait=True
    )
    assert made["ctas_query_metadata"].raw_payload["Status"]["State"] == "SUCCEEDED"
    assert wr.catalog.does_table_exist(made["ctas_database"], made["ctas_table"])
    assert len(wr.s3.read_parquet_table(database=made["ctas_database"], table=made["ctas_table"])) == 2


def test_a_ctas_table_with_partitions_in_another_database(
    wr: Any, lake: Any, table: str, where: dict[str, Any]
) -> None:
    other = f"{lake.database}_other"
    wr.catalog.create_database(other)
    made = wr.athena.create_ctas_table(
        sql=f"SELECT * FROM {table}", **where, ctas_database=other, partitioning_info=["par"], wait=True
    )
    assert (made["ctas_database"], len(wr.catalog.get_partitions(other, made["ctas_table"]))) == (other, 2)


def test_a_ctas_table_may_have_no_data(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    made = wr.athena.create_ctas_table(
        sql=f"SELECT * FROM {table}", **where, ctas_table="schema_only", schema_only=True, wait=True
    )
    assert wr.catalog.get_table_types(lake.database, "schema_only") == {
        "id": "bigint",
        "name": "string",
        "par": "string",
    }
    assert made["ctas_table"] == "schema_only"


@pytest.mark.parametrize("file_format", ["PARQUET", "JSON", "TEXTFILE"])
def test_unload(wr: Any, lake: Any, table: str, file_format: str) -> None:
    path = lake.path(f"unload_{file_format}")
    metadata = wr.athena.unload(
        sql=f"SELECT id, name FROM {table}", path=path, database=lake.database, file_format=file_format
    )
    assert metadata.raw_payload["Status"]["State"] == "SUCCEEDED"
    assert wr.s3.list_objects(path)
    if file_format == "PARQUET":
        written = wr.s3.list_objects(path, ignore_suffix=[".csv", ".metadata"])
        assert wr.s3.read_parquet(written)["id"].sum() == 6


def test_prepared_statements(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    name = f"st_{uuid.uuid4().hex[:8]}"
    wr.athena.create_prepared_statement(sql=f"SELECT * FROM {table} WHERE name = ?", statement_name=name)
    with pytest.raises(wr.exceptions.AlreadyExists):
        wr.athena.create_prepared_statement(sql="SELECT 1", statement_name=name, mode="error")
    assert name in [held["StatementName"] for held in wr.athena.list_prepared_statements()]
    used = wr.athena.read_sql_query(f"EXECUTE \"{name}\" USING 'a'", **where, ctas_approach=False)
    assert used["id"].to_list() == [1]
    given = wr.athena.read_sql_query(
        f'EXECUTE "{name}"', **where, ctas_approach=False, params=["b"], paramstyle="qmark"
    )
    assert given["id"].to_list() == [2]
    wr.athena.create_prepared_statement(sql="SELECT 1 AS one", statement_name=name)
    wr.athena.delete_prepared_statement(statement_name=name)
    assert name not in [held["StatementName"] for held in wr.athena.list_prepared_statements()]


def test_results_and_types_of_a_query_that_ran(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    query_id = wr.athena.start_query_execution(sql=f"SELECT * FROM {table} ORDER BY id", **where)
    assert wr.athena.wait_query(query_id)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_columns_types(query_id) == {"id": "bigint", "name": "varchar", "par": "varchar"}
    assert wr.athena.get_query_results(query_id)["id"].to_list() == [1, 2, 3]
    execution = wr.athena.start_query_execution(sql=f"SELECT * FROM {table}", **where, wait=True)
    assert (execution["StatementType"], execution["QueryExecutionContext"]["Database"]) == ("DML", lake.database)


def test_history(wr: Any, lake: Any, table: str, where: dict[str, Any]) -> None:
    ids = [wr.athena.start_query_execution(sql=f"SELECT {number} AS a", **where) for number in range(3)]
    for query_id in ids:
        wr.athena.wait_query(query_id)
    listed = wr.athena.list_query_executions(workgroup="primary", max_results=2)
    assert listed == ids[:0:-1]
    known, unknown = wr.athena.get_query_executions([*ids, "aaa"], return_unprocessed=True)
    assert set(known["QueryExecutionId"]) == set(ids)
    assert unknown["QueryExecutionId"].to_list() == ["aaa"]
    assert wr.athena.get_query_execution(ids[0])["QueryExecutionId"] == ids[0]
    assert wr.athena.get_work_group("primary")["WorkGroup"]["State"] == "ENABLED"


def test_a_query_that_fails_or_is_stopped(wr: Any, where: dict[str, Any]) -> None:
    failed = wr.athena.start_query_execution(sql="SELECT 1 / 0 AS a", **where)
    with pytest.raises(wr.exceptions.QueryFailed, match="DIVISION_BY_ZERO"):
        wr.athena.wait_query(failed)
    endless = (
        "SELECT count(*) FROM UNNEST(sequence(1, 40000)) a(x) CROSS JOIN UNNEST(sequence(1, 40000)) b(y) "
        "CROSS JOIN UNNEST(sequence(1, 40000)) c(z) WHERE (x * y + z) % 7 = 3"
    )
    stopped = wr.athena.start_query_execution(sql=endless, **where)
    wr.athena.stop_query_execution(stopped)
    with pytest.raises(wr.exceptions.QueryCancelled):
        wr.athena.wait_query(stopped)


def test_create_statements_are_generated(wr: Any, lake: Any, where: dict[str, Any]) -> None:
    wr.catalog.create_parquet_table(
        database=lake.database, table="plain", path=lake.path("plain"), columns_types={"c0": "int"}
    )
    text = wr.athena.generate_create_query(database=lake.database, table="plain")
    assert text.startswith("CREATE EXTERNAL TABLE `plain`(\n  `c0` int)\nROW FORMAT SERDE")
    wr.catalog.delete_table_if_exists(lake.database, "plain")
    wr.athena.start_query_execution(sql=text, **where, wait=True)
    assert wr.catalog.get_table_types(lake.database, "plain") == {"c0": "int"}
    wr.athena.start_query_execution(sql="CREATE OR REPLACE VIEW seen AS SELECT c0 FROM plain", **where, wait=True)
    assert wr.athena.generate_create_query(database=lake.database, table="seen").startswith(
        'CREATE OR REPLACE VIEW "seen" AS'
    )


def test_a_named_query_gives_its_statement(wr: Any, client: Any, lake: Any) -> None:
    query_id = client("athena").create_named_query(Name="n", Database=lake.database, QueryString="SELECT 1 AS a")[
        "NamedQueryId"
    ]
    assert wr.athena.get_named_query_statement(query_id) == "SELECT 1 AS a"
