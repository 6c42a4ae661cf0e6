"""Text tables as LazySimpleSerDe reads them."""

from __future__ import annotations

import bz2
import gzip
from typing import Any

import pyarrow as pa
import pytest

COLUMNS = "id int, name string, price double, ts timestamp, ok boolean, day date, n bigint"


def csv_table(warehouse: Any, name: str, columns: str, properties: str = "", more: str = "") -> None:
    tail = f" TBLPROPERTIES ({properties})" if properties else ""
    warehouse.succeed(
        f"CREATE EXTERNAL TABLE {name} ({columns}) ROW FORMAT DELIMITED FIELDS TERMINATED BY ','{more} "
        f"LOCATION '{warehouse.location(name)}'{tail}"
    )


def test_what_does_not_parse_is_null_and_quotes_are_plain_characters(warehouse: Any) -> None:
    warehouse.put(
        "lazy/a.csv",
        "id,name,price,ts,ok,day,n\n"
        "1,a,1.5,2019-10-01 00:00:00,true,2019-10-01,5\n"
        '2,"b",x,2019-10-01 00:00:00 UTC,TRUE,2019-13-01,5.5\n'
        "3,,,,,,\n"
        "4\n"
        "5,e,1e3,2019-10-01 10:00:00.123,no,2019-1-2,9223372036854775807,extra,fields\n"
        "\\N,\\N,\\N,\\N,\\N,\\N,\\N\n",
    )
    csv_table(warehouse, "lazy", COLUMNS, "'skip.header.line.count'='1'")
    assert warehouse.rows("SELECT * FROM lazy ORDER BY id NULLS LAST") == [
        ["1", "a", "1.5", "2019-10-01 00:00:00.000", "true", "2019-10-01", "5"],
        ["2", '"b"', None, None, "true", None, None],
        ["3", "", None, None, None, None, None],
        ["4", None, None, None, None, None, None],
        ["5", "e", "1000.0", "2019-10-01 10:00:00.123", None, "2019-01-02", "9223372036854775807"],
        [None] * 7,
    ]


@pytest.mark.parametrize("columns", ["day date, kind string, price double", "price double, day date", "price float"])
def test_what_does_not_parse_is_null_in_whatever_company(warehouse: Any, columns: str) -> None:
    values = {"price": ("1.5", "", "x"), "day": ("2019-10-01", "", "bad"), "kind": ("a", "b", "c")}
    names = [column.split()[0] for column in columns.split(", ")]
    name = "company_" + "_".join(names + columns.split()[-1:])
    lines = (",".join(values[column][row] for column in names) for row in range(3))
    warehouse.put(f"{name}/a.csv", "\n".join(lines) + "\n")
    csv_table(warehouse, name, columns)
    assert warehouse.rows(f"SELECT count(price), sum(price) FROM {name}") == [["1", "1.5"]]
    rows = warehouse.rows(f"SELECT price FROM {name} ORDER BY price NULLS LAST")
    assert rows == [["1.5"], [None], [None]]
    assert len(warehouse.rows(f"SELECT * FROM {name}")) == 3


def test_headers_are_skipped_in_every_file(warehouse: Any) -> None:
    for number in range(3):
        warehouse.put(f"headers/{number}.csv", f"id,name\nunit,text\n{number},x")
    warehouse.put("headers/short.csv", "id,name\n")
    csv_table(warehouse, "headers", "id int, name string", "'skip.header.line.count'='2'")
    assert warehouse.rows("SELECT id FROM headers ORDER BY 1") == [["0"], ["1"], ["2"]]


