"""The Glue job makes the same table of what was delivered, however often it runs and wherever it was stopped."""

from __future__ import annotations

import ast
import gzip
import importlib.util
import io
import json
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest

from helpers.settings import find_project_root

SCRIPT = find_project_root() / "src" / "functions" / "stream_to_table.py"


@pytest.fixture(scope="module")
def job() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stream_to_table", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Lake:
    """A bucket with delivered objects, a table, and the job over them."""

    def __init__(self, client: Callable[[str], Any], job: ModuleType) -> None:
        self.s3, self.glue, self.job = client("s3"), client("glue"), job
        name = uuid.uuid4().hex[:12]
        self.options = {
            "bucket": f"lake-{name}",
            "stream_prefix": "stream/",
            "table_prefix": "lake/t/",
            "rejected_prefix": "rejected/",
            "ledger_key": "etl/ledger.json",
            "database": f"lake_{name}",
            "table": "t",
        }
        self.s3.create_bucket(Bucket=self.options["bucket"])
        self.glue.create_database(DatabaseInput={"Name": self.options["database"]})
        storage = {
            "Columns": [{"Name": "user_id", "Type": "bigint"}],
            "Location": f"s3://{self.options['bucket']}/lake/t/",
        }
        keys = [{"Name": "event_date", "Type": "string"}]
        self.glue.create_table(
            DatabaseName=self.options["database"],
            TableInput={"Name": "t", "StorageDescriptor": storage, "PartitionKeys": keys},
        )

    def deliver(self, key: str, *lines: bytes, packed: bool = True) -> None:
        body = b"".join(line + b"\n" for line in lines)
        self.s3.put_object(
            Bucket=self.options["bucket"], Key=f"stream/{key}", Body=gzip.compress(body) if packed else body
        )

    def run(self) -> dict[str, int]:
        done: dict[str, int] = self.job.run(self.s3, self.glue, self.options)
        return done

    def keys(self, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.options["bucket"], Prefix=prefix)
        return [item["Key"] for item in listed.get("Contents", [])]

    def body(self, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=self.options["bucket"], Key=key)["Body"].read()
        return content

    def rows(self) -> list[dict[str, Any]]:
        tables = [pq.read_table(io.BytesIO(self.body(key))) for key in self.keys("lake/t/")]
        return sorted((row for table in tables for row in table.to_pylist()), key=str)

    def days(self) -> list[str]:
        where = {"DatabaseName": self.options["database"], "TableName": "t"}
        return sorted(item["Values"][0] for item in self.glue.get_partitions(**where)["Partitions"])


@pytest.fixture
def lake(client: Callable[[str], Any], job: ModuleType) -> Lake:
    return Lake(client, job)


def event(**changes: Any) -> bytes:
    fields = {
        "event_time": "2019-10-01 00:00:01 UTC",
        "event_type": "view",
        "product_id": "44600062",
        "category_id": "2103807459595387724",
        "category_code": "",
        "brand": "shiseido",
        "price": "35.79",
        "user_id": "541312140",
        "user_session": "72d76fde-8bb3-4e00-8c23-a032dfed738c",
        "txn_timestamp": "2026-11-24T10:00:00.123",
    }
    return json.dumps({key: value for key, value in (fields | changes).items() if value is not ...}).encode()


def test_a_line_becomes_a_typed_row(lake: Lake) -> None:
    lake.deliver("a.gz", event())
    assert lake.run() == {"objects": 1, "redelivered": 0, "rows": 1, "rejected": 0, "ticks": 0}
    [row] = lake.rows()
    assert {name: str(value) for name, value in row.items()} == {
        "event_time": "2019-10-01 00:00:01",
        "event_type": "view",
        "product_id": "44600062",
        "category_id": "2103807459595387724",
        "category_code": "None",
        "brand": "shiseido",
        "price": "35.79",
        "user_id": "541312140",
        "user_session": "72d76fde-8bb3-4e00-8c23-a032dfed738c",
        "txn_timestamp": "2026-11-24 10:00:00.123000",
    }


