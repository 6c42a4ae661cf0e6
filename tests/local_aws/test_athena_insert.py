"""INSERT INTO: new files, new partitions, and types that must fit.

https://docs.aws.amazon.com/athena/latest/ug/insert-into.html
"""

from __future__ import annotations

import gzip
from typing import Any

import pytest


@pytest.fixture(scope="module", autouse=True)
def target(warehouse: Any) -> None:
    warehouse.succeed(
        "CREATE EXTERNAL TABLE target (id bigint, name string, price decimal(10,2)) PARTITIONED BY (day date) "
        f"STORED AS PARQUET LOCATION '{warehouse.location('target')}'"
    )


def test_rows_and_partitions_are_added(warehouse: Any) -> None:
    execution = warehouse.succeed(
        "INSERT INTO target VALUES (1, 'a', DECIMAL '1.50', DATE '2019-10-01'), (2, NULL, NULL, DATE '2019-10-02')"
    )
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "INSERT")
    answer = warehouse.athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert answer["UpdateCount"] == 2
    manifest = warehouse.athena.body(execution["Statistics"]["DataManifestLocation"]).decode().splitlines()
    assert sorted(manifest) == sorted(f"s3://{warehouse.bucket}/{key}" for key in warehouse.keys("target/"))
    assert warehouse.lines("SHOW PARTITIONS target") == ["day=2019-10-01", "day=2019-10-02"]
    warehouse.succeed("INSERT INTO target SELECT id + 10, name, price, day FROM target WHERE id = 1")
    assert warehouse.rows("SELECT * FROM target ORDER BY id") == [
        ["1", "a", "1.50", "2019-10-01"],
        ["2", None, None, "2019-10-02"],
        ["11", "a", "1.50", "2019-10-01"],
    ]
    assert len(warehouse.keys("target/day=2019-10-01/")) == 2


def test_columns_that_are_not_named_are_null(warehouse: Any) -> None:
    warehouse.succeed("INSERT INTO target (day, id) SELECT DATE '2020-01-01', 77")
    warehouse.succeed("INSERT INTO target (id) VALUES 78")
    assert warehouse.rows("SELECT * FROM target WHERE id > 70 ORDER BY id") == [
        ["77", None, None, "2020-01-01"],
        ["78", None, None, None],
    ]
    assert "day=__HIVE_DEFAULT_PARTITION__" in warehouse.lines("SHOW PARTITIONS target")


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("SELECT 'x', 'a', DECIMAL '1.00', DATE '2019-10-01'", "varchar(1), varchar(1), decimal(3,2), date"),
        ("SELECT 1", "integer"),
        ("SELECT 1, 'a', 1E0, DATE '2019-10-01'", "integer, varchar(1), double, date"),
    ],
)
def test_types_must_fit(warehouse: Any, query: str, kinds: str) -> None:
    reason, _ = warehouse.failure(f"INSERT INTO target {query}")
    assert reason.startswith(
        "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [bigint, varchar, decimal(10,2), "
        "date], Query: ["
    )
    assert len(reason.rpartition("[")[2].split(", ")) == len(kinds.split(", "))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ("nothing", "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: nothing"),
        ("id, id", "DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: id"),
    ],
)
def test_columns_must_be_the_tables(warehouse: Any, columns: str, reason: str) -> None:
    values = ", ".join("1" for _ in columns.split(","))
    assert warehouse.failure(f"INSERT INTO target ({columns}) VALUES ({values})")[0] == reason


def test_a_table_that_is_not_there(warehouse: Any) -> None:
    reason, _ = warehouse.failure("INSERT INTO nowhere VALUES (1)")
    assert reason.startswith("TABLE_NOT_FOUND")


def test_bucketed_tables_and_views_take_no_rows(warehouse: Any) -> None:
    warehouse.succeed("CREATE TABLE bucketed WITH (bucketed_by = ARRAY['a'], bucket_count = 2) AS SELECT 1 AS a")
    assert warehouse.failure("INSERT INTO bucketed VALUES (2)")[0].startswith("NOT_SUPPORTED")
    warehouse.succeed("CREATE VIEW looking AS SELECT 1 AS a")
    assert warehouse.failure("INSERT INTO looking VALUES (2)")[0].startswith("NOT_SUPPORTED")


