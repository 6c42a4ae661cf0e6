"""A bucket and a way to run queries on the local Athena."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from event_sources import EventSources
from lambda_functions import Functions

FINAL_STATES = ("SUCCEEDED", "FAILED", "CANCELLED")


class AthenaSession:
    """Athena with a bucket of its own for results."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.api = client("athena")
        self.s3 = client("s3")
        self.bucket = f"athena-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.output = f"s3://{self.bucket}/results/"

    def start(self, sql: str, **arguments: Any) -> str:
        """Start a query whose results go to the session's own folder, and return its id."""
        arguments.setdefault("ResultConfiguration", {"OutputLocation": self.output})
        query_id: str = self.api.start_query_execution(QueryString=sql, **arguments)["QueryExecutionId"]
        return query_id

    def wait(self, query_id: str, seconds: float = 60) -> dict[str, Any]:
        """Return the QueryExecution of a query once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            execution: dict[str, Any] = self.api.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] in FINAL_STATES:
                return execution
            time.sleep(0.01)
        raise AssertionError(f"Query {query_id} has not ended within {seconds} s")

    def run(self, sql: str, **arguments: Any) -> dict[str, Any]:
        """Run a query to its end and return its QueryExecution, whatever the end."""
        return self.wait(self.start(sql, **arguments))

    def succeed(self, sql: str, **arguments: Any) -> dict[str, Any]:
        """Run a query that must succeed and return its QueryExecution."""
        execution = self.run(sql, **arguments)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        return execution

    def rows(self, sql: str, **arguments: Any) -> list[list[str | None]]:
        """Run a query that must succeed and return its rows, without the header of a SELECT."""
        execution = self.succeed(sql, **arguments)
        answer = self.api.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        rows = [[datum.get("VarCharValue") for datum in row["Data"]] for row in answer["ResultSet"]["Rows"]]
        return rows[1:] if execution["StatementType"] == "DML" else rows

    def objects(self) -> list[str]:
        """Return the keys in the session's bucket."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket)
        return [item["Key"] for item in listed.get("Contents", [])]

    def body(self, uri: str) -> bytes:
        """Return the bytes of an object named by an `s3://` URI."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content


@pytest.fixture(scope="module")
def athena(client: Callable[[str], Any]) -> AthenaSession:
    return AthenaSession(client)


@pytest.fixture(scope="module")
def wr(local_aws: str) -> Iterator[Any]:
    """awswrangler, talking to the local AWS and asking for the state of a query without delay."""
    import awswrangler

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", local_aws)
        boto3.setup_default_session(region_name="us-east-1")
        awswrangler.config.athena_query_wait_polling_delay = 0.02
        yield awswrangler
        awswrangler.config.reset()
        boto3.setup_default_session()


class Lake:
    """A Glue database and a bucket."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.database = f"lake_{uuid.uuid4().hex[:10]}"
        self.bucket = self.database.replace("_", "-")
        client("glue").create_database(DatabaseInput={"Name": self.database})
        client("s3").create_bucket(Bucket=self.bucket)

    def path(self, name: str) -> str:
        """Return the folder `name` of the bucket."""
        return f"s3://{self.bucket}/{name}/"


@pytest.fixture(scope="module")
def lake(client: Callable[[str], Any]) -> Lake:
    return Lake(client)


class Warehouse:
    """A database with files in a bucket, and queries on it."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.athena = AthenaSession(client)
        self.glue = client("glue")
        self.s3 = client("s3")
        self.bucket = self.athena.bucket
        self.database = f"warehouse_{uuid.uuid4().hex[:10]}"
        self.glue.create_database(DatabaseInput={"Name": self.database})

    def put(self, key: str, body: bytes | str) -> str:
        """Store an object and return its URI."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body.encode() if isinstance(body, str) else body)
        return f"s3://{self.bucket}/{key}"

    def location(self, folder: str) -> str:
        """Return the `s3://` location of a folder of the bucket."""
        return f"s3://{self.bucket}/{folder}/"

    def keys(self, prefix: str) -> list[str]:
        """Return the keys of the objects under a prefix."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", [])]

    def table(self, name: str) -> dict[str, Any]:
        """Return the Data Catalog's entry of a table."""
        entry: dict[str, Any] = self.glue.get_table(DatabaseName=self.database, Name=name)["Table"]
        return entry

    def run(self, sql: str, **arguments: Any) -> dict[str, Any]:
        """Run a statement to its end, whatever the end, and return its QueryExecution."""
        return self.athena.run(sql, QueryExecutionContext={"Database": self.database}, **arguments)

    def succeed(self, sql: str, **arguments: Any) -> dict[str, Any]:
        """Run a statement that must succeed and return its QueryExecution."""
        return self.athena.succeed(sql, QueryExecutionContext={"Database": self.database}, **arguments)

    def rows(self, sql: str, **arguments: Any) -> list[list[str | None]]:
        """Run a query that must succeed and return its rows as text."""
        return self.athena.rows(sql, QueryExecutionContext={"Database": self.database}, **arguments)

    def lines(self, sql: str) -> list[str]:
        """Run a statement that prints and return its lines."""
        return [row[0] or "" for row in self.rows(sql)]

    def failure(self, sql: str) -> tuple[str, int]:
        """Run a statement that must fail and return the reason and the error type."""
        status = self.run(sql)["Status"]
        assert status["State"] == "FAILED", status
        return status["StateChangeReason"], status["AthenaError"]["ErrorType"]

    def bytes_scanned(self, sql: str) -> int:
        """Run a query that must succeed and return the bytes that it read."""
        scanned: int = self.succeed(sql)["Statistics"]["DataScannedInBytes"]
        return scanned


@pytest.fixture(scope="module")
def warehouse(client: Callable[[str], Any]) -> Warehouse:
    return Warehouse(client)


@pytest.fixture(scope="session")
def kinesis(local_aws: str) -> Any:
    """Kinesis, through a client that does not hide a refusal behind its retries."""
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("kinesis", endpoint_url=local_aws, region_name="us-east-1", config=config)


@pytest.fixture(scope="session")
def shared_client(client: Callable[[str], Any]) -> Callable[[str], Any]:
    """Make a client of a service once for all tests: each takes some hundredths of a second to make."""
    return cache(client)


@pytest.fixture
def sources(shared_client: Callable[[str], Any], tmp_path: Path) -> Iterator[EventSources]:
    """Streams and functions with mappings between them, gone after the test."""
    made = EventSources(shared_client, tmp_path)
    yield made
    made.close()


@pytest.fixture
def functions(shared_client: Callable[[str], Any]) -> Iterator[Functions]:
    """Functions of one module each, gone after the test."""
    made = Functions(shared_client)
    yield made
    made.close()
