"""Bucketed tables: rows lie where Hive's hash puts them, and a query reads only the buckets that it needs."""

from __future__ import annotations

import string
import uuid
from typing import Any

import pandas as pd
import pytest

from helpers.local.athena.bucketing import text_hash

ROWS = "SELECT * FROM UNNEST(sequence(-20, 20)) AS t(number)"
# An expression for each bucket column, and some of its values.
COLUMNS = {
    "number": ("CAST(number AS integer)", "0", "5", "-7"),
    "big": ("CAST(number AS bigint) * 4294967296", "0", "4294967296", "-4294967296"),
    "name": ("'n' || CAST(number AS varchar)", "'n0'", "'n17'", "'n-3'"),
    "day": (
        "date_add('day', number, DATE '1970-01-01')",
        "DATE '1970-01-01'",
        "DATE '1970-01-18'",
        "DATE '1969-12-30'",
    ),
    "odd": ("number % 2 = 1", "true", "false", "true"),
}


@pytest.fixture(scope="module")
def bucketed(warehouse: Any) -> Any:
    """Tables of the same rows, each with buckets by another column."""
    for name in COLUMNS:
        listed = ", ".join(f"{expression} AS {other}" for other, (expression, *_) in COLUMNS.items())
        warehouse.succeed(
            f"CREATE TABLE by_{name} WITH (format = 'TEXTFILE', write_compression = 'NONE', bucket_count = 3, "
            f"bucketed_by = ARRAY['{name}']) AS SELECT {listed} FROM ({ROWS})"
        )
    return warehouse


@pytest.mark.parametrize("name", list(COLUMNS))
def test_every_value_is_found_in_fewer_bytes(bucketed: Any, name: str) -> None:
    everything = bucketed.bytes_scanned(f"SELECT * FROM by_{name}")
    for value in COLUMNS[name][1:]:
        condition = f"WHERE {name} = {value}"
        expected = bucketed.rows(f"SELECT count(*) FROM by_{name} WHERE NOT ({name} <> {value})")
        assert bucketed.rows(f"SELECT count(*) FROM by_{name} {condition}") == expected
        assert expected != [["0"]]
        assert 0 < bucketed.bytes_scanned(f"SELECT * FROM by_{name} {condition}") < everything


def test_conditions_that_need_more_buckets(bucketed: Any) -> None:
    everything = bucketed.bytes_scanned("SELECT * FROM by_number")
    two = bucketed.bytes_scanned("SELECT * FROM by_number WHERE number IN (0, 1, 3)")
    assert 0 < two < everything
    for condition in ("number IN (0, 1, 2)", "number > 3", "number = 1 OR name = 'n0'", "number + 0 = 1"):
        assert bucketed.bytes_scanned(f"SELECT * FROM by_number WHERE {condition}") == everything
    assert bucketed.bytes_scanned("SELECT * FROM by_number WHERE number = 1 AND number = 2") == 0
    joined = "SELECT count(*) FROM by_number a JOIN by_number b ON a.name = b.name WHERE a.number = 1 AND b.number = 1"
    assert bucketed.rows(joined) == [["1"]]


def test_the_bucket_is_in_the_name_of_the_file(bucketed: Any) -> None:
    location = bucketed.table("by_number")["StorageDescriptor"]["Location"]
    found = bucketed.keys(location.removeprefix(f"s3://{bucketed.bucket}/"))
    keys = sorted(found, key=lambda key: key.rpartition("_")[2])
    assert [key.rpartition("_")[2] for key in keys] == ["bucket-00000", "bucket-00001", "bucket-00002"]
    path = 'SELECT DISTINCT "$path" FROM by_number WHERE number IN (1, 4)'
    assert bucketed.rows(path) == [[f"s3://{bucketed.bucket}/{keys[1]}"]]


@pytest.mark.parametrize(
    ("data", "value", "buckets", "saving"),
    [
        (list(range(1000)), 0, 10, 10),
        ([string.ascii_letters[number % 10] for number in range(1000)], "a", 10, 9.9),
        ([bool(number % 2) for number in range(1000)], True, 2, 2.1),
    ],
)
def test_buckets_that_awswrangler_wrote(wr: Any, lake: Any, data: Any, value: Any, buckets: int, saving: float) -> None:
    name = f"t_{uuid.uuid4().hex[:8]}"
    target = {"database": lake.database, "table": name, "path": lake.path(name), "dataset": True, "mode": "overwrite"}
    scanned, frames = [], []
    for more in ({}, {"bucketing_info": (["c0"], buckets)}):
        wr.s3.to_csv(pd.DataFrame({"c0": data}), **target, **more, index=False)
        sql = f"SELECT c0 FROM {name} WHERE c0 = :c0"
        frame = wr.athena.read_sql_query(
            sql, lake.database, params={"c0": value}, ctas_approach=False, s3_output=lake.path("out")
        )
        scanned.append(frame.query_metadata["Statistics"]["DataScannedInBytes"])
        frames.append(frame)
    assert frames[0].equals(frames[1])
    assert scanned[0] >= scanned[1] * saving > 0


def test_several_bucket_columns(wr: Any, lake: Any) -> None:
    name = f"t_{uuid.uuid4().hex[:8]}"
    frame = pd.DataFrame(
        {
            "c0": range(1000),
            "c1": [string.ascii_letters[number % 10] for number in range(1000)],
            "c2": [bool(number % 2) for number in range(1000)],
        }
    )
    target = {"database": lake.database, "table": name, "path": lake.path(name), "dataset": True, "mode": "overwrite"}
    scanned = []
    for more in ({}, {"bucketing_info": (["c0", "c1", "c2"], 10)}):
        wr.s3.to_csv(frame, **target, **more, index=False)
        sql = f"SELECT c0 FROM {name} WHERE c0 = 0 AND c1 = 'a' AND c2 = FALSE"
        found = wr.athena.read_sql_query(sql, lake.database, ctas_approach=False, s3_output=lake.path("out"))
        assert found["c0"].tolist() == [0]
        scanned.append(found.query_metadata["Statistics"]["DataScannedInBytes"])
    assert 0 < scanned[1] * 3 < scanned[0]


def test_files_without_numbers_are_all_read(warehouse: Any) -> None:
    for number in range(2):
        warehouse.put(f"unnumbered/{number}.csv", f"{number}\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE unnumbered (a int) CLUSTERED BY (a) INTO 2 BUCKETS ROW FORMAT DELIMITED "
        f"FIELDS TERMINATED BY ',' LOCATION '{warehouse.location('unnumbered')}'"
    )
    assert warehouse.rows("SELECT a FROM unnumbered WHERE a = 1") == [["1"]]
    assert warehouse.bytes_scanned("SELECT a FROM unnumbered WHERE a = 1") == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("a", 97), ("ab", 97 * 31 + 98), ("é", 2**32 - 61 * 31 - 87), ("zzzzzzz", 215481018)],
)
def test_hash_of_texts(text: str, expected: int) -> None:
    assert text_hash(text) == expected
