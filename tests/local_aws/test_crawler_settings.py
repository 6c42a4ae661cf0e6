"""A crawler's settings: what is kept and filled in, changed, listed by pages and tags, scheduled, refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import ROLE

TARGETS = {"S3Targets": [{"Path": "s3://some-bucket/data/"}]}
DAILY = "cron(15 12 * * ? *)"


@pytest.fixture(scope="module")
def glue(client: Callable[[str], Any]) -> Any:
    return client("glue")


@pytest.fixture
def make(glue: Any) -> Iterator[Callable[..., str]]:
    names: list[str] = []

    def create(**settings: Any) -> str:
        name = f"crawler-{uuid.uuid4().hex[:10]}"
        glue.create_crawler(**{"Name": name, "Role": ROLE, "DatabaseName": "d", "Targets": TARGETS, **settings})
        names.append(name)
        return name

    yield create
    for name in names:
        glue.delete_crawler(Name=name)


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Return the code and the message of a request that must be refused."""
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_what_is_not_given_is_filled_in(glue: Any, make: Callable[..., str]) -> None:
    crawler = glue.get_crawler(Name=make())["Crawler"]
    assert crawler["SchemaChangePolicy"] == {
        "UpdateBehavior": "UPDATE_IN_DATABASE",
        "DeleteBehavior": "DEPRECATE_IN_DATABASE",
    }
    assert crawler["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    assert crawler["LineageConfiguration"] == {"CrawlerLineageSettings": "DISABLE"}
    assert (crawler["Classifiers"], crawler["CrawlElapsedTime"], crawler["Version"]) == ([], 0, 1)
    assert crawler["CreationTime"] == crawler["LastUpdated"]
    assert "Schedule" not in crawler


def test_what_is_given_is_kept(glue: Any, make: Callable[..., str]) -> None:
    given: dict[str, Any] = {
        "Description": "of sales",
        "TablePrefix": "raw_",
        "Configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 2}}',
        "SchemaChangePolicy": {"UpdateBehavior": "LOG", "DeleteBehavior": "DELETE_FROM_DATABASE"},
        "Targets": {"S3Targets": [{"Path": "s3://some-bucket/a/", "Exclusions": ["*.tmp"], "SampleSize": 3}]},
    }
    crawler = glue.get_crawler(Name=make(**given))["Crawler"]
    assert {key: crawler[key] for key in given if key != "Targets"} == {
        key: value for key, value in given.items() if key != "Targets"
    }
    assert crawler["Targets"]["S3Targets"] == given["Targets"]["S3Targets"]


def test_an_update_changes_only_what_it_names(glue: Any, make: Callable[..., str]) -> None:
    name = make(Description="one", TablePrefix="raw_")
    glue.update_crawler(Name=name, Description="two")
    crawler = glue.get_crawler(Name=name)["Crawler"]
    assert (crawler["Description"], crawler["TablePrefix"], crawler["Version"]) == ("two", "raw_", 2)
    assert crawler["LastUpdated"] >= crawler["CreationTime"]


@pytest.mark.parametrize(
    ("action", "argument", "message"),
    [
        ("get_crawler", "Name", "Crawler entry with name nobody does not exist"),
        ("update_crawler", "Name", "Crawler entry with name nobody does not exist"),
        ("delete_crawler", "Name", "Crawler entry with name nobody does not exist"),
        ("start_crawler", "Name", "Crawler with name nobody does not exist"),
        ("stop_crawler", "Name", "Crawler with name nobody does not exist"),
        ("start_crawler_schedule", "CrawlerName", "Crawler entry with name nobody does not exist"),
        ("stop_crawler_schedule", "CrawlerName", "Crawler entry with name nobody does not exist"),
        ("update_crawler_schedule", "CrawlerName", "Crawler entry with name nobody does not exist"),
    ],
)
def test_a_crawler_that_does_not_exist(glue: Any, action: str, argument: str, message: str) -> None:
    assert refused(getattr(glue, action), **{argument: "nobody"}) == ("EntityNotFoundException", message)


def test_a_name_that_is_taken(glue: Any, make: Callable[..., str]) -> None:
    name = make()
    found = refused(glue.create_crawler, Name=name, Role=ROLE, Targets=TARGETS)
    assert found == ("AlreadyExistsException", f"Crawler with name {name} already exists")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Targets": {}}, "Crawler must have at least one target"),
        ({"Targets": {"S3Targets": [{"Path": " "}]}}, "S3 target path cannot be empty"),
        ({"Schedule": "every day"}, "Invalid schedule expression: every day"),
        ({"Configuration": "[]"}, "Crawler configuration must be a JSON object"),
        ({"Configuration": '{"Colour": 1}'}, "Configuration contains unsupported keys: Colour."),
        (
            {"Configuration": '{"Grouping": {"TableLevelConfiguration": 0}}'},
            "Grouping.TableLevelConfiguration must be a positive integer",
        ),
        (
            {"Configuration": '{"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "Overwrite"}}}'},
            "CrawlerOutput.Tables.AddOrUpdateBehavior must be one of: MergeNewColumns",
        ),
    ],
)
def test_settings_that_are_refused(glue: Any, make: Callable[..., str], settings: dict[str, Any], message: str) -> None:
    assert refused(make, **settings) == ("InvalidInputException", message)
    name = make()
    assert refused(glue.update_crawler, Name=name, **settings) == ("InvalidInputException", message)
    assert glue.get_crawler(Name=name)["Crawler"]["Version"] == 1


