"""UNLOAD: the rows of a query as files, without a table.

https://docs.aws.amazon.com/athena/latest/ug/unload.html
"""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow import orc

QUERY = "SELECT * FROM (VALUES (1, 'a', DATE '2019-10-01'), (2, NULL, DATE '2019-10-02')) AS t(id, name, day)"
ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": None}]


def unloaded(warehouse: Any, folder: str, options: str, query: str = QUERY) -> list[bytes]:
    """Unload a query and return the bodies of the files."""
    execution = warehouse.succeed(f"UNLOAD ({query}) TO '{warehouse.location(folder)}' WITH ({options})")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DML", "UNLOAD")
    keys = warehouse.keys(f"{folder}/")
    manifest = warehouse.athena.body(execution["Statistics"]["DataManifestLocation"]).decode().splitlines()
    assert sorted(manifest) == [f"s3://{warehouse.bucket}/{key}" for key in keys]
    return [warehouse.s3.get_object(Bucket=warehouse.bucket, Key=key)["Body"].read() for key in keys]


@pytest.mark.parametrize("compression", ["GZIP", "SNAPPY", "ZSTD"])
def test_parquet(warehouse: Any, compression: str) -> None:
    (body,) = unloaded(warehouse, f"parquet_{compression}", f"format = 'PARQUET', compression = '{compression}'")
    table = pq.read_table(io.BytesIO(body))
    assert table.select(["id", "name"]).to_pylist() == ROWS
    assert pq.ParquetFile(io.BytesIO(body)).metadata.row_group(0).column(0).compression == compression


def test_orc(warehouse: Any) -> None:
    (body,) = unloaded(warehouse, "orc", "format = 'ORC'")
    assert orc.ORCFile(io.BytesIO(body)).read(columns=["id", "name"]).to_pylist() == ROWS


def test_json(warehouse: Any) -> None:
    (body,) = unloaded(warehouse, "json", "format = 'JSON'")
    assert gzip.decompress(body) == (
        b'{"id":1,"name":"a","day":"2019-10-01"}\n{"id":2,"name":null,"day":"2019-10-02"}\n'
    )


def test_text(warehouse: Any) -> None:
    (body,) = unloaded(warehouse, "text", "format = 'TEXTFILE', field_delimiter = ',', compression = 'none'")
    assert body == b"1,a,2019-10-01\n2,\\N,2019-10-02\n"


def test_partitions(warehouse: Any) -> None:
    bodies = unloaded(warehouse, "parts", "format = 'TEXTFILE', compression = 'NONE', partitioned_by = ARRAY['day']")
    assert bodies == [b"1\x01a\n", b"2\x01\\N\n"]
    folders = [key.split("/")[1] for key in warehouse.keys("parts/")]
    assert folders == ["day=2019-10-01", "day=2019-10-02"]


def test_no_rows_leave_no_files(warehouse: Any) -> None:
    assert unloaded(warehouse, "nothing", "format = 'PARQUET'", f"{QUERY} WHERE id > 5") == []


def test_parameters(warehouse: Any) -> None:
    execution = warehouse.succeed(
        f"UNLOAD ({QUERY} WHERE id = ?) TO '{warehouse.location('with_parameter')}' WITH (format = 'TEXTFILE')",
        ExecutionParameters=["2"],
    )
    answer = warehouse.athena.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    assert answer["UpdateCount"] == 1


def test_a_target_that_is_not_empty(warehouse: Any) -> None:
    warehouse.put("full/a.txt", "x")
    statement = f"UNLOAD ({QUERY}) TO '{warehouse.location('full')}' WITH (format = 'PARQUET')"
    assert warehouse.failure(statement)[0].startswith("HIVE_PATH_ALREADY_EXISTS: Target directory for table 'unload' ")
    assert warehouse.keys("full/") == ["full/a.txt"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("format = 'XML'", "INVALID_TABLE_PROPERTY: line 1:1: Invalid value for 'format' property: XML"),
        ("format = 'PARQUET', colour = 'red'", "INVALID_TABLE_PROPERTY: line 1:1: Property 'colour' is not supported"),
        (
            "format = 'PARQUET', partitioned_by = ARRAY['id']",
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last",
        ),
    ],
)
def test_options_that_make_no_files(warehouse: Any, options: str, reason: str) -> None:
    statement = f"UNLOAD ({QUERY}) TO '{warehouse.location('refused')}' WITH ({options})"
    assert warehouse.failure(statement)[0].startswith(reason)
    assert warehouse.keys("refused/") == []
