"""A crawl while it runs, and what it leaves in the table."""

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


def test_the_table_names_the_crawl_that_wrote_it_last(crawl: Make) -> None:
    made = crawl({"data/a.csv": ORDERS})
    first = made.run()
    assert made.table()["Parameters"]["CRAWL_RUN_ID"] == first["MessagePrefix"]
    made.run()
    assert made.table()["Parameters"]["CRAWL_RUN_ID"] == first["MessagePrefix"]


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
