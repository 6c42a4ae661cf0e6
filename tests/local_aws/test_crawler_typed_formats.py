"""Avro, ORC and Parquet carry their schema; the crawler's table can be queried."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawling import Crawl
from pyarrow import orc

from helpers.local.athena.avro_files import write_table

Make = Callable[..., Crawl]
TABLE = pa.table({"Id": pa.array([1, 2], pa.int32()), "name": ["a", "b"], "amount": [1.5, 2.5], "tags": [["x"], []]})
COLUMNS = {"id": "int", "name": "string", "amount": "double", "tags": "array<string>"}
_HIVE = "org.apache.hadoop.hive"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink)
    return sink.getvalue()


def _orc() -> bytes:
    sink = io.BytesIO()
    orc.write_table(TABLE, sink)
    return sink.getvalue()


def _avro() -> bytes:
    return write_table(TABLE, "snappy")


@pytest.mark.parametrize(
    ("write", "classification", "serde"),
    [
        (_parquet, "parquet", f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe"),
        (_orc, "orc", f"{_HIVE}.ql.io.orc.OrcSerde"),
        (_avro, "avro", f"{_HIVE}.serde2.avro.AvroSerDe"),
    ],
    ids=["parquet", "orc", "avro"],
)
def test_the_schema_is_the_files_own(crawl: Make, write: Callable[[], bytes], classification: str, serde: str) -> None:
    made = crawl({"data/x": write()})
    assert made.run()["Status"] == "SUCCEEDED"
    table = made.table()
    assert made.columns() == COLUMNS
    assert table["Parameters"]["classification"] == classification
    assert table["Parameters"]["compressionType"] == "none"
    assert table["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == serde
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["serialization.format"] == "1"


def test_the_rows_of_parquet_are_counted(crawl: Make) -> None:
    made = crawl({"data/x": _parquet()})
    made.run()
    assert made.table()["Parameters"]["recordCount"] == "2"


def test_the_schema_of_avro_is_kept_word_for_word(crawl: Make) -> None:
    made = crawl({"data/x.avro": _avro()})
    made.run()
    table = made.table()
    literal = table["Parameters"]["avro.schema.literal"]
    assert [field["name"] for field in json.loads(literal)["fields"]] == ["Id", "name", "amount", "tags"]
    assert table["StorageDescriptor"]["SerdeInfo"]["Parameters"]["avro.schema.literal"] == literal


@pytest.mark.parametrize("magic", [b"PAR1", b"ORC", b"Obj\x01"])
def test_a_file_that_only_begins_like_one_is_unknown(crawl: Make, magic: bytes) -> None:
    made = crawl({"data/x": magic + b"\x00\x01\x02"})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.table()["Parameters"]["classification"] == "UNKNOWN"
