"""The crawler's Configuration and RecrawlPolicy: grouping, table level, what a later crawl may change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import Crawl, columns_of

Make = Callable[..., Crawl]
ORDERS = "name,amount\na,1\nb,2\n"
WIDER = "name,amount,note\nc,3.5,x\n"
LOG = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def configuration(**settings: Any) -> str:
    return json.dumps({"Version": 1.0, **settings})


def partition_columns(made: Crawl, value: str) -> dict[str, str]:
    found = made.glue.get_partition(DatabaseName=made.database, TableName="data", PartitionValues=[value])
    return columns_of(found["Partition"])


UNLIKE = {"data/year=2017/data1.json": '{"A": 1, "B": 2}', "data/year=2018/data2.json": '{"C": 3, "D": 4}'}


def test_folders_of_unlike_schemas_are_tables_named_after_them(crawl: Make) -> None:
    made = crawl(UNLIKE)
    made.run()
    assert sorted(made.tables()) == ["year_2017", "year_2018"]


def test_compatible_schemas_are_combined_if_the_crawler_is_told_so(crawl: Make) -> None:
    grouping = configuration(Grouping={"TableGroupingPolicy": "CombineCompatibleSchemas"})
    made = crawl(UNLIKE, Configuration=grouping)
    made.run()
    assert made.columns() == {"a": "int", "b": "int", "c": "int", "d": "int"}
    assert made.table()["PartitionKeys"] == [{"Name": "year", "Type": "string"}]


@pytest.mark.parametrize(("level", "names"), [(2, ["data"]), (3, ["one", "two"]), (4, ["month_1", "month_2"])])
def test_tables_are_made_at_the_level_that_the_crawler_is_told(crawl: Make, level: int, names: list[str]) -> None:
    files = {"data/one/month=1/a.csv": ORDERS, "data/two/month=2/a.csv": ORDERS}
    made = crawl(files, Configuration=configuration(Grouping={"TableLevelConfiguration": level}))
    made.run()
    assert sorted(made.tables()) == names


def test_partitions_keep_schemas_of_their_own(crawl: Make) -> None:
    made = crawl({"data/day=1/a.csv": ORDERS, "data/day=2/a.csv": WIDER})
    made.run()
    assert made.columns() == {"name": "string", "amount": "double", "note": "string"}
    assert partition_columns(made, "1") == {"name": "string", "amount": "bigint"}
    assert partition_columns(made, "2") == {"name": "string", "amount": "double", "note": "string"}


def test_partitions_inherit_from_the_table_old_ones_as_well(crawl: Make) -> None:
    inherit = configuration(CrawlerOutput={"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}})
    made = crawl({"data/day=1/a.csv": ORDERS}, Configuration=inherit)
    made.run()
    made.put({"data/day=2/a.csv": WIDER})
    made.run()
    assert partition_columns(made, "1") == partition_columns(made, "2") == made.columns()
    assert list(made.columns()) == ["name", "amount", "note"]


def test_merge_new_columns_changes_no_type_and_takes_nothing_away(crawl: Make) -> None:
    merge = configuration(CrawlerOutput={"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}})
    made = crawl({"data/a.csv": "name,amount,gone\na,1,2\nb,2,3\n"}, Configuration=merge)
    made.run()
    made.put({"data/a.csv": WIDER})
    made.run()
    assert made.columns() == {"name": "string", "amount": "bigint", "gone": "bigint", "note": "string"}


def test_update_in_database_takes_missing_columns_away(crawl: Make) -> None:
    made = crawl({"data/a.csv": "name,amount,gone\na,1,2\nb,2,3\n"})
    made.run()
    made.put({"data/a.csv": ORDERS})
    made.run()
    assert list(made.columns()) == ["name", "amount"]


@pytest.mark.parametrize(
    ("behaviour", "left"),
    [("LOG", [["1"], ["2"]]), ("DEPRECATE_IN_DATABASE", [["1"], ["2"]]), ("DELETE_FROM_DATABASE", [["1"]])],
)
def test_what_becomes_of_a_partition_whose_folder_is_gone(crawl: Make, behaviour: str, left: list[list[str]]) -> None:
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour}
    made = crawl({"data/day=1/a.csv": ORDERS, "data/day=2/a.csv": ORDERS}, SchemaChangePolicy=policy)
    made.run()
    made.s3.delete_object(Bucket=made.bucket, Key="data/day=2/a.csv")
    made.run()
    assert made.partitions("data") == left


def test_exclusions_are_kept_with_the_table(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS, "data/b.tmp": "x"}, target={"Exclusions": ["*.tmp"]})
    made.run()
    assert json.loads(made.table()["Parameters"]["exclusions"]) == [f"s3://{made.bucket}/data/*.tmp"]


def test_new_folders_only_adds_partitions_but_neither_tables_nor_columns(crawl: Make) -> None:
    recrawl = {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}
    made = crawl({"data/orders/day=1/a.csv": ORDERS}, SchemaChangePolicy=LOG, RecrawlPolicy=recrawl)
    made.run()
    assert list(made.tables()) == ["orders"]
    made.put({"data/orders/day=2/a.csv": ORDERS, "data/people/a.csv": "first,last,age,town\nann,x,3,rome\n"})
    made.run()
    assert list(made.tables()) == ["orders"]
    assert made.partitions("orders") == [["1"], ["2"]]


def test_new_folders_only_wants_log_behaviours(crawl: Make) -> None:
    policy = {**LOG, "DeleteBehavior": "DEPRECATE_IN_DATABASE"}
    with pytest.raises(ClientError) as error:
        crawl({}, RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, SchemaChangePolicy=policy)
    assert error.value.response["Error"] == {
        "Code": "InvalidInputException",
        "Message": (
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        ),
    }


def test_new_folders_only_logs_changes_unless_told_otherwise(crawl: Make) -> None:
    made = crawl({}, RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"})
    assert made.glue.get_crawler(Name=made.name)["Crawler"]["SchemaChangePolicy"] == LOG


def test_new_folders_only_keeps_its_target(crawl: Make) -> None:
    made = crawl({}, SchemaChangePolicy=LOG, RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"})
    with pytest.raises(ClientError) as error:
        made.glue.update_crawler(Name=made.name, Targets={"S3Targets": [{"Path": "s3://another/"}]})
    assert error.value.response["Error"] == {
        "Code": "InvalidInputException",
        "Message": "Amazon S3 target is immutable when Crawl new folders only is selected",
    }


def test_without_a_database_tables_go_to_default(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS}, TablePrefix="alone_")
    made.glue.delete_crawler(Name=made.name)
    path = f"s3://{made.bucket}/data/"
    made.glue.create_crawler(
        Name=made.name, Role="crawler", TablePrefix=f"{made.database}_", Targets={"S3Targets": [{"Path": path}]}
    )
    assert made.run()["Status"] == "SUCCEEDED"
    made.glue.delete_table(DatabaseName="default", Name=f"{made.database}_data")