def test_crawlers_are_listed_by_tags(glue: Any, make: Callable[..., str]) -> None:
    team = uuid.uuid4().hex
    one, other = make(Tags={"team": team, "stage": "test"}), make(Tags={"team": team})
    assert glue.list_crawlers(Tags={"team": team})["CrawlerNames"] == sorted([one, other])
    assert glue.list_crawlers(Tags={"team": team, "stage": "test"})["CrawlerNames"] == [one]
    arn = f"arn:aws:glue:us-east-1:000000000000:crawler/{one}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"team": team, "stage": "test"}


def test_crawlers_are_listed_by_pages(glue: Any, make: Callable[..., str]) -> None:
    team = uuid.uuid4().hex
    names = sorted(make(Tags={"team": team}) for _ in range(3))
    first = glue.list_crawlers(Tags={"team": team}, MaxResults=2)
    assert first["CrawlerNames"] == names[:2]
    second = glue.list_crawlers(Tags={"team": team}, MaxResults=2, NextToken=first["NextToken"])
    assert second["CrawlerNames"] == names[2:]
    assert "NextToken" not in second
    pages = glue.get_paginator("get_crawlers").paginate(PaginationConfig={"PageSize": 1})
    assert set(names) <= {crawler["Name"] for page in pages for crawler in page["Crawlers"]}


def test_a_schedule_is_kept_stopped_started_and_taken_away(glue: Any, make: Callable[..., str]) -> None:
    name = make(Schedule=DAILY)

    def schedule() -> dict[str, str] | None:
        found: dict[str, str] | None = glue.get_crawler(Name=name)["Crawler"].get("Schedule")
        return found

    assert schedule() == {"ScheduleExpression": DAILY, "State": "SCHEDULED"}
    assert refused(glue.start_crawler_schedule, CrawlerName=name)[0] == "SchedulerRunningException"
    glue.stop_crawler_schedule(CrawlerName=name)
    assert schedule() == {"ScheduleExpression": DAILY, "State": "NOT_SCHEDULED"}
    assert refused(glue.stop_crawler_schedule, CrawlerName=name)[0] == "SchedulerNotRunningException"
    glue.start_crawler_schedule(CrawlerName=name)
    assert schedule() == {"ScheduleExpression": DAILY, "State": "SCHEDULED"}
    glue.update_crawler_schedule(CrawlerName=name, Schedule="")
    assert schedule() is None
    found = refused(glue.start_crawler_schedule, CrawlerName=name)
    assert found == ("NoScheduleException", f"Crawler with name {name} has no schedule")
