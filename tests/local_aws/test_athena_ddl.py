"""Hive DDL: what it stores in the Data Catalog, and why it is refused.

https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest

TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask"


@pytest.fixture
def table(warehouse: Any) -> str:
    """A partitioned text table of its own."""
    name = f"t_{uuid.uuid4().hex[:8]}"
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} (id int COMMENT 'the id', `name` string) COMMENT 'things' "
        "PARTITIONED BY (day string COMMENT 'of sale') ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' "
        f"LINES TERMINATED BY '\\n' STORED AS TEXTFILE LOCATION '{warehouse.location(name)}' "
        "TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    return name


def test_an_external_table_in_the_catalog(warehouse: Any, table: str) -> None:
    entry = warehouse.table(table)
    assert entry["TableType"] == "EXTERNAL_TABLE"
    assert entry["PartitionKeys"] == [{"Name": "day", "Type": "string", "Comment": "of sale"}]
    parameters = entry["Parameters"]
    assert parameters.pop("transient_lastDdlTime").isdecimal()
    assert parameters == {"EXTERNAL": "TRUE", "comment": "things", "skip.header.line.count": "1"}
    descriptor = entry["StorageDescriptor"]
    assert descriptor["Columns"] == [
        {"Name": "id", "Type": "int", "Comment": "the id"},
        {"Name": "name", "Type": "string"},
    ]
    assert descriptor["Location"] == warehouse.location(table)
    assert descriptor["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert descriptor["OutputFormat"] == "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
    assert descriptor["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ",", "escape.delim": "\\", "line.delim": "\n", "serialization.format": ","},
    }


@pytest.mark.parametrize(
    ("stored_as", "serde", "input_format"),
    [
        ("PARQUET", "ql.io.parquet.serde.ParquetHiveSerDe", "ql.io.parquet.MapredParquetInputFormat"),
        ("ORC", "ql.io.orc.OrcSerde", "ql.io.orc.OrcInputFormat"),
        ("TEXTFILE", "serde2.lazy.LazySimpleSerDe", None),
        ("JSONFILE", "org.apache.hive.hcatalog.data.JsonSerDe", None),
    ],
)
def test_file_formats(warehouse: Any, stored_as: str, serde: str, input_format: str | None) -> None:
    name = f"format_{stored_as.lower()}"
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} (a array<struct<b:int,c:map<string,decimal(10,2)>>>, v varchar(5)) "
        f"STORED AS {stored_as} LOCATION '{warehouse.location(name)}'"
    )
    descriptor = warehouse.table(name)["StorageDescriptor"]
    assert descriptor["SerdeInfo"]["SerializationLibrary"].endswith(serde)
    expected = f"org.apache.hadoop.hive.{input_format}" if input_format else "org.apache.hadoop.mapred.TextInputFormat"
    assert descriptor["InputFormat"] == expected
    assert [column["Type"] for column in descriptor["Columns"]] == [
        "array<struct<b:int,c:map<string,decimal(10,2)>>>",
        "varchar(5)",
    ]


def test_describe_pads_with_blanks_and_tabs(warehouse: Any, table: str) -> None:
    assert warehouse.lines(f"DESCRIBE {table}") == [
        "id                  \tint                 \tthe id              ",
        "name                \tstring              \t                    ",
        "day                 \tstring              \tof sale             ",
        "\t \t ",
        "# Partition Information\t \t ",
        "# col_name            \tdata_type           \tcomment             ",
        "\t \t ",
        "day                 \tstring              \tof sale             ",
    ]
    assert warehouse.lines(f"DESCRIBE {table} name") == [
        "name                \tstring              \t                    "
    ]
    detailed = warehouse.lines(f"DESCRIBE FORMATTED {table}")
    assert "# Detailed Table Information\t \t " in detailed


def test_show_create_table(warehouse: Any, table: str) -> None:
    lines = warehouse.lines(f"SHOW CREATE TABLE {table}")
    assert lines[:-3] == [
        f"CREATE EXTERNAL TABLE `{table}`(",
        "  `id` int COMMENT 'the id', ",
        "  `name` string)",
        "COMMENT 'things'",
        "PARTITIONED BY ( ",
        "  `day` string COMMENT 'of sale')",
        "ROW FORMAT DELIMITED ",
        "  FIELDS TERMINATED BY ',' ",
        "  ESCAPED BY '\\\\' ",
        "  LINES TERMINATED BY '\\n' ",
        "STORED AS INPUTFORMAT ",
        "  'org.apache.hadoop.mapred.TextInputFormat' ",
        "OUTPUTFORMAT ",
        "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'",
        "LOCATION",
        f"  '{warehouse.location(table)}'",
    ]
    assert lines[-3:-1] == ["TBLPROPERTIES (", "  'skip.header.line.count'='1', "]


def test_what_show_create_table_prints_makes_the_same_table(warehouse: Any, table: str) -> None:
    statement = "\n".join(warehouse.lines(f"SHOW CREATE TABLE {table}"))
    before = warehouse.table(table)
    warehouse.succeed(f"DROP TABLE {table}")
    warehouse.succeed(statement)
    after = warehouse.table(table)
    for part in ("StorageDescriptor", "PartitionKeys", "TableType"):
        assert after[part] == before[part]


def test_columns_are_added_replaced_and_changed(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"ALTER TABLE {table} ADD COLUMNS (price double, tags array<string>)")
    assert [c["Name"] for c in warehouse.table(table)["StorageDescriptor"]["Columns"]] == [
        "id",
        "name",
        "price",
        "tags",
    ]
    assert warehouse.failure(f"ALTER TABLE {table} ADD COLUMNS (id int)")[0] == (
        "FAILED: SemanticException [Error 10036]: Duplicate column name: id"
    )
    warehouse.succeed(f"ALTER TABLE {table} REPLACE COLUMNS (id bigint, name string)")
    warehouse.succeed(f"ALTER TABLE {table} CHANGE COLUMN name label string COMMENT 'shown' FIRST")
    assert warehouse.table(table)["StorageDescriptor"]["Columns"] == [
        {"Name": "label", "Type": "string", "Comment": "shown"},
        {"Name": "id", "Type": "bigint"},
    ]


def test_properties_and_location(warehouse: Any, table: str) -> None:
    warehouse.succeed(f"ALTER TABLE {table} SET TBLPROPERTIES ('a'='b', 'skip.header.line.count'='2')")
    assert "skip.header.line.count\t2" in warehouse.lines(f"SHOW TBLPROPERTIES {table}")
    assert warehouse.lines(f"SHOW TBLPROPERTIES {table}('a')") == ["a\tb"]
    assert warehouse.lines(f"SHOW TBLPROPERTIES {table}('none')") == [
        f"Table {warehouse.database}.{table} does not have property: none"
    ]
    warehouse.succeed(f"ALTER TABLE {table} SET LOCATION '{warehouse.location('moved')}'")
    assert warehouse.table(table)["StorageDescriptor"]["Location"] == warehouse.location("moved")


def test_partitions_are_added_renamed_moved_and_dropped(warehouse: Any, table: str) -> None:
    place = warehouse.location("elsewhere")
    warehouse.succeed(f"ALTER TABLE {table} ADD PARTITION (day='1') PARTITION (day='2') LOCATION '{place}'")
    reason = f"{TASK}. AlreadyExistsException(message:Partition already exists: [1])"
    assert warehouse.failure(f"ALTER TABLE {table} ADD PARTITION (day='1')")[0] == reason
    warehouse.succeed(f"ALTER TABLE {table} ADD IF NOT EXISTS PARTITION (day='1') PARTITION (day='3')")
    assert warehouse.lines(f"SHOW PARTITIONS {table}") == ["day=1", "day=2", "day=3"]
    warehouse.succeed(f"ALTER TABLE {table} PARTITION (day='1') RENAME TO PARTITION (day='7')")
    warehouse.succeed(f"ALTER TABLE {table} PARTITION (day='3') SET LOCATION '{place}three/'")
    listed = warehouse.glue.get_partitions(DatabaseName=warehouse.database, TableName=table)["Partitions"]
    assert {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in listed} == {
        ("2",): place,
        ("3",): f"{place}three/",
        ("7",): f"{warehouse.location(table)}day=1/",
    }
    warehouse.succeed(f"ALTER TABLE {table} DROP PARTITION (day='7'), PARTITION (day='2')")
    assert warehouse.lines(f"SHOW PARTITIONS {table}") == ["day=3"]
    assert "Partition not found" in warehouse.failure(f"ALTER TABLE {table} DROP PARTITION (day='7')")[0]
    warehouse.succeed(f"ALTER TABLE {table} DROP IF EXISTS PARTITION (day='7')")


def test_repair_adds_what_s3_has(warehouse: Any, table: str) -> None:
    for key in ("day=1/a.csv", "day=2/sub/b.csv", "DAY=3/c.csv", "other/d.csv", "e.csv"):
        warehouse.put(f"{table}/{key}", "x\n1,a\n")
    assert warehouse.lines(f"MSCK REPAIR TABLE {table}") == [
        f"Partitions not in metastore:\t{table}:day=3\t{table}:day=1\t{table}:day=2",
        f"Repair: Added partition to metastore {table}:day=3",
        f"Repair: Added partition to metastore {table}:day=1",
        f"Repair: Added partition to metastore {table}:day=2",
    ]
    assert warehouse.lines(f"MSCK REPAIR TABLE {table}") == []
    assert warehouse.rows(f"SELECT id, day FROM {table} ORDER BY day") == [["1", "1"], ["1", "2"], ["1", "3"]]


def test_dropping_an_external_table_leaves_its_files(warehouse: Any, table: str) -> None:
    warehouse.put(f"{table}/day=1/a.csv", "1,a\n")
    warehouse.succeed(f"DROP TABLE {table}")
    assert warehouse.keys(f"{table}/") == [f"{table}/day=1/a.csv"]
    reason = f"FAILED: SemanticException [Error 10001]: Table not found {warehouse.database}.{table}"
    assert warehouse.failure(f"DROP TABLE {table}")[0] == reason
    warehouse.succeed(f"DROP TABLE IF EXISTS {table}")


def test_show_lists_what_matches(warehouse: Any) -> None:
    for name in ("show_b", "show_a"):
        warehouse.succeed(f"CREATE EXTERNAL TABLE {name} (a int) LOCATION '{warehouse.location(name)}'")
    assert warehouse.lines("SHOW TABLES 'show_*'") == ["show_a", "show_b"]
    assert warehouse.lines(f"SHOW TABLES IN {warehouse.database} 'show_a|nothing'") == ["show_a"]
    assert warehouse.lines("SHOW COLUMNS IN show_a") == ["a                   "]
    assert warehouse.database in warehouse.lines("SHOW DATABASES")
    assert warehouse.lines(f"SHOW SCHEMAS LIKE '{warehouse.database[:-3]}*'") == [warehouse.database]


def test_databases(warehouse: Any) -> None:
    name = f"db_{uuid.uuid4().hex[:8]}"
    place = warehouse.location(name)
    warehouse.succeed(f"CREATE DATABASE {name} COMMENT 'mine' LOCATION '{place}' WITH DBPROPERTIES ('owner'='me')")
    stored = warehouse.glue.get_database(Name=name)["Database"]
    assert (stored["Description"], stored["LocationUri"], stored["Parameters"]) == ("mine", place, {"owner": "me"})
    assert warehouse.failure(f"CREATE DATABASE {name}")[0] == f"{TASK}. Database {name} already exists"
    warehouse.succeed(f"CREATE SCHEMA IF NOT EXISTS {name}")
    warehouse.succeed(f"ALTER DATABASE {name} SET DBPROPERTIES ('owner'='you', 'more'='x')")
    assert warehouse.glue.get_database(Name=name)["Database"]["Parameters"] == {"owner": "you", "more": "x"}
    warehouse.succeed(f"CREATE EXTERNAL TABLE {name}.t (a int) LOCATION '{place}t/'")
    message = f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
    assert warehouse.failure(f"DROP DATABASE {name}")[0] == f"{TASK}. {message}"
    warehouse.succeed(f"DROP DATABASE {name} CASCADE")
    missing = f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}"
    assert warehouse.failure(f"DROP SCHEMA {name}")[0] == missing
    warehouse.succeed(f"DROP DATABASE IF EXISTS {name}")


@pytest.mark.parametrize(
    ("columns", "rest", "reason"),
    [
        ("a int, A string", "", "FAILED: SemanticException [Error 10036]: Duplicate column name: a"),
        (
            "a int",
            "PARTITIONED BY (a int)",
            "FAILED: SemanticException [Error 10035]: Column repeated in partitioning columns",
        ),
    ],
)
def test_columns_that_are_no_table(warehouse: Any, columns: str, rest: str, reason: str) -> None:
    statement = f"CREATE EXTERNAL TABLE refused ({columns}) {rest} LOCATION '{warehouse.location('refused')}'"
    assert warehouse.failure(statement)[0] == reason
    assert "refused" not in warehouse.lines("SHOW TABLES")


def test_a_table_that_exists(warehouse: Any, table: str) -> None:
    statement = f"CREATE EXTERNAL TABLE {{}} {table} (a int) LOCATION '{warehouse.location('again')}'"
    message = f"AlreadyExistsException(message:Table {table} already exists.)"
    assert warehouse.failure(statement.format(""))[0] == f"{TASK}. {message}"
    warehouse.succeed(statement.format("IF NOT EXISTS"))
    assert len(warehouse.table(table)["StorageDescriptor"]["Columns"]) == 2


@pytest.mark.parametrize(
    "statement", ["MSCK REPAIR TABLE {}", "SHOW PARTITIONS {}", "ALTER TABLE {} ADD COLUMNS (a int)"]
)
def test_tables_that_are_not_there(warehouse: Any, statement: str) -> None:
    reason = f"FAILED: SemanticException [Error 10001]: Table not found {warehouse.database}.nowhere"
    assert warehouse.failure(statement.format("nowhere"))[0] == reason


def test_a_table_without_partition_keys_has_no_partitions_to_show(warehouse: Any) -> None:
    warehouse.succeed(f"CREATE EXTERNAL TABLE unparted (a int) LOCATION '{warehouse.location('unparted')}'")
    reason = f"{TASK}. Table {warehouse.database}.unparted is not a partitioned table"
    assert warehouse.failure("SHOW PARTITIONS unparted")[0] == reason