def test_every_day_has_its_partition(lake: Lake) -> None:
    lake.deliver("a.gz", event(), event(event_time="2019-10-02 23:59:59 UTC"))
    lake.deliver("b.gz", event(event_time="2019-10-02 00:00:00 UTC"))
    lake.run()
    assert lake.days() == ["2019-10-01", "2019-10-02"]
    folders = [key.split("/")[2] for key in lake.keys("lake/t/")]
    assert folders == ["event_date=2019-10-01", "event_date=2019-10-02", "event_date=2019-10-02"]


def test_only_new_objects_are_read(lake: Lake) -> None:
    lake.deliver("a.gz", event())
    lake.run()
    lake.deliver("b.gz", event(user_id="2"))
    assert lake.run()["objects"] == 1
    assert lake.run() == {"objects": 0, "redelivered": 0, "rows": 0, "rejected": 0, "ticks": 0}
    assert len(lake.rows()) == 2


def test_equal_rows_of_an_object_count_and_redelivered_objects_do_not(lake: Lake) -> None:
    lake.deliver("a.gz", event(), event(), event(user_id="2"))
    assert lake.run()["rows"] == 3
    lake.deliver("again.gz", event(), event(), event(user_id="2"))
    done = lake.run()
    assert (done["redelivered"], done["rows"]) == (1, 0)
    assert len(lake.rows()) == 3


def test_a_run_that_is_killed_leaves_nothing_twice(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.deliver("a.gz", event(), event(event_time="2019-10-02 00:00:00 UTC"))
    lake.deliver("b.gz", event(user_id="2"))
    with monkeypatch.context() as patch:
        written = lake.job.write_rows

        def killed(s3: Any, options: Any, digest: str, rows: dict[str, Any]) -> None:
            written(s3, options, digest, dict(list(rows.items())[:1]))
            raise KeyboardInterrupt

        patch.setattr(lake.job, "write_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            lake.run()
    assert len(lake.rows()) == 1, "half of the first object is there"
    assert lake.run()["rows"] == 3
    assert len(lake.rows()) == 3
    lake.s3.delete_object(Bucket=lake.options["bucket"], Key=lake.options["ledger_key"])
    assert lake.run()["rows"] == 3, "without its ledger the job reads everything again"
    assert len(lake.rows()) == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (event(price=...), "without price"),
        (event(event_type="like"), "event_type 'like' is not one of"),
        (event(event_time="2019-02-30 00:00:00 UTC"), "event_time '2019-02-30 00:00:00 UTC' is not a time"),
        (event(user_id="12x"), "user_id '12x' is not a 64-bit integer"),
        (event(product_id=str(2**63)), "product_id '9223372036854775808' is not a 64-bit integer"),
        (event(price="free"), "price 'free' is not a number"),
        (event(txn_timestamp="now"), "txn_timestamp 'now' is not a time"),
        (event(brand=["a"]), "brand is neither text nor number"),
    ],
)
def test_a_line_that_is_no_event_is_set_aside(lake: Lake, line: bytes, reason: str) -> None:
    lake.deliver("a.gz", event(), line, event())
    done = lake.run()
    assert (done["rows"], done["rejected"]) == (2, 1)
    [key] = lake.keys("rejected/")
    found = json.loads(lake.body(key))
    assert found["content"].encode() == line
    assert found["reason"].startswith(reason)
    assert (found["object"], found["line"]) == ("stream/a.gz", 2)


def test_an_unreadable_object_is_set_aside_whole(lake: Lake) -> None:
    lake.s3.put_object(Bucket=lake.options["bucket"], Key="stream/a.gz", Body=b"\x1f\x8bnot gzip")
    assert lake.run()["rejected"] == 1
    [key] = lake.keys("rejected/")
    assert json.loads(lake.body(key))["reason"].startswith("not readable as gzip")


def test_ticks_are_no_rows(lake: Lake) -> None:
    lake.deliver("a", event(event_type="tick", price="0.00"), event(), packed=False)
    done = lake.run()
    assert (done["rows"], done["ticks"], done["rejected"]) == (1, 1, 0)


def test_the_script_is_python_that_glue_runs() -> None:
    """Glue's Python shell has Python 3.9."""
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 9))
