"""A crawler's life: started, seen running, stopped, failed, measured, run again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import ROLE, Crawl, columns_of

Make = Callable[..., Crawl]
ORDERS = "name,amount\na,1\nb,2\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_running_crawler_is_seen_and_refuses_a_second_start(crawl: Make) -> None:
    made = crawl({"data/x.csv": ORDERS})
    made.glue.start_crawler(Name=made.name)
    assert made.glue.get_crawler(Name=made.name)["Crawler"]["State"] == "RUNNING"
    with pytest.raises(ClientError) as error:
        made.glue.start_crawler(Name=made.name)
    assert code(error) == "CrawlerRunningException"
    assert error.value.response["Error"]["Message"] == f"Crawler with name {made.name} has already started"
    made.wait()


@pytest.mark.parametrize("action", ["update_crawler", "delete_crawler"])
def test_a_running_crawler_is_not_changed(crawl: Make, action: str) -> None:
    made = crawl({"data/x.csv": ORDERS})
    made.glue.start_crawler(Name=made.name)
    with pytest.raises(ClientError) as error:
        getattr(made.glue, action)(Name=made.name)
    assert code(error) == "CrawlerRunningException"
    made.wait()


def test_a_stopped_crawl_is_cancelled_and_makes_nothing(crawl: Make) -> None:
    made = crawl({"data/x.csv": ORDERS})
    made.glue.start_crawler(Name=made.name)
    made.glue.stop_crawler(Name=made.name)
    assert made.wait()["Status"] == "CANCELLED"
    assert made.tables() == {}


def test_a_crawler_that_does_not_run_cannot_be_stopped(crawl: Make) -> None:
    made = crawl({"data/x.csv": ORDERS})
    with pytest.raises(ClientError) as error:
        made.glue.stop_crawler(Name=made.name)
    assert code(error) == "CrawlerNotRunningException"


def test_last_crawl_metrics_and_history(crawl: Make) -> None:
    made = crawl({"data/x.csv": ORDERS})
    last = made.run()
    assert last["Status"] == "SUCCEEDED"
    assert last["LogGroup"] == "/aws-glue/crawlers"
    assert last["LogStream"] == made.name
    metrics = made.glue.get_crawler_metrics(CrawlerNameList=[made.name])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"], metrics["TablesDeleted"]) == (1, 0, 0)
    assert metrics["LastRuntimeSeconds"] > 0
    assert [c["State"] for c in made.glue.list_crawls(CrawlerName=made.name)["Crawls"]] == ["COMPLETED"]


@pytest.mark.parametrize(
    ("path", "named"), [("s3://no-such-bucket-of-ours/x/", "no-such-bucket-of-ours"), ("http://x/y", "http://x/y")]
)
def test_a_bad_target_fails_the_crawl_with_a_message(crawl: Make, path: str, named: str) -> None:
    last = crawl({}, path=path).run()
    assert last["Status"] == "FAILED"
    assert named in last["ErrorMessage"]


def test_an_empty_target_makes_no_table(crawl: Make) -> None:
    made = crawl({})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.tables() == {}


def test_a_missing_database_is_made(crawl: Make) -> None:
    made = crawl({"data/x.csv": ORDERS})
    made.glue.delete_database(Name=made.database)
    made.run()
    assert list(made.tables()) == ["data"]


def test_a_later_run_adds_columns_at_the_end_and_partitions(crawl: Make) -> None:
    made = crawl({"data/day=1/a.csv": ORDERS})
    made.run()
    made.put({"data/day=2/a.csv": "name,amount,note\nc,3.5,x\n"})
    made.run()
    assert made.columns() == {"name": "string", "amount": "double", "note": "string"}
    assert made.partitions("data") == [["1"], ["2"]]
    metrics = made.glue.get_crawler_metrics(CrawlerNameList=[made.name])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"]) == (0, 1)


def test_an_unchanged_table_gets_no_new_version(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    made.run()
    made.run()
    versions = made.glue.get_table_versions(DatabaseName=made.database, TableName="data")["TableVersions"]
    assert len(versions) == 1


def test_update_behaviour_log_leaves_the_table(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS}, SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    made.run()
    made.put({"data/a.csv": "name,amount,note\nc,3,x\nd,4,y\n"})
    made.run()
    assert list(made.columns()) == ["name", "amount"]


@pytest.mark.parametrize("behaviour", ["LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE"])
def test_what_becomes_of_a_table_whose_files_are_gone(crawl: Make, behaviour: str) -> None:
    made = crawl(
        {"data/orders/a.csv": ORDERS, "data/people/a.csv": "first,last,age\na,b,1\nc,d,2\n"},
        SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour},
    )
    made.run()
    made.s3.delete_object(Bucket=made.bucket, Key="data/people/a.csv")
    made.run()
    tables = made.tables()
    assert ("people" in tables) is (behaviour != "DELETE_FROM_DATABASE")
    if "people" in tables:
        deprecated = "DEPRECATED_BY_CRAWLER" in tables["people"]["Parameters"]
        assert deprecated is (behaviour == "DEPRECATE_IN_DATABASE")


def test_a_name_that_another_place_holds_gets_a_suffix(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    made.glue.create_table(
        DatabaseName=made.database,
        TableInput={"Name": "data", "StorageDescriptor": {"Location": "s3://elsewhere/", "Columns": []}},
    )
    made.run()
    names = sorted(made.tables())
    assert names[0] == "data"
    assert names[1].startswith("data_")
    assert columns_of(made.tables()[names[1]]) == {"name": "string", "amount": "bigint"}


def test_settings_are_kept_changed_listed_and_deleted(crawl: Make) -> None:
    tag = made_tag()
    made = crawl({}, Description="one", Tags={"project": tag})
    crawler = made.glue.get_crawler(Name=made.name)["Crawler"]
    assert (crawler["Version"], crawler["Description"], crawler["State"]) == (1, "one", "READY")
    assert "LastCrawl" not in crawler
    made.glue.update_crawler(Name=made.name, Description="two")
    crawler = made.glue.get_crawler(Name=made.name)["Crawler"]
    assert (crawler["Version"], crawler["Description"]) == (2, "two")
    pages = made.glue.get_paginator("get_crawlers").paginate()
    assert made.name in [each["Name"] for page in pages for each in page["Crawlers"]]
    assert made.name in made.glue.list_crawlers(Tags={"project": tag})["CrawlerNames"]
    assert made.glue.batch_get_crawlers(CrawlerNames=[made.name, "nobody"])["CrawlersNotFound"] == ["nobody"]
    made.glue.delete_crawler(Name=made.name)
    with pytest.raises(ClientError) as error:
        made.glue.get_crawler(Name=made.name)
    assert code(error) == "EntityNotFoundException"


def made_tag() -> str:
    return uuid.uuid4().hex


def test_a_name_that_is_taken(crawl: Make) -> None:
    made = crawl({})
    with pytest.raises(ClientError) as error:
        made.define()
    assert code(error) == "AlreadyExistsException"


def test_a_crawler_without_a_target_is_refused(client: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError) as error:
        client("glue").create_crawler(Name="x", Role=ROLE, DatabaseName="d", Targets={})
    assert code(error) == "InvalidInputException"
