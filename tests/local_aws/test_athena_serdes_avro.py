"""Avro tables: what Athena writes it reads back, and files of other writers by their schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from helpers.local.athena import avro_files
from helpers.local.athena.avro_decoding import Input
from helpers.local.athena.avro_encoding import encoder, number

EVERYTHING = (
    "SELECT CAST(1 AS tinyint) AS tiny, 2147483647 AS whole, -9223372036854775807 AS big, REAL '1.5' AS r, "
    "2.5E0 AS d, true AS ok, 'ünï' AS t, X'00ff' AS b, DATE '1969-12-31' AS day, "
    "TIMESTAMP '1969-12-31 23:59:59.999' AS ts, CAST('-12345678901234567890.12' AS decimal(30,2)) AS price, "
    "ARRAY['a', null] AS a, MAP(ARRAY['k'], ARRAY[1]) AS m, CAST(ROW(1, ROW('x')) AS ROW(n int, s ROW(t varchar))) AS s"
)
VALUES = [
    "1", "2147483647", "-9223372036854775807", "1.5", "2.5", "true", "ünï", "00 ff", "1969-12-31",
    "1969-12-31 23:59:59.999", "-12345678901234567890.12", "[a, null]", "{k=1}", "{n=1, s={t=x}}",
]  # fmt: skip


@pytest.mark.parametrize("codec", ["deflate", "snappy", "zstd", "bzip2", "none"])
def test_every_type_comes_back(warehouse: Any, codec: str) -> None:
    name = f"avro_{codec}"
    nothing = ", ".join(["null"] * len(VALUES))
    warehouse.succeed(
        f"CREATE TABLE {name} WITH (format = 'AVRO', write_compression = '{codec}', "
        f"external_location = '{warehouse.location(name)}') AS {EVERYTHING} UNION ALL SELECT {nothing}"
    )
    rows = warehouse.rows(f"SELECT * FROM {name} ORDER BY ok")
    assert rows == [VALUES, [None] * len(VALUES)]
    (key,) = warehouse.keys(f"{name}/")
    content = warehouse.s3.get_object(Bucket=warehouse.bucket, Key=key)["Body"].read()
    assert content.startswith(b"Obj\x01")
    written = {"zstd": b"zstandard", "none": b"null"}.get(codec, codec.encode())
    assert b"avro.codec" + number(len(written)) + written in content


def test_the_catalog_says_avro(warehouse: Any) -> None:
    warehouse.succeed("CREATE TABLE avro_entry WITH (format = 'AVRO') AS SELECT 1 AS a")
    entry = warehouse.table("avro_entry")
    assert entry["Parameters"]["avro.compression"] == "DEFLATE"
    descriptor = entry["StorageDescriptor"]
    assert descriptor["SerdeInfo"]["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
    assert descriptor["InputFormat"] == "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat"


def test_insert_and_unload(warehouse: Any) -> None:
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE avro_in (a int, b string) STORED AS AVRO LOCATION '{warehouse.location('avro_in')}'"
    )
    warehouse.succeed("INSERT INTO avro_in VALUES (1, 'x')")
    warehouse.succeed("INSERT INTO avro_in SELECT 2, CAST(null AS varchar)")
    assert warehouse.rows("SELECT * FROM avro_in ORDER BY a") == [["1", "x"], ["2", None]]
    warehouse.succeed(f"UNLOAD (SELECT * FROM avro_in) TO '{warehouse.location('avro_out')}' WITH (format = 'AVRO')")
    (key,) = warehouse.keys("avro_out/")
    content = warehouse.s3.get_object(Bucket=warehouse.bucket, Key=key)["Body"].read()
    assert sorted(avro_files.read_table(content).to_pylist(), key=lambda row: row["a"]) == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": None},
    ]


def test_the_whole_file_is_scanned_whatever_is_asked(warehouse: Any) -> None:
    content = avro_files.write_table(pa.table({"a": list(range(5000)), "b": ["text"] * 5000}), "null")
    warehouse.put("avro_scan/a.avro", content)
    warehouse.succeed(
        "CREATE EXTERNAL TABLE avro_scan (B string, a bigint, missing int) STORED AS AVRO "
        f"LOCATION '{warehouse.location('avro_scan')}'"
    )
    assert warehouse.rows("SELECT count(*), sum(a), max(b), max(missing) FROM avro_scan") == [
        ["5000", str(sum(range(5000))), "text", None]
    ]
    for wanted in ("count(*)", "max(b)", "max(a), max(b)"):
        assert warehouse.bytes_scanned(f"SELECT {wanted} FROM avro_scan") == len(content)


def test_a_file_that_is_no_avro(warehouse: Any) -> None:
    warehouse.put("no_avro/a.avro", b"a,b\n1,2\n")
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE no_avro (a int) STORED AS AVRO LOCATION '{warehouse.location('no_avro')}'"
    )
    reason, error_type = warehouse.failure("SELECT * FROM no_avro")
    file = f"{warehouse.location('no_avro')}a.avro"
    assert reason == f"HIVE_BAD_DATA: Error reading Avro file {file}: Not an Avro data file"
    assert error_type == 1100


def test_a_compression_that_avro_has_not(warehouse: Any) -> None:
    reason, _ = warehouse.failure(
        "CREATE TABLE avro_lz4 WITH (format = 'AVRO', write_compression = 'LZ4') AS SELECT 1 a"
    )
    assert reason == "NOT_SUPPORTED: AVRO with LZ4 is not available in the local Athena"


def test_map_keys_that_are_no_texts(warehouse: Any) -> None:
    reason, _ = warehouse.failure("CREATE TABLE avro_map WITH (format = 'AVRO') AS SELECT MAP(ARRAY[1], ARRAY[2]) AS m")
    assert reason == "HIVE_WRITER_OPEN_ERROR: Failed to write Avro: Map keys of type int32"


def file_of(schema: dict[str, Any], *blocks: tuple[int, bytes]) -> bytes:
    """Return an uncompressed file, as another writer would make it: no codec named, the header's size given."""
    text = json.dumps(schema).encode()
    entry = number(len("avro.schema")) + b"avro.schema" + number(len(text)) + text
    sync = b"0123456789abcdef"
    content = b"Obj\x01" + number(-1) + number(len(entry)) + entry + number(0) + sync
    return content + b"".join(number(rows) + number(len(body)) + body + sync for rows, body in blocks)


