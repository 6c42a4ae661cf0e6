"""What a crawler makes a table of, Athena can query, with the values that the files hold."""

from __future__ import annotations

import bz2
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from crawling import Crawl
from pyarrow import orc

from helpers.local.athena.avro_files import write_table

Make = Callable[..., Crawl]
TABLE = pa.table({"id": pa.array([1, 2], pa.int64()), "name": ["ann", "bob"], "amount": [1.5, -2.25]})
VALUES = [[1, "ann", 1.5], [2, "bob", -2.25]]
CSV = "id,name,amount\n1,ann,1.5\n2,bob,-2.25\n"
JSON = "".join(f"{json.dumps(row)}\n" for row in TABLE.to_pylist())


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.fixture
def query(wr: Any) -> Callable[[Crawl, str], list[list[Any]]]:
    """Run a query over what was crawled and return its rows."""

    def run(made: Crawl, sql: str) -> list[list[Any]]:
        frame = wr.athena.read_sql_query(
            sql, database=made.database, ctas_approach=False, s3_output=f"s3://{made.bucket}/results/"
        )
        rows: list[list[Any]] = frame.astype(object).to_numpy().tolist()
        return rows

    return run


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(TABLE, sink)
    return sink.getvalue()


def _orc() -> bytes:
    sink = io.BytesIO()
    orc.write_table(TABLE, sink)
    return sink.getvalue()


def _zstd(text: str) -> bytes:
    return bytes(pa.Codec("zstd").compress(text.encode()))


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("x.csv", CSV),
        ("x.csv.gz", gzip.compress(CSV.encode())),
        ("x.csv.bz2", bz2.compress(CSV.encode())),
        ("x.csv.zst", _zstd(CSV)),
        ("x.psv", CSV.replace(",", "|")),
        ("x.tsv", CSV.replace(",", "\t")),
        ("x.ssv", CSV.replace(",", ";")),
        ("x.txt", CSV.replace(",", "\x01")),
        ("x.json", JSON),
        ("x.json.gz", gzip.compress(JSON.encode())),
        ("x.parquet", _parquet()),
        ("x.orc", _orc()),
        ("x.avro", write_table(TABLE, "deflate")),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("x.") else "",
)
def test_every_format_is_queried_with_its_values(
    crawl: Make, query: Callable[[Crawl, str], list[list[Any]]], key: str, body: bytes | str
) -> None:
    made = crawl({f"data/{key}": body})
    assert made.run()["Status"] == "SUCCEEDED"
    assert query(made, "SELECT id, name, amount FROM data ORDER BY id") == VALUES


def test_partitions_are_columns_of_text(crawl: Make, query: Callable[[Crawl, str], list[list[Any]]]) -> None:
    made = crawl({"data/day=1/a.csv": CSV, "data/day=02/a.csv": CSV})
    made.run()
    sql = "SELECT day, sum(amount) FROM data GROUP BY day ORDER BY day"
    assert query(made, sql) == [["02", -0.75], ["1", -0.75]]


def test_partitions_with_columns_of_their_own(crawl: Make, query: Callable[[Crawl, str], list[list[Any]]]) -> None:
    made = crawl({"data/day=1/a.csv": CSV})
    made.run()
    made.put({"data/day=2/a.csv": "id,name,amount,note\n3,cid,4,new\n"})
    made.run()
    assert query(made, "SELECT id, note FROM data WHERE day = '2'") == [[3, "new"]]
    assert query(made, "SELECT count(*) FROM data WHERE note IS NULL") == [[2]]


def test_nested_json(crawl: Make, query: Callable[[Crawl, str], list[list[Any]]]) -> None:
    made = crawl({"data/x.json": '{"Id": 1, "in": {"a": "s", "n": [1, 2]}}\n{"Id": 2, "in": {"a": "t", "n": [3]}}\n'})
    made.run()
    sql = 'SELECT id, "in".a, cardinality("in".n) FROM data ORDER BY id'
    assert query(made, sql) == [[1, "s", 2], [2, "t", 1]]


def test_a_table_of_one_object_has_no_rows(crawl: Make, query: Callable[[Crawl, str], list[list[Any]]]) -> None:
    # Athena's locations are folders: https://docs.aws.amazon.com/athena/latest/ug/tables-location-format.html
    made = crawl({"data/one.csv": CSV, "data/two.csv": CSV}, path="s3://{bucket}/data/one.csv")
    made.run()
    assert made.table()["StorageDescriptor"]["Location"] == f"s3://{made.bucket}/data/one.csv"
    assert query(made, "SELECT count(*) FROM one_csv") == [[0]]