@pytest.mark.parametrize("file_format", ["TEXTFILE", "ORC", "JSONFILE"])
def test_other_formats(warehouse: Any, file_format: str) -> None:
    name = f"into_{file_format.lower()}"
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} (id int, tags array<string>, at timestamp) STORED AS {file_format} "
        f"LOCATION '{warehouse.location(name)}'"
    )
    warehouse.succeed(
        f"INSERT INTO {name} VALUES (1, ARRAY['a', 'b'], TIMESTAMP '2019-10-01 10:00:00.5'), (2, NULL, NULL)"
    )
    assert warehouse.rows(f"SELECT * FROM {name} ORDER BY id") == [
        ["1", "[a, b]", "2019-10-01 10:00:00.500"],
        ["2", None, None],
    ]


def test_empty_texts_and_nulls_stay_apart_in_text(warehouse: Any) -> None:
    warehouse.succeed(f"CREATE EXTERNAL TABLE texts (id int, s string) LOCATION '{warehouse.location('texts')}'")
    warehouse.succeed("INSERT INTO texts VALUES (4, ''), (5, NULL)")
    assert warehouse.rows("SELECT id, s, s IS NULL FROM texts ORDER BY id") == [["4", "", "false"], ["5", None, "true"]]


def test_a_header_is_written_where_one_is_skipped(warehouse: Any) -> None:
    warehouse.succeed(
        "CREATE EXTERNAL TABLE headed (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{warehouse.location('headed')}' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    warehouse.succeed("INSERT INTO headed VALUES (1, 'a')")
    body = warehouse.s3.get_object(Bucket=warehouse.bucket, Key=warehouse.keys("headed/")[0])["Body"].read()
    assert gzip.decompress(body) == b"id,name\n1,a\n"
    assert warehouse.rows("SELECT * FROM headed") == [["1", "a"]]


def test_a_partition_keeps_its_own_location(warehouse: Any) -> None:
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE placed (id int) PARTITIONED BY (k string) LOCATION '{warehouse.location('placed')}'"
    )
    warehouse.succeed(f"ALTER TABLE placed ADD PARTITION (k='x') LOCATION '{warehouse.location('far/away')}'")
    warehouse.succeed("INSERT INTO placed VALUES (1, 'x'), (2, 'y')")
    assert len(warehouse.keys("far/away/")) == 1
    assert warehouse.rows("SELECT * FROM placed ORDER BY id") == [["1", "x"], ["2", "y"]]


def test_a_projected_table_is_written_by_its_template(warehouse: Any) -> None:
    template = warehouse.location("by_template") + "${day}/"
    warehouse.succeed(
        "CREATE EXTERNAL TABLE by_template (id int) PARTITIONED BY (day string) "
        f"LOCATION '{warehouse.location('by_template')}' TBLPROPERTIES ('projection.enabled'='true', "
        "'projection.day.type'='date', 'projection.day.format'='yyyy-MM-dd', "
        f"'projection.day.range'='2019-10-01,2019-10-05', 'storage.location.template'='{template}')"
    )
    warehouse.succeed("INSERT INTO by_template VALUES (1, '2019-10-02')")
    assert warehouse.keys("by_template/")[0].startswith("by_template/2019-10-02/")
    assert warehouse.rows("SELECT * FROM by_template") == [["1", "2019-10-02"]]
    assert warehouse.lines("SHOW PARTITIONS by_template") == []


def test_more_than_a_hundred_partitions_at_once(warehouse: Any) -> None:
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE many (id int) PARTITIONED BY (p int) LOCATION '{warehouse.location('many')}'"
    )
    query = "SELECT CAST(x AS integer), CAST(x AS integer) FROM unnest(sequence(1, {})) AS t(x)"
    assert warehouse.failure(f"INSERT INTO many {query.format(101)}")[0].startswith("HIVE_TOO_MANY_OPEN_PARTITIONS: ")
    warehouse.succeed(f"INSERT INTO many {query.format(100)}")
    assert warehouse.rows("SELECT count(*), sum(p) FROM many") == [["100", "5050"]]
