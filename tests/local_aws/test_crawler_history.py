"""What is left of a crawl: its log, its place in the history; schedules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import Crawl

Make = Callable[..., Crawl]
ORDERS = "name,amount\na,1\nb,2\n"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_the_log_has_the_lines_of_the_crawl(crawl: Make, client: Callable[[str], Any]) -> None:
    made = crawl({"data/a.csv": ORDERS})
    last = made.run()
    found = client("logs").get_log_events(logGroupName=last["LogGroup"], logStreamName=last["LogStream"])["events"]
    lines = [event["message"] for event in found]
    assert all(line.startswith(f"[{last['MessagePrefix']}] ") for line in lines)
    assert lines[0].endswith(f"BENCHMARK : Running Start Crawl for Crawler {made.name}")
    assert lines[-1].endswith("Crawler has finished running and is in state READY")
    assert any(f"1 tables created in database {made.database}" in line for line in lines)


def test_a_failure_is_in_the_log(crawl: Make, client: Callable[[str], Any]) -> None:
    last = crawl({}, path="s3://no-such-bucket-of-ours/x/").run()
    found = client("logs").get_log_events(logGroupName=last["LogGroup"], logStreamName=last["LogStream"])["events"]
    assert f"ERROR : {last['ErrorMessage']}" in found[1]["message"]


def test_the_table_names_the_crawl_that_wrote_it_last(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    first = made.run()
    assert made.table()["Parameters"]["CRAWL_RUN_ID"] == first["MessagePrefix"]
    made.run()
    assert made.table()["Parameters"]["CRAWL_RUN_ID"] == first["MessagePrefix"]


def test_crawls_are_listed_latest_first_and_filtered(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    ids = [made.run()["MessagePrefix"], made.run()["MessagePrefix"]]
    listed = made.glue.list_crawls(CrawlerName=made.name)["Crawls"]
    assert [crawl["CrawlId"] for crawl in listed] == ids[::-1]
    assert listed[0]["EndTime"] >= listed[0]["StartTime"]

    def filtered(field: str, operator: str, value: str) -> list[str]:
        wanted = [{"FieldName": field, "FilterOperator": operator, "FieldValue": value}]
        return [crawl["CrawlId"] for crawl in made.glue.list_crawls(CrawlerName=made.name, Filters=wanted)["Crawls"]]

    assert filtered("CRAWL_ID", "EQ", ids[0]) == ids[:1]
    assert filtered("STATE", "NE", "COMPLETED") == []
    began = str(round(listed[0]["StartTime"].timestamp() * 1000))
    assert filtered("START_TIME", "LT", began) == ids[:1]
    page = made.glue.list_crawls(CrawlerName=made.name, MaxResults=1)
    rest = made.glue.list_crawls(CrawlerName=made.name, MaxResults=1, NextToken=page["NextToken"])
    assert [rest["Crawls"][0]["CrawlId"], "NextToken" in rest] == [ids[0], False]


def test_a_crawl_that_runs_is_in_the_history(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    made.glue.start_crawler(Name=made.name)
    assert [crawl["State"] for crawl in made.glue.list_crawls(CrawlerName=made.name)["Crawls"]] == ["RUNNING"]
    made.wait()


def test_a_crawler_that_is_busy_is_not_changed_in_glues_words(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    made.glue.start_crawler(Name=made.name)
    assert refusal(made.glue.update_crawler, Name=made.name) == (
        "CrawlerRunningException",
        "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.",
    )
    made.wait()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("get_crawler", "Crawler entry with name nobody does not exist"),
        ("start_crawler", "Crawler with name nobody does not exist"),
        ("stop_crawler", "Crawler with name nobody does not exist"),
        ("delete_crawler", "Crawler entry with name nobody does not exist"),
    ],
)
def test_a_crawler_that_does_not_exist(client: Callable[[str], Any], action: str, message: str) -> None:
    assert refusal(getattr(client("glue"), action), Name="nobody") == ("EntityNotFoundException", message)


def test_a_schedule_is_stopped_started_and_taken_away(crawl: Make) -> None:
    made = crawl({}, Schedule="cron(15 12 * * ? *)")
    glue, name = made.glue, made.name
    assert glue.get_crawler(Name=name)["Crawler"]["Schedule"] == {
        "ScheduleExpression": "cron(15 12 * * ? *)",
        "State": "SCHEDULED",
    }
    assert refusal(glue.start_crawler_schedule, CrawlerName=name)[0] == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName=name)
    assert glue.get_crawler(Name=name)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED"
    assert refusal(glue.stop_crawler_schedule, CrawlerName=name)[0] == "SchedulerNotRunningException"
    glue.start_crawler_schedule(CrawlerName=name)
    glue.update_crawler_schedule(CrawlerName=name, Schedule="")
    assert "Schedule" not in glue.get_crawler(Name=name)["Crawler"]
    assert refusal(glue.start_crawler_schedule, CrawlerName=name)[0] == "NoScheduleException"


def test_a_schedule_that_is_no_cron_expression_is_refused(crawl: Make) -> None:
    with pytest.raises(ClientError) as error:
        crawl({}, Schedule="every day")
    assert error.value.response["Error"]["Code"] == "InvalidInputException"