def test_line_ends_of_windows_and_of_old_macs(warehouse: Any) -> None:
    warehouse.put("ends/a.csv", "1,a\r\n2,b\r\n")
    warehouse.put("ends/b.csv", "3,c\r4,d")
    csv_table(warehouse, "ends", "id int, name string")
    assert warehouse.rows("SELECT * FROM ends ORDER BY id") == [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d"]]


def test_an_empty_line_is_a_row(warehouse: Any) -> None:
    warehouse.put("empty_lines/a.csv", "1,a\n\n2,b\n")
    csv_table(warehouse, "empty_lines", "id int, name string")
    assert warehouse.rows("SELECT * FROM empty_lines ORDER BY id") == [["1", "a"], ["2", "b"], [None, None]]
    warehouse.put("one_column/a.txt", "a\n\nb\n")
    warehouse.succeed(f"CREATE EXTERNAL TABLE one_column (line string) LOCATION '{warehouse.location('one_column')}'")
    assert warehouse.rows("SELECT line FROM one_column ORDER BY 1") == [[""], ["a"], ["b"]]


def test_bytes_that_are_no_utf8_do_not_stop_a_query(warehouse: Any) -> None:
    warehouse.put("latin/a.csv", b"1,caf\xe9\n2,\xc3\xa9\n")
    csv_table(warehouse, "latin", "id int, name string")
    assert warehouse.rows("SELECT * FROM latin ORDER BY id") == [["1", "caf\ufffd"], ["2", "é"]]


def test_escaped_delimiters(warehouse: Any) -> None:
    warehouse.put("escaped/a.csv", "1,a\\,b,x\n2,c\\\\d,y\n")
    csv_table(warehouse, "escaped", "id int, name string, z string", more=" ESCAPED BY '\\\\'")
    assert warehouse.rows("SELECT * FROM escaped ORDER BY id") == [["1", "a,b", "x"], ["2", "c\\d", "y"]]


def test_a_text_of_its_own_for_null(warehouse: Any) -> None:
    warehouse.put("nulls/a.csv", "1,NULL\n2,\\N\n")
    csv_table(warehouse, "nulls", "id int, name string", more=" NULL DEFINED AS 'NULL'")
    assert warehouse.rows("SELECT * FROM nulls ORDER BY id") == [["1", None], ["2", "\\N"]]


def test_nested_values_between_their_own_delimiters(warehouse: Any) -> None:
    warehouse.put("nested/a.txt", "1,x|y|z,k:1|l:2,5|five\n2,,\\N,\\N|six\n")
    csv_table(
        warehouse,
        "nested",
        "id int, a array<string>, m map<string,int>, s struct<n:int,t:string>",
        more=" COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':'",
    )
    assert warehouse.rows("SELECT * FROM nested ORDER BY id") == [
        ["1", "[x, y, z]", "{k=1, l=2}", "{n=5, t=five}"],
        ["2", "[]", None, "{n=null, t=six}"],
    ]
    assert warehouse.rows("SELECT a[2], m['l'], s.t FROM nested WHERE id = 1") == [["y", "2", "five"]]


def hadoop_snappy(text: bytes) -> bytes:
    block = pa.Codec("snappy").compress(text, asbytes=True)
    return len(text).to_bytes(4, "big") + len(block).to_bytes(4, "big") + block


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        ("gz", gzip.compress),
        ("bz2", bz2.compress),
        ("zst", lambda text: pa.Codec("zstd").compress(text, asbytes=True)),
        ("snappy", hadoop_snappy),
    ],
)
def test_compressed_text_counts_its_compressed_bytes(warehouse: Any, suffix: str, compress: Any) -> None:
    text = "".join(f"{number},name {number}\n" for number in range(5000)).encode()
    packed = compress(text)
    warehouse.put(f"packed_{suffix}/a.csv.{suffix}", packed)
    csv_table(warehouse, f"packed_{suffix}", "id int, name string")
    assert warehouse.rows(f"SELECT count(*), sum(id) FROM packed_{suffix}") == [["5000", str(sum(range(5000)))]]
    assert warehouse.bytes_scanned(f"SELECT sum(id) FROM packed_{suffix}") == len(packed) < len(text)


def test_several_members_in_one_gzip(warehouse: Any) -> None:
    warehouse.put("members/a.gz", gzip.compress(b"1,a\n") + gzip.compress(b"2,b\n"))
    csv_table(warehouse, "members", "id int, name string")
    assert warehouse.rows("SELECT * FROM members ORDER BY id") == [["1", "a"], ["2", "b"]]


@pytest.mark.parametrize("body", [b"no gzip at all", gzip.compress(b"1,a\n" * 1000)[:-20]])
def test_a_broken_gzip_is_named(warehouse: Any, body: bytes) -> None:
    name = f"broken_{len(body)}"
    warehouse.put(f"{name}/a.csv.gz", body)
    csv_table(warehouse, name, "id int, name string")
    reason, error_type = warehouse.failure(f"SELECT * FROM {name}")
    assert reason.startswith("HIVE_CURSOR_ERROR: ")
    assert f"{name}/a.csv.gz" in reason
    assert error_type == 1100


def test_a_delimiter_may_be_written_as_its_number(warehouse: Any) -> None:
    warehouse.put("tabs/a.tsv", "1\ta\n2\tb\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE tabs (id int, name string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES ('field.delim'='9') "
        f"LOCATION '{warehouse.location('tabs')}'"
    )
    assert warehouse.rows("SELECT * FROM tabs ORDER BY id") == [["1", "a"], ["2", "b"]]


def test_a_long_line_is_read(warehouse: Any) -> None:
    long = "x" * 3_000_000
    warehouse.put("long/a.csv", f"1,{long}\n2,b\n")
    csv_table(warehouse, "long", "id int, name string")
    assert warehouse.rows("SELECT id, length(name) FROM long ORDER BY id") == [["1", "3000000"], ["2", "1"]]
