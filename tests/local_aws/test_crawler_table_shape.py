"""The entries that a crawler writes into the Data Catalog, member by member as GetTable shows those of AWS."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from crawling import Crawl

Make = Callable[..., Crawl]
CSV = "name,amount\na,1\nb,2\n"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def crawl_id(made: Crawl) -> str:
    found: str = made.glue.list_crawls(CrawlerName=made.name)["Crawls"][0]["CrawlId"]
    return found


def csv_parameters(made: Crawl) -> dict[str, str]:
    return {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": made.name,
        "areColumnsQuoted": "false",
        "averageRecordSize": "7",
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": "20",
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }


def test_a_table_of_csv(crawl: Make) -> None:
    made = crawl({"data/a.csv": CSV})
    made.run()
    table = made.table()
    assert (table["Name"], table["Owner"], table["TableType"]) == ("data", "owner", "EXTERNAL_TABLE")
    assert (table["Retention"], table["PartitionKeys"]) == (0, [])
    assert table["Parameters"] == {**csv_parameters(made), "CRAWL_RUN_ID": crawl_id(made)}
    assert table["StorageDescriptor"] == {
        "Columns": [{"Name": "name", "Type": "string"}, {"Name": "amount", "Type": "bigint"}],
        "Location": f"s3://{made.bucket}/data/",
        "InputFormat": TEXT_INPUT,
        "OutputFormat": TEXT_OUTPUT,
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": csv_parameters(made),
        "StoredAsSubDirectories": False,
    }


def test_a_table_of_json(crawl: Make) -> None:
    made = crawl({"data/a.json": '{"id": 1, "at": "x"}\n'})
    made.run()
    table = made.table()
    assert table["StorageDescriptor"]["InputFormat"] == TEXT_INPUT
    assert table["StorageDescriptor"]["OutputFormat"] == TEXT_OUTPUT
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "at,id"},
    }
    assert table["Parameters"]["classification"] == "json"
    assert not {"delimiter", "areColumnsQuoted", "columnsOrdered", "skip.header.line.count"} & set(table["Parameters"])


def test_a_packed_table_is_marked_so(crawl: Make) -> None:
    made = crawl({"data/a.csv.gz": gzip.compress(CSV.encode())})
    made.run()
    table = made.table()
    assert table["StorageDescriptor"]["Compressed"] is True
    assert table["Parameters"]["compressionType"] == "gzip"


def test_a_partitioned_table_and_its_partitions(crawl: Make) -> None:
    made = crawl({"data/day=1/a.csv": CSV, "data/day=2/a.csv": CSV, "data/day=2/b.csv": CSV})
    made.run()
    table = made.table()
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert table["Parameters"]["partition_filtering.enabled"] == "true"
    counts = {key: table["Parameters"][key] for key in ("objectCount", "recordCount", "sizeKey")}
    assert counts == {"objectCount": "3", "recordCount": "6", "sizeKey": "60"}
    found = made.glue.get_partition(DatabaseName=made.database, TableName="data", PartitionValues=["2"])["Partition"]
    assert found["StorageDescriptor"]["Location"] == f"s3://{made.bucket}/data/day=2/"
    assert found["StorageDescriptor"]["Columns"] == table["StorageDescriptor"]["Columns"]
    assert found["StorageDescriptor"]["SerdeInfo"] == table["StorageDescriptor"]["SerdeInfo"]
    assert found["Parameters"]["objectCount"] == "2"
    assert found["Parameters"]["sizeKey"] == "40"


def test_quoted_columns_are_marked_so(crawl: Make) -> None:
    made = crawl({"data/a.csv": 'name,amount\n"a",1\n"b",2\n'})
    made.run()
    assert made.table()["Parameters"]["areColumnsQuoted"] == "true"


def test_a_table_without_a_header_skips_no_line(crawl: Make) -> None:
    made = crawl({"data/a.csv": "1,2\n3,4\n"})
    made.run()
    assert "skip.header.line.count" not in made.table()["Parameters"]


def test_a_table_of_an_unknown_format_has_no_columns(crawl: Make) -> None:
    made = crawl({"data/a.bin": bytes(range(256))})
    assert made.run()["Status"] == "SUCCEEDED"
    table = made.table()
    assert table["Parameters"]["classification"] == "UNKNOWN"
    assert table["StorageDescriptor"]["Columns"] == []


def test_an_empty_value_of_a_partition_has_hives_name(crawl: Make) -> None:
    made = crawl({"data/day=/a.csv": CSV, "data/day=2/a.csv": CSV})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.partitions("data") == [["2"], ["__HIVE_DEFAULT_PARTITION__"]]
