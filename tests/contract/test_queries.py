"""What the lab counts on of Athena and the Data Catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helpers.waiting import until

from .conftest import Account

# Athena bills at least 10 MB a query.
pytestmark = pytest.mark.costs(0.0002)
LINES = b"2019-10-01,view,1.50\n2019-10-01,cart,2.25\n2019-10-02,view,\n"


@pytest.fixture(scope="module")
def lake(place: Account) -> Iterator[tuple[str, str]]:
    """A bucket with one CSV file, and a database."""
    s3, glue = place.client("s3"), place.client("glue")
    bucket, database = place.name("lake"), place.name("lake").replace("-", "_")
    where: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
    s3.create_bucket(Bucket=bucket, **({} if place.region == "us-east-1" else where))
    glue.create_database(DatabaseInput={"Name": database})
    try:
        s3.put_object(Bucket=bucket, Key="raw/a.csv", Body=LINES)
        yield bucket, database
    finally:
        glue.delete_database(Name=database)
        for found in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])
        s3.delete_bucket(Bucket=bucket)


@pytest.fixture(scope="module")
def table(place: Account, lake: tuple[str, str]) -> str:
    bucket, _ = lake
    ended = query(
        place,
        lake,
        "CREATE EXTERNAL TABLE IF NOT EXISTS events (day date, kind string, price double) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://{bucket}/raw/'",
    )
    assert ended["Status"]["State"] == "SUCCEEDED", ended["Status"]
    return "events"


def query(place: Account, lake: tuple[str, str], sql: str) -> dict[str, Any]:
    """Run a statement to its end and return its execution."""
    athena, (bucket, database) = place.client("athena"), lake
    started = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"},
    )

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])[
            "QueryExecution"
        ]
        return found if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None

    return until(ended, sql, 120) or {}


def rows(place: Account, execution: dict[str, Any]) -> list[list[str | None]]:
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    found = place.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in found["Rows"]]


def test_the_first_row_of_a_result_names_its_columns(place: Account, lake: tuple[str, str], table: str) -> None:
    done = query(place, lake, f"SELECT kind, count(*) AS n, sum(price) AS s FROM {table} GROUP BY kind ORDER BY kind")
    assert rows(place, done) == [["kind", "n", "s"], ["cart", "1", "2.25"], ["view", "2", "1.5"]]
    assert done["Statistics"]["DataScannedInBytes"] == len(LINES)


def test_a_missing_value_has_no_text(place: Account, lake: tuple[str, str], table: str) -> None:
    done = query(place, lake, f"SELECT day, price FROM {table} WHERE price IS NULL")
    assert rows(place, done)[1:] == [["2019-10-02", None]]


def test_a_statement_that_is_wrong_fails_with_its_place(place: Account, lake: tuple[str, str], table: str) -> None:
    done = query(place, lake, f"SELECT nothing FROM {table}")
    assert done["Status"]["State"] == "FAILED"
    assert "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved" in done["Status"]["StateChangeReason"]


def test_the_catalog_has_what_a_statement_made(place: Account, lake: tuple[str, str], table: str) -> None:
    found = place.client("glue").get_table(DatabaseName=lake[1], Name=table)["Table"]
    columns = [(column["Name"], column["Type"]) for column in found["StorageDescriptor"]["Columns"]]
    assert columns == [("day", "date"), ("kind", "string"), ("price", "double")]
    assert found["TableType"] == "EXTERNAL_TABLE"
