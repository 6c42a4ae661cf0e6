"""Partitioned tables: which files a query reads, and what it sees of its partitions."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

DAYS = ("2019-10-01", "2019-10-02", "2019-10-03")


def body(day: str, hour: int) -> str:
    return "".join(f"{number},{day}\n" for number in range(10 * (hour + 1)))


SIZES = {(day, hour): len(body(day, hour)) for day in DAYS for hour in (0, 1)}


def of_day(*days: str) -> int:
    return sum(size for (day, _), size in SIZES.items() if day in days)


def of_hour(hour: int) -> int:
    return sum(size for (_, h), size in SIZES.items() if h == hour)


@pytest.fixture(scope="module")
def parts(warehouse: Any) -> Any:
    for day, hour in SIZES:
        warehouse.put(f"parts/day={day}/h={hour}/a.csv", body(day, hour))
    warehouse.succeed(
        "CREATE EXTERNAL TABLE parts (id int, name string) PARTITIONED BY (day date, h int) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{warehouse.location('parts')}'"
    )
    assert warehouse.rows("SELECT count(*) FROM parts") == [["0"]]
    warehouse.succeed("MSCK REPAIR TABLE parts")
    return warehouse


@pytest.mark.parametrize(
    ("condition", "rows", "scanned"),
    [
        ("TRUE", 90, of_day(*DAYS)),
        ("day = DATE '2019-10-01'", 30, of_day("2019-10-01")),
        ("day BETWEEN DATE '2019-10-02' AND DATE '2019-10-03' AND h = 1", 40, 2 * SIZES["2019-10-01", 1]),
        ("day IN (DATE '2019-10-01', DATE '2019-10-03') AND h + 1 = 1", 20, 2 * SIZES["2019-10-01", 0]),
        ("month(day) = 10 AND day_of_month(day) = 3", 30, of_day("2019-10-03")),
        ("CAST(day AS varchar) LIKE '%-02'", 30, of_day("2019-10-02")),
        ("id = 3 AND (day = DATE '2019-10-01' OR h = 1)", 4, of_hour(1) + SIZES["2019-10-01", 0]),
        ("id = 15 OR h = 0", 33, of_day(*DAYS)),
        ("day > DATE '2020-01-01'", 0, 0),
    ],
)
def test_only_the_files_of_the_partitions_asked_for_are_read(
    parts: Any, condition: str, rows: int, scanned: int
) -> None:
    execution = parts.succeed(f"SELECT count(*) FROM parts WHERE {condition}")
    assert execution["Statistics"]["DataScannedInBytes"] == scanned
    assert parts.rows(f"SELECT count(*) FROM parts WHERE {condition}") == [[str(rows)]]


@pytest.mark.parametrize(
    ("sql", "rows", "scanned"),
    [
        (
            "WITH x AS (SELECT day, count(*) AS n FROM parts GROUP BY day) "
            "SELECT n FROM x WHERE day = DATE '2019-10-02'",
            [["30"]],
            of_day("2019-10-02"),
        ),
        ("SELECT count(*) FROM (SELECT h * 2 AS hh FROM parts) WHERE hh = 2", [["60"]], of_hour(1)),
        (
            "SELECT count(*) FROM (SELECT * FROM parts UNION ALL SELECT * FROM parts) WHERE h = 0",
            [["60"]],
            of_hour(0),
        ),
        (
            "SELECT count(*) FROM parts a JOIN parts b ON a.id = b.id AND b.h = 0 AND b.day = DATE '2019-10-01' "
            "WHERE a.h = 0 AND a.day = DATE '2019-10-02'",
            [["10"]],
            SIZES["2019-10-01", 0] + SIZES["2019-10-02", 0],
        ),
        (
            # What an outer join leaves empty must not be taken for a NULL of the table.
            "SELECT count(*) FROM (SELECT 1000 AS id) a LEFT JOIN parts b ON a.id = b.id WHERE b.h IS NULL",
            [["1"]],
            of_day(*DAYS),
        ),
        (
            "SELECT count(*) FROM parts WHERE h = 0 AND day = (SELECT max(day) FROM parts)",
            [["10"]],
            of_day(*DAYS),
        ),
        (
            # A window sees the rows of all partitions, whatever is kept of it.
            "SELECT count(*), max(n) FROM (SELECT h, count(*) OVER () AS n FROM parts) WHERE h = 0",
            [["30", "90"]],
            of_day(*DAYS),
        ),
    ],
)
def test_conditions_reach_the_table_through_joins_subqueries_and_unions(
    parts: Any, sql: str, rows: list[list[str]], scanned: int
) -> None:
    assert parts.rows(sql) == rows
    assert parts.bytes_scanned(sql) == scanned


def test_a_parameter_prunes_as_a_literal_does(parts: Any) -> None:
    execution = parts.succeed("SELECT count(*) FROM parts WHERE day = ?", ExecutionParameters=["DATE '2019-10-01'"])
    assert execution["Statistics"]["DataScannedInBytes"] == of_day("2019-10-01")


def test_a_view_prunes_too(parts: Any) -> None:
    parts.succeed("CREATE VIEW late_parts AS SELECT id, day AS d FROM parts WHERE h = 1")
    assert parts.bytes_scanned("SELECT count(*) FROM late_parts WHERE d = DATE '2019-10-03'") == SIZES["2019-10-03", 1]


def test_hidden_columns(parts: Any) -> None:
    row = parts.rows(
        'SELECT DISTINCT "$path", "$file_size", "$partition", "$file_modified_time" > TIMESTAMP \'2020-01-01 00:00:00 '
        "UTC' FROM parts WHERE day = DATE '2019-10-02' AND h = 1"
    )
    folder = "day=2019-10-02/h=1"
    assert row == [[f"{parts.location('parts')}{folder}/a.csv", str(SIZES["2019-10-02", 1]), folder, "true"]]
    assert len(parts.rows("SELECT * FROM parts LIMIT 1")[0]) == 4


def test_the_table_of_partitions(parts: Any) -> None:
    assert parts.rows('SELECT * FROM "parts$partitions" ORDER BY day DESC, h DESC LIMIT 2') == [
        ["2019-10-03", "1"],
        ["2019-10-03", "0"],
    ]
    assert parts.bytes_scanned('SELECT max(day) FROM "parts$partitions"') == 0


def test_hidden_and_empty_files_hold_no_rows(warehouse: Any) -> None:
    for key in ("_SUCCESS", ".a.csv.crc", "_temporary/0/a.csv", "sub/.hidden", "empty.csv"):
        warehouse.put(f"hidden/{key}", "" if key == "empty.csv" else "9\n")
    warehouse.put("hidden/", "")
    warehouse.put("hidden/sub/deeper/a.csv", "1\n")
    warehouse.succeed(f"CREATE EXTERNAL TABLE hidden (id int) LOCATION '{warehouse.location('hidden')}'")
    assert warehouse.rows("SELECT id FROM hidden") == [["1"]]


@pytest.mark.parametrize("place", ["nothing/there/", "hidden_file/a.csv"])
def test_a_location_without_a_folder_of_files_is_an_empty_table(warehouse: Any, place: str) -> None:
    warehouse.put("hidden_file/a.csv", "1\n")
    name = place.partition("/")[0] + "_table"
    warehouse.succeed(f"CREATE EXTERNAL TABLE {name} (id int) LOCATION 's3://{warehouse.bucket}/{place}'")
    assert warehouse.rows(f"SELECT count(*), max(id) FROM {name}") == [["0", None]]


def test_null_partitions_and_special_characters(warehouse: Any) -> None:
    warehouse.succeed(
        "CREATE EXTERNAL TABLE odd (id int) PARTITIONED BY (k string) LOCATION '" + warehouse.location("odd") + "'"
    )
    warehouse.put("odd/k=__HIVE_DEFAULT_PARTITION__/a.csv", "1\n")
    warehouse.put("odd/k=a%2Fb c:é/a.csv", "2\n")
    warehouse.succeed("MSCK REPAIR TABLE odd")
    assert warehouse.rows("SELECT id, k FROM odd ORDER BY id") == [["1", None], ["2", "a/b c:é"]]
    assert warehouse.rows("SELECT id FROM odd WHERE k IS NULL") == [["1"]]


def test_a_partition_value_that_does_not_fit_its_key(warehouse: Any) -> None:
    warehouse.put("misfit/n=abc/a.csv", "1\n")
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE misfit (id int) PARTITIONED BY (n int) LOCATION '{warehouse.location('misfit')}'"
    )
    warehouse.succeed("MSCK REPAIR TABLE misfit")
    reason, _ = warehouse.failure("SELECT * FROM misfit")
    assert reason == "HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'abc' for INTEGER partition key: n=abc"


def test_partitions_may_lie_anywhere(warehouse: Any) -> None:
    warehouse.put("elsewhere/x/a.csv", "7\n")
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE anywhere (id int) PARTITIONED BY (k string) LOCATION '{warehouse.location('anywhere')}'"
    )
    warehouse.succeed(f"ALTER TABLE anywhere ADD PARTITION (k='q') LOCATION '{warehouse.location('elsewhere/x')}'")
    assert warehouse.rows("SELECT * FROM anywhere") == [["7", "q"]]


def test_a_partition_whose_columns_cannot_become_the_tables(warehouse: Any) -> None:
    written = io.BytesIO()
    pq.write_table(pa.table({"c": [1.5]}), written)
    warehouse.put("schemas/k=1/a.parquet", written.getvalue())
    warehouse.succeed(
        "CREATE EXTERNAL TABLE schemas (c double) PARTITIONED BY (k string) STORED AS PARQUET "
        f"LOCATION '{warehouse.location('schemas')}'"
    )
    warehouse.succeed("MSCK REPAIR TABLE schemas")
    warehouse.succeed("ALTER TABLE schemas REPLACE COLUMNS (c bigint)")
    reason, error_type = warehouse.failure("SELECT c FROM schemas")
    assert reason == (
        "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition schemas. The types are "
        f"incompatible and cannot be coerced. The column 'c' in table '{warehouse.database}.schemas' is declared as "
        "type 'bigint', but partition 'k=1' declared column 'c' as type 'double'."
    )
    assert error_type == 1100


def test_a_partition_in_another_format_than_its_table(warehouse: Any) -> None:
    warehouse.put("mixed/k=text/a.csv", "1,a\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE mixed (id int, name string) PARTITIONED BY (k string) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{warehouse.location('mixed')}'"
    )
    warehouse.succeed("MSCK REPAIR TABLE mixed")
    warehouse.put("mixed/k=json/a.json", '{"name": "b", "id": 2}\n')
    descriptor = warehouse.table("mixed")["StorageDescriptor"] | {
        "Location": warehouse.location("mixed/k=json"),
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe", "Parameters": {"paths": "id,name"}},
    }
    warehouse.glue.create_partition(
        DatabaseName=warehouse.database,
        TableName="mixed",
        PartitionInput={"Values": ["json"], "StorageDescriptor": descriptor},
    )
    assert warehouse.rows("SELECT * FROM mixed ORDER BY id") == [["1", "a", "text"], ["2", "b", "json"]]
