"""Parquet and ORC tables: columns by name, types as far as they go together."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import orc


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written, **options)
    return written.getvalue()


def parquet_table(warehouse: Any, name: str, columns: str, *files: bytes) -> None:
    for number, body in enumerate(files):
        warehouse.put(f"{name}/{number}.parquet", body)
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} ({columns}) STORED AS PARQUET LOCATION '{warehouse.location(name)}'"
    )


def test_columns_go_by_name_in_any_case_and_missing_ones_are_null(warehouse: Any) -> None:
    first = parquet({"Id": pa.array([1], pa.int32()), "x": [1.5], "dropped": ["z"]})
    second = parquet({"x": pa.array([2.5], pa.float32()), "id": pa.array([2], pa.int64()), "added": ["new"]})
    parquet_table(warehouse, "by_name", "id bigint, x double, added string", first, second)
    assert warehouse.rows("SELECT * FROM by_name ORDER BY id") == [["1", "1.5", None], ["2", "2.5", "new"]]


def test_every_type(warehouse: Any) -> None:
    moment = datetime(2019, 10, 1, 12, 30, 0, 123000)
    body = parquet(
        {
            "d": pa.array([Decimal("12345678901234567890.12")], pa.decimal128(30, 2)),
            "day": [date(2019, 10, 1)],
            "ts": pa.array([moment], pa.timestamp("ns")),
            "b": [b"\x00\xff"],
            "ok": [True],
            "big": [2**63 - 1],
            "a": [[1, None]],
            "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
            "s": [{"X": 1, "y": {"z": "deep"}}],
        }
    )
    kinds = "d decimal(30,2), day date, ts timestamp, b binary, ok boolean, big bigint, a array<bigint>, "
    parquet_table(warehouse, "kinds", kinds + "m map<string,bigint>, s struct<y:struct<z:string>,x:bigint>", body)
    assert warehouse.rows("SELECT * FROM kinds") == [
        [
            "12345678901234567890.12",
            "2019-10-01",
            "2019-10-01 12:30:00.123",
            "00 ff",
            "true",
            "9223372036854775807",
            "[1, null]",
            "{k=1}",
            "{y={z=deep}, x=1}",
        ]
    ]


def test_a_column_that_holds_nothing_fits_every_type(warehouse: Any) -> None:
    body = parquet({"n": pa.nulls(1), "t": pa.nulls(1), "words": pa.array(["x"]).dictionary_encode()})
    parquet_table(warehouse, "nothing", "n int, t array<string>, words string", body)
    assert warehouse.rows("SELECT * FROM nothing") == [[None, None, "x"]]
    assert warehouse.rows("SELECT b, c FROM nothing AS renamed (a, b, c)") == [[None, "x"]]


def test_old_timestamps(warehouse: Any) -> None:
    body = parquet({"ts": [datetime(2019, 10, 1, 12, 30)]}, use_deprecated_int96_timestamps=True)
    parquet_table(warehouse, "int96", "ts timestamp", body)
    assert warehouse.rows("SELECT ts FROM int96") == [["2019-10-01 12:30:00.000"]]


@pytest.mark.parametrize(
    ("stored", "physical", "declared"),
    [(["x"], "BINARY", "int"), ([1], "INT64", "string"), ([1], "INT64", "double"), ([1.5], "DOUBLE", "bigint")],
)
def test_types_that_do_not_go_together_are_named(
    warehouse: Any, stored: list[Any], physical: str, declared: str
) -> None:
    name = f"mismatch_{physical.lower()}_{declared}"
    parquet_table(warehouse, name, f"c {declared}, other string", parquet({"c": stored, "other": ["fine"]}))
    reason = (
        f"HIVE_BAD_DATA: Field c's type {physical} in parquet file {warehouse.location(name)}0.parquet is incompatible "
        f"with type {declared} defined in table schema"
    )
    assert warehouse.failure(f"SELECT c FROM {name}") == (reason, 1100)
    assert warehouse.rows(f"SELECT other FROM {name}") == [["fine"]]


def test_a_file_that_is_no_parquet(warehouse: Any) -> None:
    parquet_table(warehouse, "no_parquet", "a int", b"a,b\n1,2\n")
    reason, error_type = warehouse.failure("SELECT * FROM no_parquet")
    assert reason.startswith("HIVE_BAD_DATA: Not valid Parquet file: s3://")
    assert error_type == 1100


def test_orc_reads_only_the_columns_asked_for(warehouse: Any) -> None:
    sink = io.BytesIO()
    rows = 20_000
    names = [f"name {number % 977}" for number in range(rows)]
    orc.write_table(pa.table({"Id": list(range(rows)), "name": names, "day": [date(2020, 1, 1)] * rows}), sink)
    warehouse.put("orcs/a.orc", sink.getvalue())
    warehouse.succeed(
        "CREATE EXTERNAL TABLE orcs (id bigint, name string, day date, missing int) STORED AS ORC "
        f"LOCATION '{warehouse.location('orcs')}'"
    )
    assert warehouse.rows("SELECT * FROM orcs WHERE id = 7") == [["7", "name 7", "2020-01-01", None]]
    assert warehouse.rows("SELECT count(*), sum(id) FROM orcs") == [[str(rows), str(sum(range(rows)))]]
    one, two = (warehouse.bytes_scanned(f"SELECT {c} FROM orcs") for c in ("max(id)", "max(id), max(name)"))
    assert 0 < one < two <= len(sink.getvalue())
    assert warehouse.bytes_scanned("SELECT count(*) FROM orcs") == 0
