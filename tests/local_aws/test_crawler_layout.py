"""Folders become tables, or partitions of one, as Glue lays them out."""

from __future__ import annotations

import bz2
import gzip
import io
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawling import Crawl, columns_of

Make = Callable[..., Crawl]
ORDERS = "name,amount\na,1\nb,2\n"
PEOPLE = "first,last,age,town\nann,x,3,rome\nbob,y,4,oslo\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def test_key_value_folders_are_partitions(crawl: Make) -> None:
    made = crawl({"data/day=2019-10-01/a.csv": ORDERS, "data/day=2019-10-02/a.csv": ORDERS})
    made.run()
    table = made.table()
    assert table["Name"] == "data"
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert made.partitions("data") == [["2019-10-01"], ["2019-10-02"]]


def test_two_levels_of_partitions(crawl: Make) -> None:
    made = crawl({f"data/year=2019/month={m}/a.csv": ORDERS for m in (10, 11)})
    made.run()
    assert [key["Name"] for key in made.table()["PartitionKeys"]] == ["year", "month"]
    assert made.partitions("data") == [["2019", "10"], ["2019", "11"]]


def test_alike_folders_without_keys_are_partition_0(crawl: Make) -> None:
    made = crawl({"data/2019/a.csv": ORDERS, "data/2020/a.csv": ORDERS})
    made.run()
    assert [key["Name"] for key in made.table()["PartitionKeys"]] == ["partition_0"]
    assert made.partitions("data") == [["2019"], ["2020"]]


def test_folders_of_another_schema_are_tables_of_their_own(crawl: Make) -> None:
    made = crawl({"data/orders/a.csv": ORDERS, "data/people/a.csv": PEOPLE}, TablePrefix="raw_")
    made.run()
    assert sorted(made.tables()) == ["raw_orders", "raw_people"]
    assert list(columns_of(made.tables()["raw_people"])) == ["first", "last", "age", "town"]


def test_files_of_another_schema_side_by_side_are_tables_by_their_names(crawl: Make) -> None:
    made = crawl({"data/orders.csv": ORDERS, "data/My People.csv": PEOPLE})
    made.run()
    assert sorted(made.tables()) == ["my_people_csv", "orders_csv"]


def test_one_object_as_the_target(crawl: Make) -> None:
    made = crawl({"data/orders.csv": ORDERS, "data/people.csv": PEOPLE}, path="s3://{bucket}/data/orders.csv")
    made.run()
    assert list(made.tables()) == ["orders_csv"]


def test_a_path_without_a_slash_at_its_end(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS}, path="s3://{bucket}/data")
    made.run()
    assert made.table()["StorageDescriptor"]["Location"] == f"s3://{made.bucket}/data/"


def test_the_root_of_a_bucket_names_the_table_after_it(crawl: Make) -> None:
    made = crawl({"a.csv": ORDERS}, path="s3://{bucket}")
    made.run()
    assert list(made.tables()) == [made.bucket.replace("-", "_")]


@pytest.mark.parametrize(
    ("pattern", "kept"), [("*.tmp", ["day=1", "day=2"]), ("day=2/**", ["day=1"]), ("**/b.csv", ["day=1"])]
)
def test_what_is_excluded(crawl: Make, pattern: str, kept: list[str]) -> None:
    files = {"data/day=1/a.csv": ORDERS, "data/day=2/b.csv": ORDERS, "data/x.tmp": "junk"}
    exclusions = [pattern] if pattern == "*.tmp" else [pattern, "*.tmp"]
    made = crawl(files, target={"Exclusions": exclusions})
    made.run()
    assert made.partitions("data") == [[name.removeprefix("day=")] for name in kept]


def test_hidden_and_empty_files_are_left_out(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS, "data/_SUCCESS": "x", "data/.hidden": "y", "data/empty.csv": ""})
    made.run()
    assert made.table()["Parameters"]["objectCount"] == "1"


def test_parquet_types(crawl: Make) -> None:
    frame = pd.DataFrame({"id": [1], "name": ["a"], "at": pd.to_datetime(["2019-10-01"]), "ok": [True], "x": [1.5]})
    table = pa.Table.from_pandas(frame).append_column("tags", pa.array([["a"]]))
    sink = io.BytesIO()
    pq.write_table(table, sink)
    made = crawl({"data/x.parquet": sink.getvalue()})
    made.run()
    assert made.columns() == {
        "id": "bigint", "name": "string", "at": "timestamp", "ok": "boolean", "x": "double", "tags": "array<string>",
    }  # fmt: skip
    assert made.table()["Parameters"]["classification"] == "parquet"


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2")], ids=["gzip", "bzip2"])
def test_packed_files(crawl: Make, pack: Callable[[bytes], bytes], name: str) -> None:
    made = crawl({"data/x.csv.packed": pack(ORDERS.encode())})
    made.run()
    assert made.columns() == {"name": "string", "amount": "bigint"}
    assert made.table()["Parameters"]["compressionType"] == name


def test_json_lines_types_are_merged_across_records(crawl: Make) -> None:
    first = '{"id": 1, "big": 3000000000, "x": 1, "in": {"a": "s"}, "l": [1], "ok": true}'
    made = crawl({"data/x.json": first + '\n{"id": 2, "x": 2.5, "in": {"b": 2}}\n'})
    made.run()
    assert made.columns() == {
        "id": "int", "big": "bigint", "x": "double", "in": "struct<a:string,b:int>", "l": "array<int>", "ok": "boolean",
    }  # fmt: skip
    serde = made.table()["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.openx.data.jsonserde.JsonSerDe"


def test_a_large_file_is_judged_by_its_head_and_counted_by_its_size(crawl: Make) -> None:
    body = "id,name\n" + "".join(f"{n},abcdefgh\n" for n in range(300_000))
    made = crawl({"data/x.csv": body})
    made.run()
    parameters = made.table()["Parameters"]
    assert parameters["sizeKey"] == str(len(body))
    assert abs(int(parameters["recordCount"]) - 300_000) / 300_000 < 0.3


def test_json_paths_keep_the_keys_as_they_are_written(crawl: Make) -> None:
    made = crawl({"data/x.json": '{"userId": 1, "birthDay": "x"}\n'})
    made.run()
    assert made.columns() == {"userid": "int", "birthday": "string"}
    assert made.table()["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"paths": "birthDay,userId"}
