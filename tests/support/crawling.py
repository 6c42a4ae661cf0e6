"""Put files into a bucket of their own, crawl them, and look at the tables that come of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

ROLE = "arn:aws:iam::000000000000:role/crawler"


class Crawl:
    """One bucket, one database and one crawler over them, new for each test."""

    def __init__(self, s3: Any, glue: Any, files: Mapping[str, bytes | str], **settings: Any) -> None:
        self.s3, self.glue = s3, glue
        name = uuid.uuid4().hex[:12]
        self.bucket, self.database, self.name = f"crawl-{name}", f"db_{name}", f"crawler-{name}"
        s3.create_bucket(Bucket=self.bucket)
        glue.create_database(DatabaseInput={"Name": self.database})
        self.put(files)
        self.define(**settings)

    def put(self, files: Mapping[str, bytes | str]) -> None:
        for key, content in files.items():
            body = content.encode() if isinstance(content, str) else content
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def define(self, path: str | None = None, **settings: Any) -> None:
        target = {"Path": f"s3://{self.bucket}/data/" if path is None else path.format(bucket=self.bucket)}
        target |= settings.pop("target", {})
        self.glue.create_crawler(
            Name=self.name, Role=ROLE, DatabaseName=self.database, Targets={"S3Targets": [target]}, **settings
        )

    def run(self) -> dict[str, Any]:
        """Crawl once and return LastCrawl."""
        self.glue.start_crawler(Name=self.name)
        return self.wait()

    def wait(self) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            crawler = self.glue.get_crawler(Name=self.name)["Crawler"]
            if crawler["State"] == "READY":
                last: dict[str, Any] = crawler["LastCrawl"]
                return last
            time.sleep(0.05)
        raise AssertionError("the crawler does not become READY")

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the database's tables by name."""
        found = self.glue.get_tables(DatabaseName=self.database)["TableList"]
        return {table["Name"]: table for table in found}

    def table(self) -> dict[str, Any]:
        """Return the one table."""
        tables = self.tables()
        assert len(tables) == 1, sorted(tables)
        return next(iter(tables.values()))

    def columns(self) -> dict[str, str]:
        return columns_of(self.table())

    def partitions(self, table: str) -> list[list[str]]:
        found = self.glue.get_partitions(DatabaseName=self.database, TableName=table)["Partitions"]
        return sorted(partition["Values"] for partition in found)


def columns_of(table: Mapping[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
