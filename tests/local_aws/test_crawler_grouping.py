"""Which folders a crawler takes for partitions of one table, and which for tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from crawling import Crawl, columns_of

Make = Callable[..., Crawl]
ORDERS = "id,name,price\n1,a,1.5\n2,b,2\n"
OTHERS = "x,y\nfoo,1\nbar,2\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.mark.parametrize(("odd", "alike", "tables"), [(1, 3, 1), (3, 7, 10)])
def test_more_than_seventy_percent_of_alike_folders_make_one_table(
    crawl: Make, odd: int, alike: int, tables: int
) -> None:
    files = {f"data/day={day}/a.csv": ORDERS if day < alike else OTHERS for day in range(alike + odd)}
    made = crawl(files)
    made.run()
    assert len(made.tables()) == tables


def test_the_odd_partition_keeps_its_own_schema(crawl: Make) -> None:
    made = crawl({f"data/day={day}/a.csv": OTHERS if day == 2 else ORDERS for day in range(4)})
    made.run()
    assert list(made.columns()) == ["id", "name", "price"]
    odd = made.glue.get_partition(DatabaseName=made.database, TableName="data", PartitionValues=["2"])["Partition"]
    assert list(columns_of(odd)) == ["x", "y"]


def test_named_folders_that_share_some_columns_are_tables(crawl: Make) -> None:
    made = crawl({"data/users/a.csv": "id,name\n1,a\n2,b\n", "data/items/a.csv": ORDERS})
    made.run()
    assert sorted(made.tables()) == ["items", "users"]


def test_named_folders_that_are_alike_are_partitions(crawl: Make) -> None:
    folders = {"table1": ("partition1", "partition2"), "table2": ("partition4", "partition5")}
    made = crawl({f"data/{one}/{two}/file.txt": ORDERS for one, inner in folders.items() for two in inner})
    made.run()
    assert [key["Name"] for key in made.table()["PartitionKeys"]] == ["partition_0", "partition_1"]
    assert ["table1", "partition2"] in made.partitions("data")


def test_dated_folders_are_partitions_even_where_there_is_but_one(crawl: Make) -> None:
    made = crawl({f"data/2019/10/{day}/x.json": '{"a": 1}' for day in ("01", "02")})
    made.run()
    assert made.table()["Name"] == "data"
    assert made.partitions("data") == [["2019", "10", "01"], ["2019", "10", "02"]]


def test_tables_of_one_name_get_a_suffix(crawl: Make) -> None:
    made = crawl({"x/data/a.csv": ORDERS, "y/data/a.json": '{"z": 1}'}, path="s3://{bucket}/")
    made.run()
    assert sorted(made.tables())[0] == "data"
    assert sorted(made.tables())[1].startswith("data_")
    again = sorted(made.tables())
    made.run()
    assert sorted(made.tables()) == again


def test_a_sample_looks_into_the_first_files_of_a_folder_only(crawl: Make) -> None:
    files = {"data/a.csv": ORDERS, "data/b.csv": "id,name,price,note\n1,a,1,x\n", "data/c.json": '{"z": 1}'}
    made = crawl(files, target={"SampleSize": 1})
    made.run()
    assert list(made.columns()) == ["id", "name", "price"]
    assert made.table()["Parameters"]["objectCount"] == "3"


def test_a_path_without_its_scheme(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS}, path="{bucket}/data")
    assert made.run()["Status"] == "SUCCEEDED"
    assert list(made.tables()) == ["data"]
