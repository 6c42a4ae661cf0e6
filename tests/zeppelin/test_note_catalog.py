"""What a note's CREATE TABLE makes appears in the Glue catalog, and what it drops goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.flink import FlinkSession
from helpers.zeppelin.catalog import NoteCatalog

DATABASE = "noted"
TABLE = """
CREATE TABLE Clicks (
  `UserId` VARCHAR(20) NOT NULL,
  price DECIMAL(10, 2),
  n BIGINT,
  happened TIMESTAMP(3),
  WATERMARK FOR happened AS happened - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kinesis', 'stream' = 'shop', 'aws.region' = 'us-east-1',
  'aws.endpoint' = 'http://127.0.0.1:4566', 'format' = 'json'
)
"""


@pytest.fixture
def glue(client: Callable[[str], Any]) -> Any:
    glue = client("glue")
    glue.create_database(DatabaseInput={"Name": DATABASE})
    yield glue
    glue.delete_database(Name=DATABASE)


def names(glue: Any) -> list[str]:
    return [table["Name"] for table in glue.get_tables(DatabaseName=DATABASE)["TableList"]]


def test_tables_of_the_session_are_those_of_the_database(flink: FlinkSession, glue: Any) -> None:
    catalog = NoteCatalog(glue, DATABASE)
    flink.execute(TABLE)
    catalog.follow(flink)
    table = glue.get_table(DatabaseName=DATABASE, Name="clicks")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "userid", "Type": "string"},
        {"Name": "price", "Type": "decimal(10,2)"},
        {"Name": "n", "Type": "bigint"},
        {"Name": "happened", "Type": "timestamp"},
    ]
    assert table["StorageDescriptor"]["Location"] == "shop"
    assert table["Parameters"] == {
        "connector": "kinesis",
        "stream": "shop",
        "aws.region": "us-east-1",
        "format": "json",
        "managed-flink.rowtime": "happened",
    }

    flink.execute("CREATE TABLE other (x INT) WITH ('connector' = 'datagen')")
    catalog.follow(flink)
    assert names(glue) == ["clicks", "other"]

    flink.execute("DROP TABLE Clicks")
    catalog.follow(flink)
    assert names(glue) == ["other"]
    flink.execute("DROP TABLE other")
    catalog.follow(flink)
    assert names(glue) == []


def test_a_table_made_again_takes_the_place_of_the_old(flink: FlinkSession, glue: Any) -> None:
    flink.execute("CREATE TABLE made (x INT) WITH ('connector' = 'datagen')")
    NoteCatalog(glue, DATABASE).follow(flink)
    flink.execute("DROP TABLE made")
    flink.execute("CREATE TABLE made (y DOUBLE) WITH ('connector' = 'datagen')")
    NoteCatalog(glue, DATABASE).follow(flink)
    table = glue.get_table(DatabaseName=DATABASE, Name="made")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "y", "Type": "double"}]
