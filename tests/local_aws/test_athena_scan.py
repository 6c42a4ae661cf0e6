"""Bytes scanned: what a query really reads of S3, and the limit on it."""

from __future__ import annotations

import io
import time
import uuid
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROWS = 50_000
GROUP = 10_000


@pytest.fixture(scope="module")
def events(warehouse: Any) -> pq.FileMetaData:
    """A Parquet table and a CSV table of the same rows; the metadata of the Parquet file."""
    numbers = list(range(ROWS))
    table = pa.table(
        {
            "id": numbers,
            "price": [number * 1.25 for number in numbers],
            "name": [uuid.UUID(int=number * 7919**9 % 2**128).hex for number in numbers],
        }
    )
    written = io.BytesIO()
    pq.write_table(table, written, row_group_size=GROUP)
    warehouse.put("parquet/a.parquet", written.getvalue())
    warehouse.put("csv/a.csv", "".join(f"{n},{n * 1.25},{name}\n" for n, name in zip(*_columns(table), strict=True)))
    columns = "id bigint, price double, name string"
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE parquet_events ({columns}) STORED AS PARQUET LOCATION '{warehouse.location('parquet')}'"
    )
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE csv_events ({columns}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{warehouse.location('csv')}'"
    )
    return pq.ParquetFile(written).metadata


def _columns(table: pa.Table) -> tuple[list[int], list[str]]:
    return table.column("id").to_pylist(), table.column("name").to_pylist()


def chunk_bytes(metadata: pq.FileMetaData, column: str, groups: range) -> int:
    place = [metadata.row_group(0).column(n).path_in_schema for n in range(metadata.num_columns)].index(column)
    return sum(metadata.row_group(group).column(place).total_compressed_size for group in groups)


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("count(*)", []),
        ("sum(price)", ["price"]),
        ("max(name)", ["name"]),
        ("sum(price), count(DISTINCT id)", ["price", "id"]),
        ("count_if(id > 5 AND name <> 'x')", ["id", "name"]),
    ],
)
def test_of_parquet_only_the_columns_asked_for(
    warehouse: Any, events: pq.FileMetaData, expression: str, columns: list[str]
) -> None:
    scanned = warehouse.bytes_scanned(f"SELECT {expression} FROM parquet_events")
    assert scanned == sum(chunk_bytes(events, column, range(events.num_row_groups)) for column in columns)


def test_of_parquet_only_the_row_groups_that_can_match(warehouse: Any, events: pq.FileMetaData) -> None:
    scanned = warehouse.bytes_scanned(f"SELECT id FROM parquet_events WHERE id BETWEEN {GROUP} AND {GROUP + 5}")
    assert scanned == chunk_bytes(events, "id", range(1, 2))
    assert warehouse.bytes_scanned(f"SELECT id FROM parquet_events WHERE id > {ROWS}") == 0


def test_of_csv_every_byte_whatever_the_columns(warehouse: Any, events: pq.FileMetaData) -> None:
    size = warehouse.s3.head_object(Bucket=warehouse.bucket, Key="csv/a.csv")["ContentLength"]
    assert warehouse.bytes_scanned("SELECT sum(price) FROM csv_events") == size
    assert warehouse.bytes_scanned("SELECT count(*) FROM csv_events") == size


def test_both_formats_give_the_same_answers(warehouse: Any, events: pq.FileMetaData) -> None:
    query = "SELECT count(*), sum(id), max(price), min(name), count(DISTINCT name) FROM {}_events"
    assert warehouse.rows(query.format("csv")) == warehouse.rows(query.format("parquet"))


def test_a_query_without_tables_scans_nothing(warehouse: Any) -> None:
    assert warehouse.bytes_scanned("SELECT 1") == 0


def test_a_limit_stops_early(warehouse: Any) -> None:
    line = f"1,{'x' * 990}\n"
    warehouse.put("large/a.csv", line * 40_000)
    warehouse.succeed(
        "CREATE EXTERNAL TABLE large (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{warehouse.location('large')}'"
    )
    assert 0 < warehouse.bytes_scanned("SELECT id FROM large LIMIT 3") < 40_000 * len(line)


def test_the_limit_of_a_workgroup_cancels_what_reads_more(warehouse: Any) -> None:
    limit = 10_000_000
    warehouse.put("limited/a.csv", "1,x\n" * 1000)
    warehouse.put("unlimited/a.csv", ("1," + "y" * 97 + "\n") * 110_000)
    for name in ("limited", "unlimited"):
        warehouse.succeed(
            f"CREATE EXTERNAL TABLE {name} (id int, name string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
            f"LOCATION '{warehouse.location(name)}'"
        )
    workgroup = f"limited_{uuid.uuid4().hex[:8]}"
    warehouse.athena.api.create_work_group(
        Name=workgroup,
        Configuration={
            "BytesScannedCutoffPerQuery": limit,
            "ResultConfiguration": {"OutputLocation": warehouse.athena.output},
        },
    )
    below = warehouse.run("SELECT count(*) FROM limited", WorkGroup=workgroup)
    assert below["Status"]["State"] == "SUCCEEDED"
    above = warehouse.run("SELECT count(*) FROM unlimited", WorkGroup=workgroup)
    assert above["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in above["Status"]["StateChangeReason"]


def test_a_running_query_can_be_stopped(warehouse: Any) -> None:
    query_id = warehouse.athena.start(
        "SELECT count(*) FROM unnest(sequence(1, 50000)) AS a(x), unnest(sequence(1, 50000)) AS b(y), "
        "unnest(sequence(1, 50000)) AS c(z) WHERE (x * y + z) % 7 = 3"
    )
    while (
        warehouse.athena.api.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
        == "QUEUED"
    ):
        time.sleep(0.01)
    warehouse.athena.api.stop_query_execution(QueryExecutionId=query_id)
    assert warehouse.athena.wait(query_id)["Status"]["State"] == "CANCELLED"
    assert warehouse.rows("SELECT 1") == [["1"]]
