"""Crawlers over tables that are in the Data Catalog already: kept up to date, never made."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import ROLE, Crawl

Make = Callable[..., Crawl]
LOG_DELETES = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    """Crawl S3 once, and let the crawler of that name crawl the table that came of it from then on."""

    def make(files: dict[str, str]) -> Crawl:
        made = Crawl(client("s3"), client("glue"), files)
        made.run()
        made.glue.delete_crawler(Name=made.name)
        made.glue.create_crawler(
            Name=made.name,
            Role=ROLE,
            Targets={"CatalogTargets": [{"DatabaseName": made.database, "Tables": ["data"]}]},
            SchemaChangePolicy=LOG_DELETES,
        )
        return made

    return make


def test_new_columns_and_partitions_come_into_the_table(crawl: Make) -> None:
    made = crawl({"data/day=1/a.csv": "name,amount\na,1\nb,2\n"})
    made.put({"data/day=2/a.csv": "name,amount,note\nc,1.5,x\nd,2,y\n", "other/a.csv": "x,y\n1,2\n"})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.columns() == {"name": "string", "amount": "double", "note": "string"}
    assert made.partitions("data") == [["1"], ["2"]]
    metrics = made.glue.get_crawler_metrics(CrawlerNameList=[made.name])["CrawlerMetricsList"][0]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"], metrics["TablesDeleted"]) == (0, 1, 0)


def test_no_table_is_made_of_files_that_do_not_go_together(crawl: Make) -> None:
    made = crawl({"data/a.csv": "name,amount\na,1\nb,2\n"})
    made.put({"data/b.json": '{"z": 1}\n'})
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.columns() == {"name": "string", "amount": "bigint"}


def test_a_table_whose_files_are_gone_stays_as_it_is(crawl: Make) -> None:
    made = crawl({"data/a.csv": "name,amount\na,1\nb,2\n"})
    before = made.table()
    made.s3.delete_object(Bucket=made.bucket, Key="data/a.csv")
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.table() == before


def test_a_table_that_does_not_exist_fails_the_crawl(crawl: Make) -> None:
    made = crawl({"data/a.csv": "name,amount\na,1\nb,2\n"})
    made.glue.delete_table(DatabaseName=made.database, Name="data")
    last = made.run()
    assert last["Status"] == "FAILED"
    assert "EntityNotFoundException" in last["ErrorMessage"]


@pytest.mark.parametrize(
    ("targets", "policy", "message"),
    [
        (
            {},
            {"DeleteBehavior": "DELETE_FROM_DATABASE"},
            "The SchemaChangePolicy for Catalog target can have only LOG DeleteBehavior value.",
        ),
        (
            {"S3Targets": [{"Path": "s3://some-bucket/"}]},
            {"DeleteBehavior": "LOG"},
            "CatalogTargets cannot be combined with other target types",
        ),
    ],
    ids=["deletes", "with S3"],
)
def test_settings_that_are_refused(
    client: Callable[[str], Any], targets: dict[str, Any], policy: dict[str, str], message: str
) -> None:
    with pytest.raises(ClientError) as error:
        client("glue").create_crawler(
            Name=uuid.uuid4().hex,
            Role=ROLE,
            Targets={"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}], **targets},
            SchemaChangePolicy=policy,
        )
    assert error.value.response["Error"] == {"Code": "InvalidInputException", "Message": message}


def test_deletions_are_logged_unless_said_otherwise(client: Callable[[str], Any]) -> None:
    name, glue = uuid.uuid4().hex, client("glue")
    glue.create_crawler(Name=name, Role=ROLE, Targets={"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]})
    assert glue.get_crawler(Name=name)["Crawler"]["SchemaChangePolicy"] == LOG_DELETES
    glue.delete_crawler(Name=name)