def record(*fields: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": "com.example.Event",
        "fields": [{"name": f"c{number}", "type": kind} for number, kind in enumerate(fields)],
    }


def test_kinds_that_only_other_writers_use() -> None:
    colour = {"type": "enum", "name": "com.example.Colour", "symbols": ["RED", "BLUE"]}
    pair = {"type": "fixed", "name": "Pair", "size": 2}
    price = {"type": "fixed", "name": "Price", "size": 3, "logicalType": "decimal", "precision": 5, "scale": 2}
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    schema = record(
        colour, "Colour", pair, {"type": price}, ["int", "double", "null"], micros, {"type": "array", "items": "int"}
    )
    body = b"".join(
        [
            number(1), number(0), b"\x01\x02", (-12345).to_bytes(3, "big", signed=True), number(0), number(7),
            number(1_500_000), number(-2), number(2), number(1), number(2), number(1), number(3), number(0),
        ]
    )  # fmt: skip
    content = file_of(schema, (1, body))
    (row,) = avro_files.read_table(content).to_pylist()
    assert (row["c0"], row["c1"], row["c2"], row["c3"]) == ("BLUE", "RED", b"\x01\x02", Decimal("-123.45"))
    assert (row["c4"], row["c5"].isoformat(), row["c6"]) == (7.0, "1970-01-01T00:00:01.500000", [1, 2, 3])
    assert avro_files.read_schema(content).field("c4").type == pa.float64()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "Unexpected end of file"),
        (b"Obj\x01", "index out of bounds on dimension 1"),
        (file_of(record("int"))[:-4], "Unexpected end of file"),
        (file_of(record("int"), (1, number(1)))[:-1] + b"?", "Invalid sync!"),
        (file_of(record("int"), (2, number(1))), "index out of bounds on dimension 1"),
        (file_of(record("Unknown")), "Undefined name: Unknown"),
        (file_of(record(["int", "string"])), "Union of 2 types"),
        (file_of({"type": "array", "items": "int"}), "The schema is no record"),
    ],
)
def test_bytes_that_are_no_avro(content: bytes, complaint: str) -> None:
    with pytest.raises(avro_files.AvroError, match=complaint.replace("!", "").replace("?", "")):
        avro_files.read_table(content)


@pytest.mark.parametrize("value", [0, -1, 1, 63, -64, 64, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)])
def test_numbers_come_back(value: int) -> None:
    assert Input(number(value)).long() == value


def test_types_that_avro_has_not() -> None:
    with pytest.raises(ValueError, match="Type time64"):
        encoder(pa.time64("us"))
