"""What ListCrawls, metrics and the log tell of crawls that succeeded, failed and were stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import Crawl

LOG_GROUP = "/aws-glue/crawlers"


@pytest.fixture(scope="module")
def made(client: Callable[[str], Any]) -> Crawl:
    """Three crawls: one that succeeded, one that was stopped, one that failed."""
    made = Crawl(client("s3"), client("glue"), {"data/a.csv": "name,amount\na,1\nb,2\n"})
    made.run()
    made.glue.start_crawler(Name=made.name)
    made.glue.stop_crawler(Name=made.name)
    made.wait()
    targets = {"S3Targets": [{"Path": "s3://no-such-bucket-of-ours/x/"}]}
    made.glue.update_crawler(Name=made.name, Targets=targets)
    made.run()
    return made


def crawls(made: Crawl, *filters: tuple[str, str, str]) -> list[dict[str, Any]]:
    wanted = [
        {"FieldName": field, "FilterOperator": operator, "FieldValue": value} for field, operator, value in filters
    ]
    found: list[dict[str, Any]] = made.glue.list_crawls(CrawlerName=made.name, Filters=wanted)["Crawls"]
    return found


def states(made: Crawl, *filters: tuple[str, str, str]) -> list[str]:
    return [crawl["State"] for crawl in crawls(made, *filters)]


def test_the_latest_crawl_comes_first(made: Crawl) -> None:
    assert states(made) == ["FAILED", "STOPPED", "COMPLETED"]


def test_each_crawl_says_when_it_ran_and_where_its_log_is(made: Crawl) -> None:
    for crawl in crawls(made):
        assert crawl["StartTime"] <= crawl["EndTime"]
        assert (crawl["LogGroup"], crawl["LogStream"]) == (LOG_GROUP, made.name)
        assert crawl["MessagePrefix"] == crawl["CrawlId"]


def test_only_a_failed_crawl_has_an_error_message(made: Crawl) -> None:
    failed, stopped, completed = crawls(made)
    assert "no-such-bucket-of-ours" in failed["ErrorMessage"]
    assert "ErrorMessage" not in stopped
    assert "ErrorMessage" not in completed
    assert made.glue.get_crawler(Name=made.name)["Crawler"]["LastCrawl"]["ErrorMessage"] == failed["ErrorMessage"]


@pytest.mark.parametrize(
    ("operator", "found"), [("EQ", ["STOPPED"]), ("NE", ["FAILED", "COMPLETED"])], ids=["equal", "not equal"]
)
def test_a_filter_by_state(made: Crawl, operator: str, found: list[str]) -> None:
    assert states(made, ("STATE", operator, "STOPPED")) == found


def test_a_filter_by_id(made: Crawl) -> None:
    wanted = crawls(made)[1]["CrawlId"]
    assert [crawl["CrawlId"] for crawl in crawls(made, ("CRAWL_ID", "EQ", wanted))] == [wanted]


@pytest.mark.parametrize(
    ("operator", "found"),
    [
        ("GT", ["FAILED"]),
        ("GE", ["FAILED", "STOPPED"]),
        ("LT", ["COMPLETED"]),
        ("LE", ["STOPPED", "COMPLETED"]),
        ("EQ", ["STOPPED"]),
    ],
)
def test_a_filter_by_start_time_is_in_milliseconds(made: Crawl, operator: str, found: list[str]) -> None:
    second = round(crawls(made)[1]["StartTime"].timestamp() * 1000)
    assert states(made, ("START_TIME", operator, str(second))) == found


def test_all_filters_must_fit(made: Crawl) -> None:
    assert states(made, ("STATE", "NE", "FAILED"), ("STATE", "NE", "STOPPED")) == ["COMPLETED"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("STATE", "GT", "FAILED"), "FilterOperator for STATE must be EQ or NE"),
        (("START_TIME", "GT", "yesterday"), "FieldValue yesterday of START_TIME is not a number"),
    ],
)
def test_a_filter_that_cannot_be_compared(made: Crawl, wanted: tuple[str, str, str], message: str) -> None:
    with pytest.raises(ClientError) as error:
        crawls(made, wanted)
    assert error.value.response["Error"] == {"Code": "InvalidInputException", "Message": message}


def test_pages_of_crawls(made: Crawl) -> None:
    first = made.glue.list_crawls(CrawlerName=made.name, MaxResults=2)
    second = made.glue.list_crawls(CrawlerName=made.name, MaxResults=2, NextToken=first["NextToken"])
    assert [crawl["State"] for crawl in first["Crawls"] + second["Crawls"]] == ["FAILED", "STOPPED", "COMPLETED"]
    assert "NextToken" not in second


def test_the_crawls_of_nobody(made: Crawl) -> None:
    with pytest.raises(ClientError) as error:
        made.glue.list_crawls(CrawlerName="nobody")
    assert error.value.response["Error"]["Code"] == "EntityNotFoundException"
    assert error.value.response["Error"]["Message"] == "Crawler entry with name nobody does not exist"


def test_metrics_leave_out_names_that_do_not_exist(made: Crawl) -> None:
    found = made.glue.get_crawler_metrics(CrawlerNameList=[made.name, "nobody"])["CrawlerMetricsList"]
    assert [metrics["CrawlerName"] for metrics in found] == [made.name]
    assert found[0]["MedianRuntimeSeconds"] > 0
    # The last crawl failed, and so it changed nothing.
    assert found[0]["TablesCreated"] == 0


def test_the_lines_of_every_crawl_are_in_its_log(made: Crawl, client: Callable[[str], Any]) -> None:
    events = client("logs").get_log_events(logGroupName=LOG_GROUP, logStreamName=made.name, startFromHead=True)
    lines = [event["message"] for event in events["events"]]
    failed, stopped, completed = crawls(made)

    def of(crawl: dict[str, Any]) -> str:
        return "\n".join(line for line in lines if line.startswith(f"[{crawl['CrawlId']}]"))

    assert f"BENCHMARK : Running Start Crawl for Crawler {made.name}" in of(completed)
    assert f"INFO : 1 tables created in database {made.database}" in of(completed)
    assert "BENCHMARK : Finished writing to Catalog" in of(completed)
    assert "Finished writing to Catalog" not in of(stopped)
    assert f"ERROR : {failed['ErrorMessage']}" in of(failed)
