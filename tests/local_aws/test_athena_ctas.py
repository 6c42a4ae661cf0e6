"""CREATE TABLE AS SELECT: the files that it writes and the table that it makes.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import gzip
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

EVERY_TYPE = """SELECT id, name, price, day, CAST(day AS timestamp) AS ts, CAST(price AS decimal(30,3)) AS dec,
    ARRAY[name, NULL] AS a, MAP(ARRAY['k'], ARRAY[id]) AS m,
    CAST(ROW(id, ARRAY[name]) AS ROW(n bigint, l array(varchar))) AS r, id = 1 AS ok, CAST('ab' AS varbinary) AS b
    FROM source"""


@pytest.fixture(scope="module", autouse=True)
def source(warehouse: Any) -> None:
    warehouse.put("source/a.csv", "1,a,1.5,2019-10-01\n2,b,,2019-10-02\n3,c:/x,2e20,2019-10-02\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE source (id bigint, name string, price double, day date) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{warehouse.location('source')}'"
    )


@pytest.mark.parametrize(
    ("file_format", "compression", "suffix"),
    [
        ("PARQUET", "GZIP", ""),
        ("PARQUET", "SNAPPY", ""),
        ("PARQUET", "ZSTD", ""),
        ("ORC", "ZLIB", ""),
        ("ORC", "ZSTD", ""),
        ("JSON", "GZIP", ".gz"),
        ("JSON", "NONE", ""),
        ("TEXTFILE", "GZIP", ".gz"),
        ("TEXTFILE", "BZIP2", ".bz2"),
        ("TEXTFILE", "SNAPPY", ".snappy"),
        ("JSON", "LZ4", ".lz4"),
        ("TEXTFILE", "NONE", ""),
    ],
)
def test_every_format_gives_back_what_went_in(warehouse: Any, file_format: str, compression: str, suffix: str) -> None:
    name = f"copy_{file_format}_{compression}".lower()
    warehouse.succeed(
        f"CREATE TABLE {name} WITH (format = '{file_format}', write_compression = '{compression}') AS {EVERY_TYPE}"
    )
    assert warehouse.rows(f"SELECT * FROM {name} ORDER BY id") == warehouse.rows(f"{EVERY_TYPE} ORDER BY id")
    location = warehouse.table(name)["StorageDescriptor"]["Location"]
    keys = warehouse.keys(location.partition(warehouse.bucket + "/")[2])
    assert len(keys) == 1
    assert keys[0].endswith(suffix)
    assert "." in suffix or "." not in keys[0].rpartition("/")[2]


def test_the_table_that_it_makes(warehouse: Any) -> None:
    execution = warehouse.succeed("CREATE TABLE plain COMMENT 'a copy' AS SELECT id, name, day FROM source")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_TABLE_AS_SELECT")
    assert execution["Statistics"]["DataScannedInBytes"] == len(
        "1,a,1.5,2019-10-01\n2,b,,2019-10-02\n3,c:/x,2e20,2019-10-02\n"
    )
    table = warehouse.table("plain")
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint"},
        {"Name": "name", "Type": "string"},
        {"Name": "day", "Type": "date"},
    ]
    assert table["StorageDescriptor"]["Location"] == f"{warehouse.athena.output}tables/{execution['QueryExecutionId']}/"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert table["Parameters"]["EXTERNAL"] == "TRUE"
    assert table["Parameters"]["parquet.compression"] == "GZIP"
    assert table["Parameters"]["comment"] == "a copy"


def test_partitions_are_folders_and_entries_of_the_catalog(warehouse: Any) -> None:
    location = warehouse.location("by_name")
    warehouse.succeed(
        f"CREATE TABLE by_name WITH (partitioned_by = ARRAY['name', 'day'], external_location = '{location}') AS "
        "SELECT id, name, day FROM source"
    )
    assert warehouse.lines("SHOW PARTITIONS by_name") == [
        "name=a/day=2019-10-01",
        "name=b/day=2019-10-02",
        "name=c:/x/day=2019-10-02",
    ]
    folders = [key.rpartition("/")[0] for key in warehouse.keys("by_name/")]
    assert folders == [
        "by_name/name=a/day=2019-10-01",
        "by_name/name=b/day=2019-10-02",
        "by_name/name=c%3A%2Fx/day=2019-10-02",
    ]
    assert warehouse.rows("SELECT * FROM by_name WHERE name = 'c:/x'") == [["3", "c:/x", "2019-10-02"]]


def test_a_hundred_partitions_and_one_more(warehouse: Any) -> None:
    query = "SELECT x, x AS p FROM unnest(sequence(1, {})) AS t(x)"
    warehouse.succeed(f"CREATE TABLE hundred WITH (partitioned_by = ARRAY['p']) AS {query.format(100)}")
    assert len(warehouse.lines("SHOW PARTITIONS hundred")) == 100
    reason, _ = warehouse.failure(f"CREATE TABLE more WITH (partitioned_by = ARRAY['p']) AS {query.format(101)}")
    assert reason.startswith(
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets."
    )
    assert "more" not in warehouse.lines("SHOW TABLES")


def test_buckets_are_files(warehouse: Any) -> None:
    warehouse.succeed(
        "CREATE TABLE buckets WITH (bucketed_by = ARRAY['x'], bucket_count = 3) AS "
        "SELECT x FROM unnest(sequence(1, 50)) AS t(x)"
    )
    descriptor = warehouse.table("buckets")["StorageDescriptor"]
    assert (descriptor["BucketColumns"], descriptor["NumberOfBuckets"]) == (["x"], 3)
    assert len(warehouse.keys(descriptor["Location"].partition(warehouse.bucket + "/")[2])) == 3
    assert warehouse.rows("SELECT count(*), sum(x) FROM buckets") == [["50", "1275"]]


def test_no_data(warehouse: Any) -> None:
    warehouse.succeed("CREATE TABLE no_data AS SELECT * FROM source WITH NO DATA")
    assert warehouse.rows("SELECT count(*) FROM no_data") == [["0"]]
    assert len(warehouse.table("no_data")["StorageDescriptor"]["Columns"]) == 4


def test_a_delimiter_of_its_own(warehouse: Any) -> None:
    location = warehouse.location("piped")
    warehouse.succeed(
        f"CREATE TABLE piped WITH (format = 'TEXTFILE', field_delimiter = '|', external_location = '{location}') AS "
        "SELECT id, name, price FROM source WHERE id < 3 ORDER BY id"
    )
    body = warehouse.s3.get_object(Bucket=warehouse.bucket, Key=warehouse.keys("piped/")[0])["Body"].read()
    assert gzip.decompress(body) == b"1|a|1.5\n2|b|\\N\n"
    assert warehouse.rows("SELECT * FROM piped ORDER BY id") == [["1", "a", "1.5"], ["2", "b", None]]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "CREATE TABLE source AS SELECT 1 AS a",
            "TABLE_ALREADY_EXISTS: line 1:1: Destination table 'awsdatacatalog.{database}.source' already exists",
        ),
        (
            "CREATE TABLE bad AS SELECT 1",
            "MISSING_COLUMN_NAME: line 1:1: Column name not specified at position 1",
        ),
        (
            "CREATE TABLE bad AS SELECT 1 AS a, 2 AS a",
            "DUPLICATE_COLUMN_NAME: line 1:1: Column name 'a' specified more than once",
        ),
        (
            "CREATE TABLE bad AS SELECT NULL AS a",
            "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown at position 1",
        ),
        (
            "CREATE TABLE bad WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order "
            "as the table properties: [a]",
        ),
        (
            "CREATE TABLE bad WITH (external_location = '{source}') AS SELECT 1 AS a",
            "HIVE_PATH_ALREADY_EXISTS: Target directory for table '{database}.bad' already exists: {source}. You may "
            "need to manually clean the data at location '{source}' before retrying. Athena will not delete data in "
            "your account.",
        ),
        (
            "CREATE TABLE bad WITH (colour = 'red') AS SELECT 1 AS a",
            "INVALID_TABLE_PROPERTY: line 1:1: Catalog 'awsdatacatalog' table property 'colour' does not exist",
        ),
    ],
)
def test_what_cannot_become_a_table(warehouse: Any, statement: str, reason: str) -> None:
    names = {"database": warehouse.database, "source": warehouse.location("source")}
    assert warehouse.failure(statement.format(**names))[0] == reason.format(**names)
    assert "bad" not in warehouse.lines("SHOW TABLES")


def test_a_query_that_fails_leaves_neither_table_nor_files(warehouse: Any) -> None:
    location = warehouse.location("failed")
    statement = f"CREATE TABLE failed WITH (external_location = '{location}') AS SELECT 1 / (id - 1) AS a FROM source"
    assert warehouse.failure(statement)[0].startswith("DIVISION_BY_ZERO")
    assert warehouse.keys("failed/") == []
    assert "failed" not in warehouse.lines("SHOW TABLES")


def test_an_existing_table_may_stay(warehouse: Any) -> None:
    warehouse.succeed("CREATE TABLE IF NOT EXISTS source AS SELECT 1 AS a")
    assert warehouse.rows("SELECT count(*) FROM source") == [["3"]]


def test_a_workgroup_that_enforces_its_location_refuses_another_for_a_table(warehouse: Any) -> None:
    workgroup = f"enforced_{uuid.uuid4().hex[:8]}"
    warehouse.athena.api.create_work_group(
        Name=workgroup,
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": warehouse.athena.output},
        },
    )
    table = f"CREATE TABLE enforced WITH (external_location = '{warehouse.location('enforced')}') AS SELECT 1 AS a"
    with pytest.raises(ClientError) as caught:
        warehouse.run(table, WorkGroup=workgroup)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    assert caught.value.response["Error"]["Message"].startswith(
        "The Create Table As Select query failed because it was submitted with an 'external_location' property"
    )
    assert (
        warehouse.run("CREATE TABLE enforced AS SELECT 1 AS a", WorkGroup=workgroup)["Status"]["State"] == "SUCCEEDED"
    )
